import type { Recording, RecordOptions, SessionStarter, Target } from './options.ts'
import { createQueue } from './queue.ts'
import { createWork, type Ended, nameOr, once, type Work } from './work.ts'

/** Most runs that are open at once; the oldest is ended as `left` for a new one. */
const OPEN_MAX = 1_000

/** A run, as the framework describes it. */
type Run = Readonly<{
  /** Name of the framework, as in `ai-sdk`. */
  framework: string
  /** Name of the agent. */
  agent?: string | undefined
  workspace?: string | undefined
  /** The run's own id, if it has one: the same id is the same session. */
  key?: string | undefined
}>

/** Runs of one framework and their sessions. */
export interface Recorder extends Recording {
  /** The work of a run; made at the first call. */
  open(id: unknown, run: Run): Work
  /** The work of a run that is open. */
  find(id: unknown): Work | undefined
  /** The work of a sub-agent's run: that of the run that it is a part of, which goes on when it ends. `undefined`: that is unknown. */
  nest(id: unknown, parent: unknown, name: string): Work | undefined
  /** The name of the sub-agent whose run it is. */
  nameOf(id: unknown): string | undefined
  /** Ends a run; later events of it are passed over. */
  end(id: unknown, ended: Ended): Work | undefined
  /** A callback for the framework: it never throws, and waits for the store no longer than `waitMs`. */
  guard<E extends readonly unknown[]>(
    listen: (...event: E) => Work | undefined,
  ): (...event: E) => Promise<void>
}

const isStarter = (to: Target): to is SessionStarter => 'start' in to

const createReport = ({ onError }: RecordOptions): ((error: unknown) => void) => {
  let isSaid = false
  return error => {
    try {
      if (onError !== undefined) void Promise.resolve(onError(error) as unknown).catch(() => undefined)
      else if (!isSaid) {
        isSaid = true
        console.warn(`sessionwire: the work of an agent was not recorded: ${String(error)}`)
      }
    } catch {
      // Nothing of ours may reach the host.
    }
  }
}

/** Makes the recorder that the callbacks of a framework stand on. */
export const createRecorder = (to: Target, options: RecordOptions): Recorder => {
  const { waitMs = 250 } = options
  const report = createReport(options)
  const runs = new Map<unknown, Work>()
  /** Names of sub-agents, by the ids of their runs. */
  const nested = new Map<unknown, string>()
  /** Runs that have ended, until they are recorded. */
  const ending = new Set<Promise<void>>()
  const isOwn = isStarter(to)

  const begin = async ({ framework, agent, workspace, key }: Run, prompt: string | undefined) => {
    if (!isStarter(to)) return to
    const name = nameOr(options.agent) ?? nameOr(agent) ?? framework
    const place = options.workspace ?? workspace
    return to.start({
      agent: name,
      goal: prompt ?? options.goal ?? `Work of ${name}`,
      ...(place === undefined ? {} : { workspace: place }),
      mirror: options.mirror === 'always',
      ...once(key === undefined ? undefined : `${framework}/${key}`),
      metadata: { framework },
    })
  }
  const create = (run: Run): Work =>
    createWork({
      ...{ options, isOwn, queue: createQueue(waitMs, report), agent: options.agent ?? run.agent },
      begin: prompt => begin(run, prompt),
    })
  // All runs of a session that was passed in share one order, one count of failures and one list of files.
  const shared = isOwn ? undefined : create({ framework: '' })

  const end: Recorder['end'] = (id, how) => {
    const work = runs.get(id)
    runs.delete(id)
    // The run that it is a part of goes on.
    if (work === undefined || nested.delete(id)) return work
    work.end(how)
    const ended = work.flush().then(() => {
      ending.delete(ended)
    })
    ending.add(ended)
    return work
  }
  const flush = async () => {
    await Promise.all([...ending, ...[...runs.values()].map(work => work.flush())])
  }
  return {
    open: (id, run) => {
      const open = runs.get(id)
      if (open !== undefined) return open
      if (runs.size >= OPEN_MAX) end(runs.keys().next().value, { end: 'left' })
      const work = shared ?? create(run)
      runs.set(id, work)
      return work
    },
    find: id => runs.get(id),
    nest: (id, parent, name) => {
      const work = runs.get(parent)
      if (work === undefined) return undefined
      nested.set(id, name)
      runs.set(id, work)
      work.join(name)
      return work
    },
    nameOf: id => nested.get(id),
    end,
    guard:
      listen =>
      (...event) => {
        try {
          return listen(...event)?.wait() ?? Promise.resolve()
        } catch (error) {
          report(error)
          return Promise.resolve()
        }
      },
    flush,
    close: async () => {
      for (const id of [...runs.keys()]) end(id, { end: 'left' })
      await flush()
    },
  }
}
