import type { Listed, Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { HostileServer } from '@sessionwire/core/testing'
import { repeats } from './failures.ts'

/** An error with everything that hangs on it, as text. */
export const textOf = (value: unknown, depth = 0): string => {
  if (!(value instanceof Error)) return JSON.stringify(value) ?? ''
  return [value.message, value.stack ?? '', depth < 9 ? textOf(value.cause, depth + 1) : ''].join('\n')
}

/** Every text of a session that leaves the library for a person, a log or a disk. */
export const everything = async (tracker: Tracker<Listed>, id: string): Promise<readonly string[]> => {
  const descriptors = await tracker.preview(id)
  const shown = (['curl', 'http', 'graphql', 'text'] as const).map(format => {
    try {
      return tracker.render(descriptors, format)
    } catch (thrown) {
      return textOf(thrown)
    }
  })
  return [
    JSON.stringify(descriptors),
    ...shown,
    JSON.stringify(await tracker.status()),
    JSON.stringify(await tracker.deliveries()),
    await tracker.export(id, 'json'),
    await tracker.export(id, 'markdown'),
    await tracker.export(id, 'context'),
    await tracker.report(id),
  ]
}

/** Longer than any limit looks back, ms. */
const WINDOW_MS = 3_600_000

type Read = Readonly<{ effect: string; example: unknown }>

/**
 * The answers of `check` and `read` about a service that repeats our credential, whatever it is asked; a value that fetch gives is the
 * service's own and left out. Ends with the service as it was.
 */
export const answersOf = async (
  tracker: Tracker,
  adapter: AnyAdapter,
  server: HostileServer,
  pass: (ms: number) => void,
): Promise<readonly string[]> => {
  const reads = Object.entries(adapter.actions as Readonly<Record<string, Read>>).filter(
    ([, { effect }]) => effect === 'read',
  )
  const texts: string[] = []
  for (const status of [200, 400, 401, 500]) {
    repeats(server, status, () => true, Number.POSITIVE_INFINITY)
    pass(WINDOW_MS)
    texts.push(JSON.stringify(await tracker.check(adapter.name)))
    for (const [name, { example }] of reads) {
      pass(WINDOW_MS)
      await tracker.read(adapter.name, name, example as never).catch(thrown => texts.push(textOf(thrown)))
    }
    server.behave()
  }
  return texts
}
