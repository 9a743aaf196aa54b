import type { AnyAdapter } from '../adapter/contract.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { isTrackerError, TrackerError } from '../session/errors.ts'
import type { Hook } from '../session/events.ts'
import { type Called, checkedInput, type Inputs } from '../session/input.ts'
import type { Command } from '../session/machine.ts'
import type { Session } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'
import type {
  BlockInput,
  CloseInput,
  DecideInput,
  EntityInput,
  Filter,
  Receipt,
  StartInput,
  UpdateInput,
} from './calls.ts'
import { createEmitter, type Emitter, type RecorderEvents } from './emitter.ts'
import { createCache, snapshot } from './held.ts'
import type { Parts } from './parts.ts'
import { createQueue } from './queue.ts'
import { known } from './reading.ts'
import { record } from './record.ts'

/** What a recorder is made of. Clock and ids come from outside. */
export type RecorderOptions = Readonly<{
  store: Store
  adapters: readonly AnyAdapter[]
  /** The project of sessions that name none. */
  project: string
  /** The user of sessions that name none. */
  user?: string
  /** Epoch ms. */
  now: () => number
  /** Ids of sessions and events; never the same twice. */
  newId: () => string
  filter?: Filter
  /** `throw` (default), or `report`: a recording call never throws, its receipt says `recorded: false` and `error` is emitted. */
  onError?: 'throw' | 'report'
  /** Where observers listen; default one of its own. */
  emitter?: Emitter<RecorderEvents>
  /** Called when something stored may be sent now. */
  wake?: () => void
  /** Sessions kept in memory at most. Default 200. */
  cacheSessions?: number
}>

/** Records sessions: one durable append for each call, without network. */
export interface Recorder {
  readonly on: Emitter<RecorderEvents>['on']
  start(input?: StartInput): Promise<Readonly<{ id: string; receipt: Receipt<'start'> }>>
  update(sessionId: string, description: string, input?: UpdateInput): Promise<Receipt<'update'>>
  decide(sessionId: string, content: string, input?: DecideInput): Promise<Receipt<'decision'>>
  entity(sessionId: string, input: EntityInput): Promise<Receipt<'entity'>>
  block(sessionId: string, description: string, input?: BlockInput): Promise<Receipt<'blocker'>>
  resolve(sessionId: string, blockerId: string, resolution?: string): Promise<Receipt<'resolve'>>
  close(sessionId: string, input?: CloseInput): Promise<Receipt<'close'>>
  /** Ends a session as `abandoned` if it is active, else does nothing. */
  abandon(sessionId: string): Promise<Receipt<'close'> | undefined>
  /** The session as it is. Throws `NO_SUCH_SESSION`. */
  load(sessionId: string): Promise<Session>
  /** Descriptors stored for a session that nobody sent yet, in their order. */
  preview(sessionId: string, filter?: Readonly<{ adapter?: string }>): Promise<readonly Descriptor[]>
  /** Resolves when no call is under way. */
  idle(): Promise<void>
}

const MAX_EVENTS_HELD = 100_000

/** What a caller hands in is spread behind what it is called with, so that nothing of it can hide. */
const given = (hook: string, options: unknown, own: Readonly<Record<string, unknown>>) => {
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    throw new TrackerError('INVALID_INPUT', `${hook}: give its options as an object.`, { field: hook })
  return { ...own, ...(options as object | undefined), ...own }
}

/** Makes a recorder. */
export const createRecorder = (options: RecorderOptions): Recorder => {
  const { store, now, newId, onError = 'throw' } = options
  const emitter = options.emitter ?? createEmitter<RecorderEvents>()
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
    const said = thrown instanceof Error ? thrown.message : String(thrown)
    return new TrackerError('STORE', `Nothing was recorded: ${said}`, { cause: thrown })
  }

  /** The edge of a recording call: what goes wrong is thrown or reported, as the host chose. */
  const call = async <R>(
    where: string,
    act: () => Promise<R>,
  ): Promise<R | { recorded: false; error: TrackerError }> => {
    try {
      return await act()
    } catch (thrown) {
      const error = ours(thrown)
      if (onError === 'throw') throw error
      emitter.emit('error', { error, where })
      return { recorded: false, error }
    }
  }

  const command = (
    type: Called,
    sessionId: string,
    input: Command['input'],
    session: Session | undefined,
  ): Command => {
    // The start of a session has its id, so that whoever knows the one can name the other.
    const id = type === 'start' ? sessionId : newId()
    const resumeId = session?.status === 'crashed' || session?.status === 'abandoned' ? newId() : id
    return {
      type,
      sessionId,
      id,
      resumeId,
      time: new Date(now()).toISOString(),
      input,
    } as Command
  }

  const append = <H extends Exclude<Called, 'start' | 'export'> & Hook>(
    where: string,
    hook: H,
    sessionId: string,
    raw: () => unknown,
  ): Promise<Receipt<H>> =>
    call(where, async () => {
      const input = checkedInput(hook, raw()) as Inputs[H]
      const make = (session: Session | undefined) =>
        command(hook, sessionId, input as Command['input'], session)
      // What another process opened a lane for meanwhile must not miss the end.
      return (await record(parts, sessionId, make, { look: hook === 'close' })) as Receipt<H>
    })

  const begin = async (id: string, raw: unknown) => {
    const { user = options.user, project = options.project, ...input } = checkedInput('start', raw)
    if (user === undefined)
      throw new TrackerError('INVALID_INPUT', 'start.user: say who works, or give the tracker a user.', {
        field: 'start.user',
      })
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
    const make = () => command('start', id, payload, undefined)
    return (await record(parts, id, make, { begins: true })) as Receipt<'start'>
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
        const make = (session: Session | undefined) =>
          session?.status === 'active' ? command('close', id, { end: 'abandoned' }, session) : undefined
        return (await record(parts, id, make, { look: true })) as Receipt<'close'> | undefined
      }),
    load: id => parts.queue.run(id, async () => snapshot(await known(parts, id, true))),
    preview: async (lane, { adapter } = {}) => {
      const filter = { lane, state: ['planned', 'waiting'] as const, limit: 100_000 }
      const deliveries = await store.list(adapter === undefined ? filter : { ...filter, adapter })
      return deliveries.flatMap(({ descriptor }) => (descriptor === undefined ? [] : [descriptor]))
    },
    idle: () => parts.queue.idle(),
  }
}
