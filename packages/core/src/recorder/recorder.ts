import { uuidFrom } from '../descriptor/digest.ts'
import { readInput } from '../session/at-once.ts'
import { alreadyClosed, asStoreError, type TrackerError } from '../session/errors.ts'
import { checkInput, EVENT_BYTES, idOf, mergeInput, readKey } from '../session/input.ts'
import type { Command } from '../session/machine.ts'
import { invalidInput } from '../session/message.ts'
import { count, filled, flag, optional, optionsOf } from '../session/options.ts'
import type { Called, Inputs } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import { cutText, jsonBytes } from '../session/text.ts'
import type { LinkItem } from './adopt.ts'
import type { Receipt } from './calls.ts'
import type { createStartCheck } from './check-start.ts'
import {
  createCommand,
  createEmitter,
  createPercentHint,
  createQueue,
  eventIdOf,
  type RecorderContext,
  type RecorderEvents,
  resolveId,
} from './context.ts'
import type { Recorder, RecorderOptions } from './contract.ts'
import { createLinker } from './linking.ts'
import { copySession, createCache, loadSession } from './live-session.ts'
import { keyOf, record } from './record.ts'

const MAX_EVENTS_HELD = 100_000

/** An export's text as its event keeps it; what the caller gets is whole. */
const EXPORT_BYTES = 131_072

/** Verbs that few programs use, loaded when one does. */
const mirror = () => import('./mirror.ts')
const EXPORTS = {
  json: async () => (await import('../export/json.ts')).toJson,
  markdown: async () => (await import('../export/markdown.ts')).toMarkdown,
  context: async () => (await import('../export/context.ts')).toContext,
} as const

const cutExport = (text: string): string => {
  const kept = cutText(text, EXPORT_BYTES)
  // Escaped as JSON, a text can grow sixfold.
  return jsonBytes(kept, EVENT_BYTES) < EVENT_BYTES ? kept : cutText(text, EXPORT_BYTES / 4)
}

const PREVIEW = optional({ adapter: filled })
const EXPORT = optional({ budget: count(), publish: flag })

/** Makes a recorder. */
export const createRecorder = (options: RecorderOptions): Recorder => {
  const { store, now, newId, onError = 'throw', crashAfterMs = 600_000, idleAfterMs = 86_400_000 } = options
  const emitter =
    options.emitter ?? createEmitter<RecorderEvents>(undefined, ['event', 'planned', 'dead', 'error'])
  const parts: RecorderContext = {
    store,
    adapters: new Map(options.adapters.map(adapter => [adapter.name, adapter])),
    project: options.project,
    user: options.user,
    machine: options.machine,
    now,
    newId,
    filter: options.filter,
    redact: options.redact,
    emitter,
    wake: options.wake ?? (() => undefined),
    cache: createCache(options.cacheSessions ?? 200, MAX_EVENTS_HELD),
    queue: createQueue(),
    crossLinks: options.crossLinks ?? true,
    link: id => linker.link(id),
  }

  const linker = createLinker(() => parts)
  let underWay = 0
  let stopping = false
  let stopped: Promise<void> | undefined
  let last: () => void = () => undefined

  /** The edge of a recording call: an error is thrown or reported, as the host chose. */
  const call = async <R>(
    where: string,
    act: () => Promise<R>,
  ): Promise<R | { recorded: false; error: TrackerError }> => {
    underWay++
    try {
      if (stopping) throw alreadyClosed(store.where)
      return await act()
    } catch (thrown) {
      const error = asStoreError(thrown)
      if (onError === 'throw') throw error
      emitter.emit('error', { error, where })
      return { recorded: false, error }
    } finally {
      underWay--
      if (underWay === 0) last()
    }
  }

  type Appended = Exclude<Called, 'start' | 'export'>
  /** How a call differs from the others: `id` of its event, and what it changes in its input for the session as it is. */
  type How<H extends Appended> = Readonly<{
    id?: () => string
    adapt?: (input: Inputs[H], session: Session | undefined) => Inputs[H]
  }>

  const append = <H extends Appended>(
    where: string,
    hook: H,
    sessionId: string,
    raw: () => unknown,
    { id, adapt }: How<H> = {},
  ): Promise<Receipt<H>> =>
    call(where, async () => {
      const taken = readInput(where, () => hint(where, raw()))
      const input = checkInput(hook, taken)
      const { key, at, onRepeat: _, ...rest } = input
      const eventId = key === undefined ? id?.() : eventIdOf(idOf(sessionId), key)
      const command = createCommand(parts, hook, sessionId, { where, at, ...(eventId && { id: eventId }) })
      const make = (session: Session | undefined) =>
        command((adapt?.(rest as Inputs[H], session) ?? rest) as Command['input'], session)
      const known = keyOf(where, key === undefined ? undefined : eventId, input, taken)
      return (await record(parts, sessionId, make, {
        // A lane that another process opened meanwhile must not miss the end.
        look: hook === 'close',
        ...(known === undefined ? {} : { key: known }),
      })) as Receipt<H>
    })

  let startCheck: ReturnType<typeof createStartCheck> | undefined
  /** Most sessions link nothing and have no parent: the check is loaded for those that do. */
  const checkStart = async (input: Pick<Inputs['start'], 'refs' | 'parentId'>): Promise<void> => {
    if (input.parentId === undefined && Object.keys(input.refs).length === 0) return
    startCheck ??= (await import('./check-start.ts')).createStartCheck(parts)
    await startCheck(input)
  }
  const hint = createPercentHint(options.logger)

  const begin = async (id: string, raw: unknown, input: Inputs['start'], firstAt: string | undefined) => {
    const { key, at = firstAt, onRepeat: _, exclusive, continue: continues, ...given } = input
    const { user = options.user, project = options.project, machine = options.machine, ...rest } = given
    if (user === undefined)
      throw invalidInput({
        field: 'start.user',
        problem: 'missing',
        expected: 'a string that names the user',
        todo: 'Pass it here, or as `user` to createTracker.',
      })
    const known = keyOf('start', key === undefined ? undefined : id, input, raw)
    await checkStart(rest)
    const isAsked = rest.previousId === undefined || continues === true
    const [last] = isAsked ? await store.sessions({ project, limit: 1 }) : []
    const previousId = rest.previousId ?? (last?.id === id ? last.previousId : last?.id)
    const payload = {
      project,
      user,
      ...(machine === undefined ? {} : { machine }),
      ...rest,
      progress: rest.progress ?? (continues === true ? (last?.progress ?? 0) : 0),
      ...(previousId === undefined ? {} : { previousId }),
    }
    const command = createCommand(parts, 'start', id, { where: 'start', at })
    return (await record(parts, id, () => command(payload, undefined), {
      begins: true,
      ...(known === undefined ? {} : { key: known }),
      ...(exclusive === true ? { exclusive } : {}),
    })) as Receipt<'start'>
  }

  const textOf = async (id: string, format: keyof typeof EXPORTS, budget: number | undefined) =>
    (await EXPORTS[format]())(copySession(await loadSession(parts, id, true)), budget)

  const linkItem: LinkItem = (id, item, refs) =>
    append('mirror', 'entity', id, () => item, { adapt: input => ({ ...input, refs }) as typeof input })

  return {
    on: emitter.on,
    start: async (raw, again) => {
      let { id, at } = again ?? { id: '', at: '' }
      const receipt = await call('start', async () => {
        // Functions of the host: one that fails is reported like every failure of this call.
        if (id === '')
          try {
            id = newId()
          } catch (thrown) {
            // The session keeps its id until a later call starts it.
            id = crypto.randomUUID()
            throw thrown
          }
        if (at === '') at = new Date(now()).toISOString()
        const taken = readInput('start', () => hint('start', raw ?? {}))
        const input = checkInput('start', taken)
        if (input.key !== undefined) id = uuidFrom(`start/${await store.identity()}/${input.key}`)
        return begin(id, taken, input, again?.at)
      })
      return { id, at, receipt }
    },
    update: (id, description, input) =>
      append('update', 'update', id, () => mergeInput('update', input, { description })),
    message: (id, role, content, input) =>
      append('message', 'message', id, () => mergeInput('message', input, { role, content })),
    decide: (id, content, input) =>
      append('decide', 'decision', id, () => mergeInput('decide', input, { content })),
    entity: (id, input) => append('entity', 'entity', id, () => input),
    block: async (id, description, input) => {
      const key = readKey(input)
      let blockerId = key !== undefined && typeof id === 'string' ? eventIdOf(id, key) : ''
      const makeId = (): string => {
        blockerId = newId()
        return blockerId
      }
      const raw = () => mergeInput('block', input, { description })
      const receipt = await append('block', 'blocker', id, raw, { id: makeId })
      // Added to the receipt itself: a copy of it would look at its session.
      return Object.assign(receipt.recorded ? receipt : { ...receipt }, { id: blockerId })
    },
    resolve: (id, blocker, resolution, input) =>
      append(
        'resolve',
        'resolve',
        id,
        () => mergeInput('resolve', input, { blockerId: blocker, resolution }),
        {
          adapt: resolveId,
        },
      ),
    resume: (id, reason, input) =>
      append('resume', 'resume', id, () => mergeInput('resume', input, { reason })),
    close: (id, input) => append('close', 'close', id, () => input ?? {}),
    abandon: id =>
      call('abandon', async () => {
        const command = createCommand(parts, 'close', id)
        const make = (session: Session | undefined) =>
          session?.status === 'active' ? command({ end: 'abandoned' }, session) : undefined
        return (await record(parts, id, make, { look: true })) as Receipt<'close'> | undefined
      }),
    load: id => parts.queue.run(id, async () => copySession(await loadSession(parts, id, true))),
    preview: async (lane, given) => {
      const { adapter: only } = optionsOf('preview', given, PREVIEW)
      const filter = { lane: idOf(lane), state: ['planned', 'waiting'] as const, limit: 100_000 }
      const deliveries = await store.list(only === undefined ? filter : { ...filter, adapter: only })
      if (deliveries.length === 0)
        await (await mirror()).mustBeThere(parts, 'preview', { lane, adapter: only })
      return deliveries.flatMap(({ descriptor, adapter }) =>
        descriptor === undefined ? [] : [{ ...descriptor, adapter }],
      )
    },
    export: async (id, raw, given) => {
      let text = ''
      await call('export', async () => {
        const { format } = checkInput('export', { format: raw })
        const { budget, publish = false } = optionsOf('export', given, EXPORT)
        if (!publish) {
          text = await parts.queue.run(id, () => textOf(id, format, budget))
          return { recorded: false as const }
        }
        const command = createCommand(parts, 'export', id)
        const make = async (session: Session | undefined) => {
          if (session !== undefined) text = (await EXPORTS[format]())(session, budget)
          return command({ format, content: cutExport(text) }, session)
        }
        return record(parts, id, make, { look: true })
      })
      return text
    },
    act: (adapter, name, input, given) =>
      call('act', async () => (await import('./act.ts')).act(parts, adapter, name, input, given)),
    recall: async given => (await import('./recall.ts')).recall(parts, given),
    messages: async given => (await import('./recall.ts')).listMessages(parts, given),
    events: async (id, given) => (await import('./recall.ts')).listEvents(parts, id, given),
    erase: async (...given) => (await import('./erase.ts')).erase(parts, ...given),
    mirror: async (id, names, given) => (await mirror()).mirrorSession(parts, id, names, given, linkItem),
    backfill: async (adapter, given) => (await mirror()).backfill(parts, adapter, given),
    recreateCard: async (id, adapter) => (await mirror()).recreateCard(parts, id, adapter),
    retry: async (keys, given) => (await mirror()).retry(parts, keys, given),
    sweep: async () => (await import('./sweep.ts')).sweep(parts, { crashAfterMs, idleAfterMs }),
    init: async () => (await import('./init.ts')).init(parts),
    ...linker,
    clear: () => parts.cache.clear(),
    stop: () => {
      stopping = true
      stopped ??= new Promise(resolve => {
        last = resolve
      })
      if (underWay === 0) last()
      return stopped.then(linker.finishLinks)
    },
  }
}
