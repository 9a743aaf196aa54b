import type { AnyAdapter } from '../adapter/contract.ts'
import { settingsOf, targetOf } from '../delivery/place.ts'
import { digest, uuidFrom } from '../descriptor/digest.ts'
import { EVENT_VERSION, INIT_LANE, type SessionEvent } from '../session/events.ts'
import type { Json } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import { VERSION } from '../session/version.ts'
import type { RecorderContext } from './context.ts'
import { planEvent } from './planning.ts'
import { announce } from './record.ts'

/** The session argument of an `init` hook, which has no session. */
export const blankSession = (project: string, time: string): Session => ({
  id: INIT_LANE,
  project,
  user: '',
  title: '',
  status: 'active',
  startProgress: 0,
  progress: 0,
  startedAt: time,
  lastEventAt: time,
  refs: {},
  metadata: {},
  revision: 0,
  updates: [],
  decisions: [],
  entities: [],
  blockers: [],
})

const EPOCH = new Date(0).toISOString()

const initEvent = (
  parts: RecorderContext,
  adapter: AnyAdapter,
  id: string,
  sequence: number,
  time: string,
  configuration: string,
) =>
  ({
    id,
    sessionId: INIT_LANE,
    sequence,
    time,
    at: time,
    version: EVENT_VERSION,
    type: 'init',
    payload: { project: parts.project, adapter: adapter.name, configuration, coreVersion: VERSION },
  }) as SessionEvent<'init'>

/** The same as long as configuration, plan and version are: what was set up once is not set up again. */
const seedOf = (parts: RecorderContext, adapter: AnyAdapter, configuration: string): string => {
  const event = initEvent(parts, adapter, 'init', 0, EPOCH, configuration)
  const plan = planEvent(adapter, event, blankSession('', EPOCH)).map(
    ({ action, descriptor, reason = '' }) => ({
      action,
      reason,
      descriptor: (descriptor ?? null) as Json,
    }),
  )
  return digest({ adapter: adapter.name, configuration, plan, version: VERSION })
}

const initOne = async (parts: RecorderContext, adapter: AnyAdapter): Promise<void> => {
  const { store, now } = parts
  const configuration = digest(settingsOf(adapter.config, adapter.secrets))
  const seed = seedOf(parts, adapter, configuration)
  const past = await store.events(INIT_LANE)
  const mine = await store.list({ adapter: adapter.name, lane: INIT_LANE, limit: 100_000 })
  const of = (id: string) => mine.filter(({ key }) => key.startsWith(`${id}/`))
  const time = new Date(now()).toISOString()
  for (let turn = 1; ; turn++) {
    const id = uuidFrom(`init/${seed}/${turn}`)
    const stored = past.some(event => event.id === id)
    // Another configuration was tried in between and took its place before it was done.
    if (stored && of(id).some(({ state }) => state === 'dropped')) continue
    if (!stored) {
      const sequence = (past.at(-1)?.sequence ?? 0) + 1
      const event = initEvent(parts, adapter, id, sequence, time, configuration)
      const deliveries = planEvent(adapter, event, blankSession(parts.project, time))
      const lanes = [
        { adapter: adapter.name, lane: INIT_LANE, open: { refs: {}, target: targetOf(adapter) }, deliveries },
      ]
      const placed = await store.commit({ events: [event], lanes })
      announce(parts, lanes, placed)
    }
    // Deliveries of an earlier configuration that never succeeded would stop this one for ever.
    const open = mine.filter(
      ({ key, state }) =>
        !key.startsWith(`${id}/`) && (state === 'planned' || state === 'waiting' || state === 'dead'),
    )
    if (open.length > 0)
      await store.move(
        open.map(({ key }) => key),
        { kind: 'drop' },
      )
    return
  }
}

/** Plans what each adapter sets up in its service, once per configuration. Adapters without an `init` hook have nothing. */
export const init = async (parts: RecorderContext): Promise<void> => {
  for (const adapter of parts.adapters.values())
    if (adapter.hooks.init !== undefined) await initOne(parts, adapter)
}
