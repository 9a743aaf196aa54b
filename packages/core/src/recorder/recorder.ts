import type { AnyAdapter } from '../adapter/contract.ts'
import type { Moved } from '../delivery/model.ts'
import { isTrackerError, TrackerError, toError } from '../session/errors.ts'
import { checkInput, EVENT_BYTES } from '../session/input.ts'
import type { Command } from '../session/machine.ts'
import type { Called, ExportFormat, Hook, Inputs } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import { bounded, jsonBytes } from '../session/text.ts'
import type { Store } from '../store/contract.ts'
import { act } from './act.ts'
import { asked, idOf, RULES, type Rule, startChecked, wrongInput } from './asked.ts'
import type {
  Acted,
  ActOptions,
  Backfilled,
  BackfillOptions,
  BlockInput,
  CloseInput,
  DecideInput,
  EntityInput,
  Filter,
  NotRecorded,
  Previewed,
  Receipt,
  StartInput,
  Swept,
  UpdateInput,
} from './calls.ts'
import { commanding } from './command.ts'
import { createEmitter, type Emitter, type Logger, type RecorderEvents } from './emitter.ts'
import { given, percentHint } from './given.ts'
import { createCache, snapshot } from './held.ts'
import { init } from './init.ts'
import type { Parts } from './parts.ts'
import { createQueue } from './queue.ts'
import { known } from './reading.ts'
import { record } from './record.ts'
import { sweep } from './sweep.ts'

/** What a recorder is made of. Clock and ids come from outside. */
export type RecorderOptions = Readonly<{
  /** Where sessions and deliveries are kept. Several recorders, also in other processes, may share one. */
  store: Store
  /** For whom events are planned; their names are unique. */
  adapters: readonly AnyAdapter[]
  /** The project of sessions that name none. */
  project: string
  /** The user of sessions that name none. */
  user?: string
  /** Epoch ms. */
  now: () => number
  /** Ids of sessions and events; never the same twice. */
  newId: () => string
  /** Redacts, enriches or leaves out events and direct calls before they are stored. Default: all pass. */
  filter?: Filter
  /** `throw` (default), or `report`: a recording call never throws, its receipt says `recorded: false` and `error` is emitted. */
  onError?: 'throw' | 'report'
  /** Where observers listen; default one of its own. */
  emitter?: Emitter<RecorderEvents>
  /** Called when something stored may be sent now. */
  wake?: () => void
  /** A session whose writer vanished is ended this long after its last event, ms. Default 600,000. */
  crashAfterMs?: number
  /** A session whose writer closed is ended this long after its last event, ms. Default 86,400,000. */
  idleAfterMs?: number
  /** Hears, once, of a progress that looks like a share of one. Default: nobody does. */
  logger?: Logger
  /** Sessions kept in memory at most. Default 200. */
  cacheSessions?: number
}>

/** Records sessions: one durable append for each call, without network. */
export interface Recorder {
  /** Calls `listener` each time; returns the function that ends it. */
  readonly on: Emitter<RecorderEvents>['on']
  /** Begins a session and gives its id, which exists even where nothing was recorded. */
  start(input?: StartInput): Promise<
    Readonly<{
      /** The session's id. */
      id: string
      /** What was recorded. */
      receipt: Receipt<'start'>
    }>
  >
  /** What was done. */
  update(sessionId: string, description: string, input?: UpdateInput): Promise<Receipt<'update'>>
  /** What was chosen, and why. */
  decide(sessionId: string, content: string, input?: DecideInput): Promise<Receipt<'decision'>>
  /** What the work touched. */
  entity(sessionId: string, input: EntityInput): Promise<Receipt<'entity'>>
  /** What is in the way. Its `blockerId` is in the receipt's event. */
  block(sessionId: string, description: string, input?: BlockInput): Promise<Receipt<'blocker'>>
  /** A blocker is gone. Allowed after `close`; once for each. */
  resolve(sessionId: string, blockerId: string, resolution?: string): Promise<Receipt<'resolve'>>
  /** Ends a session. */
  close(sessionId: string, input?: CloseInput): Promise<Receipt<'close'>>
  /** Ends a session as `abandoned` if it is active, else does nothing. */
  abandon(sessionId: string): Promise<Receipt<'close'> | undefined>
  /** The session as it is. Throws `NO_SUCH_SESSION`. */
  load(sessionId: string): Promise<Session>
  /** Descriptors stored for a session that nobody sent yet, in their order. Throws `NO_SUCH_SESSION`. */
  preview(sessionId: string, filter?: Readonly<{ adapter?: string }>): Promise<readonly Previewed[]>
  /** Writes the export event and gives the text: of `context` at most `budget` characters (default 8,000). */
  export(sessionId: string, format?: ExportFormat, options?: Readonly<{ budget?: number }>): Promise<string>
  /** Plans, stores and so delivers one call of an action, with the given input. */
  act(adapter: string, action: string, input: unknown, options?: ActOptions): Promise<Acted | NotRecorded>
  /** Mirrors sessions that an adapter was not there for. */
  backfill(adapter: string, options?: BackfillOptions): Promise<Backfilled>
  /** Makes a new card where a person deleted the old one, or where it could not be made. */
  recreateCard(sessionId: string, adapter: string): Promise<Backfilled>
  /** Takes dead deliveries up again; `resend` says that those in doubt did not happen. */
  retry(keys: readonly string[], options?: Readonly<{ resend?: boolean }>): Promise<readonly Moved[]>
  /** Ends sessions whose writer is gone. */
  sweep(): Promise<readonly Swept[]>
  /** Plans what the adapters set up in their services, once per configuration. */
  init(): Promise<void>
  /** Forgets what is in memory: needed after something was removed from the store. */
  forget(): void
  /** Takes no more recording calls, and resolves when those under way are done. The store stays open. */
  stop(): Promise<void>
}

const MAX_EVENTS_HELD = 100_000

/** An export's text as its event keeps it; what the caller gets is whole. */
const EXPORT_BYTES = 131_072

/** What few programs do, loaded when one does. */
const mirror = () => import('./mirror.ts')
const EXPORTS = {
  json: async () => (await import('../export/json.ts')).toJson,
  markdown: async () => (await import('../export/markdown.ts')).toMarkdown,
  context: async () => (await import('../export/context.ts')).toContext,
} as const

const keptText = (text: string): string => {
  const kept = bounded(text, EXPORT_BYTES)
  // Escaped as JSON, a text can grow sixfold.
  return jsonBytes(kept, EVENT_BYTES) < EVENT_BYTES ? kept : bounded(text, EXPORT_BYTES / 4)
}

const BUDGET: Rule = [
  value => Number.isInteger(value) && Number(value) >= 0,
  'give a whole number of characters',
]

/** Makes a recorder. */
export const createRecorder = (options: RecorderOptions): Recorder => {
  const { store, now, newId, onError = 'throw', crashAfterMs = 600_000, idleAfterMs = 86_400_000 } = options
  const emitter =
    options.emitter ?? createEmitter<RecorderEvents>(undefined, ['event', 'planned', 'dead', 'error'])
  const parts: Parts = {
    store,
    adapters: new Map(options.adapters.map(adapter => [adapter.name, adapter])),
    project: options.project,
    user: options.user,
    now,
    newId,
    filter: options.filter,
    emitter,
    wake: options.wake ?? (() => undefined),
    cache: createCache(options.cacheSessions ?? 200, MAX_EVENTS_HELD),
    queue: createQueue(),
  }

  const ours = (thrown: unknown): TrackerError => {
    if (isTrackerError(thrown)) return thrown
    const said = toError(thrown).message
    return new TrackerError('STORE', `Nothing is known to be recorded: ${said}`, { cause: thrown })
  }

  let underWay = 0
  let stopping = false
  let stopped: Promise<void> | undefined
  let last: () => void = () => undefined

  /** The edge of a recording call: what goes wrong is thrown or reported, as the host chose. */
  const call = async <R>(
    where: string,
    act: () => Promise<R>,
  ): Promise<R | { recorded: false; error: TrackerError }> => {
    underWay++
    try {
      if (stopping) throw new TrackerError('STORE', 'The tracker was closed: make a new one.')
      return await act()
    } catch (thrown) {
      const error = ours(thrown)
      if (onError === 'throw') throw error
      emitter.emit('error', { error, where })
      return { recorded: false, error }
    } finally {
      underWay--
      if (underWay === 0) last()
    }
  }

  const append = <H extends Exclude<Called, 'start' | 'export'> & Hook>(
    where: string,
    hook: H,
    sessionId: string,
    raw: () => unknown,
  ): Promise<Receipt<H>> =>
    call(where, async () => {
      const input = checkInput(hook, hint(where, raw())) as Inputs[H]
      const command = commanding(parts, hook, sessionId)
      const make = (session: Session | undefined) => command(input as Command['input'], session)
      // What another process opened a lane for meanwhile must not miss the end.
      return (await record(parts, sessionId, make, { look: hook === 'close' })) as Receipt<H>
    })

  const checkStart = startChecked(parts)
  const hint = percentHint(options.logger)

  const begin = async (id: string, raw: unknown) => {
    const {
      user = options.user,
      project = options.project,
      ...input
    } = checkInput('start', hint('start', raw))
    if (user === undefined) throw wrongInput('start.user', 'say who works, or give the tracker a user')
    await checkStart(input)
    const asked = input.progress === undefined || input.previousId === undefined
    const [last] = asked ? await store.sessions({ project, limit: 1 }) : []
    const previousId = input.previousId ?? last?.id
    const payload = {
      project,
      user,
      ...input,
      progress: input.progress ?? last?.progress ?? 0,
      ...(previousId === undefined ? {} : { previousId }),
    }
    const command = commanding(parts, 'start', id)
    return (await record(parts, id, () => command(payload, undefined), { begins: true })) as Receipt<'start'>
  }

  return {
    on: emitter.on,
    start: async input => {
      const id = newId()
      return { id, receipt: await call('start', () => begin(id, input ?? {})) }
    },
    update: (id, description, input) =>
      append('update', 'update', id, () => given('update', input, { description })),
    decide: (id, content, input) =>
      append('decide', 'decision', id, () => given('decide', input, { content })),
    entity: (id, input) => append('entity', 'entity', id, () => input),
    block: (id, description, input) =>
      append('block', 'blocker', id, () => given('block', input, { description })),
    resolve: (id, blockerId, resolution) =>
      append('resolve', 'resolve', id, () => ({ blockerId, resolution })),
    close: (id, input) => append('close', 'close', id, () => input ?? {}),
    abandon: id =>
      call('abandon', async () => {
        const command = commanding(parts, 'close', id)
        const make = (session: Session | undefined) =>
          session?.status === 'active' ? command({ end: 'abandoned' }, session) : undefined
        return (await record(parts, id, make, { look: true })) as Receipt<'close'> | undefined
      }),
    load: id => parts.queue.run(id, async () => snapshot(await known(parts, id, true))),
    preview: async (lane, given) => {
      const { adapter: only } = asked('preview', given, { adapter: RULES.text })
      const filter = { lane: idOf(lane), state: ['planned', 'waiting'] as const, limit: 100_000 }
      const deliveries = await store.list(only === undefined ? filter : { ...filter, adapter: only })
      if (deliveries.length === 0)
        await (await mirror()).mustBeThere(parts, 'preview', { lane, adapter: only })
      return deliveries.flatMap(({ descriptor, adapter }) =>
        descriptor === undefined ? [] : [{ ...descriptor, adapter }],
      )
    },
    export: async (id, format, given) => {
      let text = ''
      await call('export', async () => {
        const input = checkInput('export', { format })
        const { budget } = asked('export', given, { budget: BUDGET })
        const command = commanding(parts, 'export', id)
        const make = async (session: Session | undefined) => {
          if (session !== undefined) text = (await EXPORTS[input.format]())(session, budget)
          return command({ ...input, content: keptText(text) }, session)
        }
        return record(parts, id, make, { look: true })
      })
      return text
    },
    act: (adapter, name, input, given) => call('act', () => act(parts, adapter, name, input, given)),
    backfill: async (adapter, given) => (await mirror()).backfill(parts, adapter, given),
    recreateCard: async (id, adapter) => (await mirror()).recreateCard(parts, id, adapter),
    retry: async (keys, given) => (await mirror()).retry(parts, keys, given),
    sweep: () => sweep(parts, { crashAfterMs, idleAfterMs }),
    init: () => init(parts),
    forget: () => parts.cache.clear(),
    stop: () => {
      stopping = true
      stopped ??= new Promise(resolve => {
        last = resolve
      })
      if (underWay === 0) last()
      return stopped
    },
  }
}
