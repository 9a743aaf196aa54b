import { toError } from '../session/errors.ts'
import type { Session } from '../session/session.ts'
import type { Swept } from './calls.ts'
import { createCommand, type RecorderContext } from './context.ts'
import { record } from './record.ts'

type Ends = Readonly<{ crashAfterMs: number; idleAfterMs: number }>

/**
 * Ends sessions without an event for `crashAfterMs` whose writer vanished (crashed), and those without one for
 * `idleAfterMs` whose writer closed its tracker or is alive (abandoned). Sessions of a host are left to what
 * captures it. One that cannot be ended does not stop the rest.
 */
export const sweep = async (
  parts: RecorderContext,
  { crashAfterMs, idleAfterMs }: Ends,
): Promise<readonly Swept[]> => {
  const { store, emitter } = parts
  const now = parts.now()
  const rules = [
    { writers: ['vanished'], end: 'crashed', before: now - crashAfterMs },
    { writers: ['closed', 'living'], end: 'abandoned', before: now - idleAfterMs },
  ] as const
  const swept: Swept[] = []
  for (const { writers, end, before } of rules)
    for (const orphan of await store.orphans(before)) {
      if (!(writers as readonly string[]).includes(orphan.writer)) continue
      const command = createCommand(parts, 'close', orphan.id)
      const make = (session: Session | undefined) =>
        session?.status === 'active' && session.writer !== 'host' && Date.parse(session.lastEventAt) < before
          ? command({ end }, session)
          : undefined
      try {
        const receipt = await record(parts, orphan.id, make, { look: true })
        if (receipt?.recorded === true) swept.push({ sessionId: orphan.id, end })
      } catch (thrown) {
        const error = toError(thrown)
        emitter.emit('error', { error, where: `sweep of ${orphan.id}` })
      }
    }
  return swept
}
