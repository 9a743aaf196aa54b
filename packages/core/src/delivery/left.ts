import type { Store } from '../store/contract.ts'
import type { Pause } from './model.ts'

/**
 * How a drain ended. `done`: everything that was not dropped or planned is delivered. `left`: how many are not, by state.
 * `paused`: what rests, and why; not there when nothing does.
 */
export type Drained = Readonly<{
  /** Everything that was not dropped or planned is delivered. */
  done: boolean
  /** How many are in each state; states without any are left out. */
  left: Readonly<Record<string, number>>
  /** Pauses of this process's adapters while something is left; absent when nothing rests. */
  paused?: readonly Pause[]
}>

const OPEN = ['planned', 'waiting', 'claimed', 'begun', 'dead'] as const

/** What is not delivered yet, by state, and what of these adapters rests. */
export const countLeft = async (store: Store, adapters: ReadonlyMap<string, unknown>): Promise<Drained> => {
  const left: Record<string, number> = {}
  for (const { states } of await store.counts())
    for (const state of OPEN)
      if ((states[state] ?? 0) > 0) left[state] = (left[state] ?? 0) + (states[state] ?? 0)
  const done = Object.keys(left).every(state => state === 'planned')
  const paused = done ? [] : (await store.pauses()).filter(({ adapter }) => adapters.has(adapter))
  return { done, left, ...(paused.length === 0 ? {} : { paused }) }
}
