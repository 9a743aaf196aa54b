import type { AnyAdapter } from '../adapter/contract.ts'
import { plan } from '../adapter/plan.ts'
import { isTrackerError, TrackerError } from '../session/errors.ts'
import { EVENT_VERSION, type SessionEvent } from '../session/events.ts'
import { invalidInput, type Problem } from '../session/message.ts'
import type { Inputs } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import { findMeant, unknownName } from '../session/words.ts'
import type { Adapters } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { blankSession } from './init.ts'

const EPOCH = new Date(0).toISOString()

/**
 * Lets an adapter check the refs that `start` links to it, before anything is stored: an error of its `start` hook whose
 * field begins with `refs.` is thrown to the caller. Any other error of a session without texts is ignored.
 */
const checkLinked = (
  { name, config, hooks, readRef }: AnyAdapter,
  refs: Session['refs'],
  where: string,
): void => {
  const event = {
    ...{
      id: 'start',
      sessionId: 'start',
      sequence: 1,
      time: EPOCH,
      at: EPOCH,
      version: EVENT_VERSION,
      type: 'start',
    },
    payload: { project: '', user: '', progress: 0, refs, metadata: {} },
  } as SessionEvent<'start'>
  try {
    plan({ name, config, hooks, ...(readRef === undefined ? {} : { readRef }) }, event, {
      ...blankSession('', EPOCH),
      id: 'start',
      refs,
    })
  } catch (thrown) {
    if (!isTrackerError(thrown) || thrown.code !== 'INVALID_INPUT') return
    const { code, field = '', message: said } = thrown
    // The adapter knows its own ref; the caller gave it to `start`.
    if (field.startsWith('refs.'))
      throw new TrackerError(code, `${where}.${said}`, { field: `${where}.${field}` })
  }
}

const refProblem = (
  adapter: string,
  names: Readonly<Record<string, string>>,
  adapters: Adapters,
  where: string,
): (Problem & { field: string }) | undefined => {
  const found = adapters.get(adapter)
  if (found === undefined)
    return findMeant(adapter, adapters.keys()) === undefined
      ? undefined
      : { field: `${where}.refs.${adapter}`, ...unknownName('adapter', adapter, adapters.keys()) }
  const wrong = Object.keys(names).find(name => found.refs?.includes(name) === false)
  return wrong === undefined
    ? undefined
    : { field: `${where}.refs.${adapter}.${wrong}`, ...unknownName('ref', wrong, found.refs ?? []) }
}

/**
 * Refuses names in `refs` that no adapter would ever read: one that its adapter does not take, or a misspelt adapter;
 * and values that the adapter itself refuses. Another adapter may be set up elsewhere, or later, and a parent may be kept
 * elsewhere: that is reported once for each, as `error`.
 */
export const createStartCheck = (
  { adapters, emitter, cache, store }: Pick<RecorderContext, 'adapters' | 'emitter' | 'cache' | 'store'>,
  where = 'start',
) => {
  const reported = new Set<string>()
  const report = (about: string, problem: Problem): void => {
    if (reported.has(about)) return
    reported.add(about)
    emitter.emit('error', { error: invalidInput(problem), where: 'start' })
  }
  return async ({
    refs,
    parentId,
  }: Pick<Inputs['start'], 'refs'> & Partial<Pick<Inputs['start'], 'parentId'>>): Promise<void> => {
    for (const [adapter, names] of Object.entries(refs)) {
      const problem = refProblem(adapter, names, adapters, where)
      if (problem !== undefined) throw invalidInput(problem)
      const found = adapters.get(adapter)
      if (found !== undefined) checkLinked(found, refs, where)
      // A tracker without any adapter only records; another process delivers.
      else if (adapters.size > 0)
        report(adapter, {
          field: `start.refs.${adapter}`,
          problem: `no adapter "${adapter}" here (adapters: ${[...adapters.keys()].join(', ')})`,
          todo: 'The ref is stored; run backfill in a tracker that has the adapter.',
        })
    }
    if (parentId === undefined || cache.get(parentId) !== undefined) return
    if ((await store.load(parentId)) === undefined)
      report(`parent ${parentId}`, {
        field: 'start.parentId',
        problem: `no session "${parentId}" in ${store.where}`,
        todo: 'It is stored as given.',
      })
  }
}
