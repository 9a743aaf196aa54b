import { TOOL } from './store-suite-ground.ts'
import { below, both, chance, oneOf, type World } from './store-suite-sides.ts'

/** Values of one under way, and of one that is not any more. */
export const capture = async (world: World): Promise<void> => {
  if (world.held.length === 0) return
  const { key } = oneOf(world, world.held).claim.delivery
  await both(world, `capture ${key}`, 0, store => store.capture(key, { thread: `early ${key}` }))
}

export const pause = async (world: World): Promise<void> => {
  const limit = chance(world, 0.5) ? { limit: oneOf(world, ['post', 'read']) } : {}
  const since = world.clock.now()
  const until = chance(world, 0.7) ? { until: since + below(world, 20_000) } : {}
  if (chance(world, 0.5)) await both(world, 'unpause', 0, store => store.unpause(TOOL, limit.limit))
  else
    await both(world, 'pause', 0, store =>
      store.pause({ adapter: TOOL, kind: 'throttled', reason: '429', since, ...limit, ...until }),
    )
}

/** A pause that is one worker's own, and the check of one. */
export const denial = async (world: World): Promise<void> => {
  const since = world.clock.now()
  const owner = oneOf(world, ['x', 'y'])
  const stand = await both(world, 'pauses', 0, store => store.pauses())
  const seen = stand[below(world, Math.max(1, stand.length))]
  if (seen !== undefined && chance(world, 0.4))
    await both(world, 'take check', below(world, 2), store => store.takeCheck(seen, since + 1_000))
  else if (chance(world, 0.5)) await both(world, 'end', 0, store => store.unpause(TOOL, undefined, owner))
  else
    await both(world, 'deny', 0, store =>
      store.pause({ adapter: TOOL, kind: 'denied', reason: '401', since, owner, checkAt: since + 5_000 }),
    )
}
