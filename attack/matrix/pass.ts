import type { Listed, Tracker } from '@sessionwire/core'
import type { HeldClock } from '../clock.ts'

/** The parts that passing time moves. */
type Passing = Readonly<{
  tracker: Tracker<Listed>
  clock: HeldClock
  /** Resolves when the fault is repaired, if that is under way. */
  whenFixed: () => Promise<void>
}>

/** When nothing says how long to wait, ms: a limit that has no room, a pause that is looked at. */
const STEP_MS = 1_000
/** More steps than anything here takes. */
const MOST = 5_000

/** Lets the news of this machine's network reach all its sockets. */
export const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>(resolve => setImmediate(resolve))
}

/**
 * Lets time pass until nothing of a lane moves any more. Time moves only while nothing is under way, so that what happens
 * does not depend on how fast this machine is.
 */
export const settle = async (
  { tracker, clock, whenFixed: mended }: Passing,
  lane: string,
  problems: string[],
): Promise<void> => {
  for (let step = 0; step < MOST; step++) {
    await tracker.drain({ timeoutMs: 0.5 })
    await mended()
    await turns()
    const all = await tracker.deliveries({ lane, state: ['waiting', 'claimed', 'begun', 'dead'] })
    const [head] = all.filter(({ state }) => state !== 'dead')
    // Behind a dead one that others need, nothing moves.
    if (head === undefined || all.some(({ state, holds }) => state === 'dead' && holds)) return
    clock.pass(Math.max(STEP_MS, head.dueAt - clock.now()))
  }
  const left = await tracker.deliveries({ lane, state: ['waiting', 'claimed', 'begun'] })
  problems.push(
    `stuck: ${left.map(({ action, state, reason }) => `${action} ${state} ${reason}`).join('; ')}`,
  )
}
