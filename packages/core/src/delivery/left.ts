import type { Store } from '../store/contract.ts'

/** How a drain ended. `done`: everything that was not dropped or planned is delivered. */
export type Drained = Readonly<{ done: boolean; left: Readonly<Record<string, number>> }>

const OPEN = ['planned', 'waiting', 'claimed', 'begun', 'dead'] as const

/** What is not delivered yet, by state. */
export const leftIn = async (store: Store): Promise<Drained> => {
  const left: Record<string, number> = {}
  for (const { states } of await store.counts())
    for (const state of OPEN)
      if ((states[state] ?? 0) > 0) left[state] = (left[state] ?? 0) + (states[state] ?? 0)
  return { done: Object.keys(left).every(state => state === 'planned'), left }
}
