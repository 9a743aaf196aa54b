import type { SessionSummary } from '@sessionwire/core'
import type { Context } from './command.ts'
import { sayDelivered } from './deliver.ts'
import { toFailure } from './failure.ts'
import { sessionLine } from './shown.ts'
import { isWithin } from './workspace/find.ts'

/** Sessions of before that stay on this machine, and the lines that say so, with what goes out. */
export type Earlier = Readonly<{
  sessions: readonly string[]
  /** Adapters that cannot be used yet, or send nothing yet, and what a person can do about it. */
  hindered: readonly string[]
  text: readonly string[]
}>

const MOST = 1_000
const INGEST_MS = 5_000
/** Sessions that are named. */
const NAMED = 5

type Counted = 'waiting' | 'claimed' | 'begun' | 'planned' | 'dead'

const sayStay = ({ io }: Context, all: readonly SessionSummary[]): readonly string[] => {
  if (all.length === 0) return []
  const more = all.length - NAMED
  return [
    `${all.length} ${all.length === 1 ? 'session' : 'sessions'} of before ${all.length === 1 ? 'stays' : 'stay'} on this machine:`,
    ...all.slice(0, NAMED).map(session => `  ${sessionLine(io, session, Date.now())}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    'Show one: sessionwire mirror --session <id>',
  ]
}

/** Finds the sessions from before the adapters were set up: they stay where they are until a person shows one. */
export const findEarlier = async (context: Context): Promise<Earlier> => {
  try {
    const opened = await context.open({ tolerant: true, ingestMs: INGEST_MS })
    const { tracker, config, root, adapters, problems, setUpAt, refreshRecall } = opened
    // The notes for hosts follow the configuration from now on.
    await refreshRecall()
    const found = new Map<string, SessionSummary>()
    for (const { name } of adapters)
      for (const session of await tracker.sessions({ withoutLane: name, limit: MOST })) {
        const { id, startedAt, parentId, project, workspace } = session
        // The project had another name before it was configured.
        const isOurs = project === config.project || (workspace !== undefined && isWithin(workspace, root))
        if (isOurs && parentId === undefined && Date.parse(startedAt) <= (setUpAt[name] ?? 0))
          found.set(id, session)
      }
    const all = [...found.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    const { adapters: states } = await tracker.status()
    const count = (...names: readonly Counted[]): number =>
      states.reduce((sum, each) => sum + names.reduce((of, name) => of + (each.states[name] ?? 0), 0), 0)
    const { findHindrances, sayHindrance } = (await import('./engine.ts')).hindering
    const hindered = problems.map(({ adapter, message, todo = '' }) =>
      `${adapter}: ${message} ${todo}`.trim(),
    )
    for (const each of states)
      for (const found of await findHindrances(opened, each)) hindered.push(sayHindrance(each.name, found))
    return {
      hindered,
      sessions: all.map(({ id }) => id),
      text: [
        ...sayStay(context, all),
        ...(adapters.length > 0 && all.some(({ mirror }) => mirror !== false)
          ? [
              `Show all that you started yourself: sessionwire backfill ${adapters[0]?.name} (with --dry-run it counts them)`,
            ]
          : []),
        ...sayDelivered({
          ...{ open: count('waiting', 'claimed', 'begun'), planned: count('planned'), dead: count('dead') },
          ...{ background: false, held: [] },
        }),
      ],
    }
  } catch (thrown) {
    // The file is trusted: only the look at what is there failed.
    const { message, todo = '' } = toFailure(thrown)
    return {
      sessions: [],
      hindered: [],
      text: [`The sessions of before could not be read: ${message} ${todo}`.trim()],
    }
  }
}
