import type { AnyAdapter } from '../adapter/contract.ts'
import type { Read } from '../adapter/plan.ts'
import type { Worker } from '../delivery/worker.ts'
import type { Outcome } from '../descriptor/outcome.ts'
import { actionOf, plainInput } from '../recorder/act.ts'
import { TrackerError } from '../session/errors.ts'
import { checkInput } from '../session/fields.ts'
import { invalidInput } from '../session/message.ts'
import { fieldOf } from '../session/options.ts'
import { faultsOf, words } from '../session/words.ts'

/** Says how a caller gets further after a read that came to nothing. */
const todoOf = (outcome: Outcome): string => {
  if (outcome.kind === 'denied') return 'Check the secret and its permissions.'
  if (outcome.kind === 'rejected') return 'Check the input, and what the credential may see.'
  const { waitMs } = outcome.kind === 'delivered' ? {} : outcome
  return waitMs === undefined ? 'Try again later.' : `Try again in ${Math.ceil(waitMs / 1_000)} s.`
}

/** Runs a read at once, and checks the answer by the read's schema. */
export const readNow = async (
  worker: Worker,
  adapter: AnyAdapter,
  name: string,
  input: unknown,
): Promise<unknown> => {
  const found = actionOf(adapter, name, 'read')
  if (found.effect !== 'read')
    throw invalidInput({
      field: 'read.action',
      problem: `"${name}" of ${adapter.name} writes`,
      todo: 'Use act.',
    })
  const read = found as Read<never, never, unknown>
  const value = checkInput(name, read.input, plainInput(input ?? undefined, 'read.input'))
  const lookup = read.build(value, { key: `read/${adapter.name}/${name}`, config: adapter.config })
  const result = await worker.read(adapter.name, lookup)
  if (!result.ok) {
    const { outcome } = result
    const reason = outcome.kind === 'delivered' ? 'the service answered nothing' : outcome.reason
    const said = `${adapter.name}.${name}: ${reason.replace(/\.$/, '')}.`
    throw new TrackerError('ADAPTER', `${said} ${todoOf(outcome)}`)
  }
  return checkAnswer(read, adapter.name, lookup.list === undefined ? result.value : result.items)
}

type Parsed = Readonly<
  { success: true; data: unknown } | { success: false; error: Parameters<typeof faultsOf>[0] }
>

/** The value of a read's answer; throws `ADAPTER` for one that its schema refuses. */
export const checkAnswer = (
  read: Readonly<{ action: string; output: unknown }>,
  adapter: string,
  value: unknown,
): unknown => {
  const output = read.output as Readonly<{ safeParse: (value: unknown, params: typeof words) => Parsed }>
  const parsed = output.safeParse(value, words)
  if (parsed.success) return parsed.data
  const [[path, problem]] = faultsOf(parsed.error)
  const place = path.length === 0 ? '' : `${fieldOf(path)}: `
  throw new TrackerError('ADAPTER', `${adapter}.${read.action}: unexpected answer: ${place}${problem}.`)
}
