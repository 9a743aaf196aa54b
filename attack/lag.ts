import type { Service } from './targets/target.ts'

/** Makes visible what is older than a service's lag, before each request is dealt with. */
export const lagging = ({ server, lag }: Service, now: () => number): void => {
  if (lag === undefined) return
  let caughtUp = now()
  server.fail({
    when: () => {
      if (now() - caughtUp >= lag.ms) {
        lag.catchUp()
        caughtUp = now()
      }
      return false
    },
    failure: { kind: 'refuse' },
  })
}
