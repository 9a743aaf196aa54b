import type { Settlement, Store } from '@sessionwire/core/delivery'

/** A defect to put in, to see that it is found: the harness proves nothing if it finds nothing wrong in what is wrong. */
export const SABOTAGES = [
  'forget-begin',
  'forget-plan',
  'forget-settle',
  'give-up',
  'forget-key',
  'forget-erasure',
  'forget-links',
] as const
export type Sabotage = (typeof SABOTAGES)[number]

const every = (nth: number) => {
  let count = 0
  return (): boolean => ++count % nth === 0
}

/** A store that changes what attempts ended in, whether that is written alone or with a claim. */
const changeSettlements = (store: Store, change: (each: Settlement) => Settlement): Store => ({
  ...store,
  claim: ({ settlements, ...request }) =>
    store.claim(settlements === undefined ? request : { ...request, settlements: settlements.map(change) }),
  settle: settlements => store.settle(settlements.map(change)),
})

/** A store that forgets one thing that it must not. */
export const applySabotage = (store: Store, sabotage: Sabotage | undefined): Store => {
  const isNow = every(10)
  switch (sabotage) {
    case 'forget-begin':
      return {
        ...store,
        claim: request =>
          store.claim({ ...request, adapters: request.adapters.map(each => ({ ...each, begins: false })) }),
        begin: async starts => starts.map(() => true),
      }
    case 'forget-plan':
      return {
        ...store,
        commit: commit =>
          store.commit(
            isNow() ? { ...commit, lanes: commit.lanes.map(lane => ({ ...lane, deliveries: [] })) } : commit,
          ),
      }
    case 'forget-settle':
      return changeSettlements(store, each =>
        isNow() && each.state === 'delivered' ? { ...each, state: 'waiting', captures: {} } : each,
      )
    case 'give-up':
      return changeSettlements(store, each =>
        isNow() && each.state === 'waiting' ? { ...each, state: 'dead', reason: 'sabotage' } : each,
      )
    case 'forget-key':
      return { ...store, findKey: async () => undefined }
    case 'forget-erasure':
      return { ...store, erase: async () => undefined }
    case 'forget-links':
      return {
        ...store,
        commit: async commit => {
          const isLink = commit.events.length === 0 && JSON.stringify(commit).includes('/linked/')
          return isLink ? [] : store.commit(commit)
        },
      }
    case undefined:
      return store
  }
}
