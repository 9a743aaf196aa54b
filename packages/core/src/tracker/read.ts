import type { Read } from '../adapter/action.ts'
import { checked } from '../adapter/action.ts'
import type { AnyAdapter } from '../adapter/contract.ts'
import type { Worker } from '../delivery/worker.ts'
import { actionOf, plainInput } from '../recorder/act.ts'
import { TrackerError } from '../session/errors.ts'
import { faultOf, words } from '../session/words.ts'

/** Runs a read at once, and holds what comes back to its schema. */
export const readNow = async (
  worker: Worker,
  adapter: AnyAdapter,
  name: string,
  input: unknown,
): Promise<unknown> => {
  const found = actionOf(adapter, name, 'read')
  if (found.effect !== 'read')
    throw new TrackerError('INVALID_INPUT', `read.action: "${name}" of ${adapter.name} writes: use act.`, {
      field: 'read.action',
    })
  const read = found as Read<never, never, unknown>
  const value = checked(name, read.input, plainInput(input ?? undefined, 'read.input'))
  const lookup = read.build(value, { key: `read/${adapter.name}/${name}`, config: adapter.config })
  const result = await worker.read(adapter.name, lookup)
  if (!result.ok) {
    const { outcome } = result
    const reason = outcome.kind === 'delivered' ? 'nothing came back' : outcome.reason
    throw new TrackerError('ADAPTER', `${adapter.name}.${name}: ${outcome.kind}: ${reason}`)
  }
  return readAs(read, adapter.name, lookup.list === undefined ? result.value : result.items)
}

type Parsed = Readonly<
  { success: true; data: unknown } | { success: false; error: Parameters<typeof faultOf>[0] }
>

const readAs = (read: Read<never, never, unknown>, adapter: string, value: unknown): unknown => {
  const output = read.output as Readonly<{ safeParse: (value: unknown, params: typeof words) => Parsed }>
  const parsed = output.safeParse(value, words)
  if (parsed.success) return parsed.data
  const [path, problem] = faultOf(parsed.error)
  const place = path.length === 0 ? 'it' : path.join('.')
  // What an answer must be is told as it would be asked for.
  const [, wanted] = /^(?:is missing: )?give (.*)/s.exec(problem) ?? []
  const wrong = wanted === undefined ? `${place}: ${problem}` : `${place} should be ${wanted}`
  throw new TrackerError(
    'ADAPTER',
    `${adapter}.${read.action}: the answer has another shape than expected: ${wrong}.`,
  )
}
