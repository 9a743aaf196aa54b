import type { Delivery, Incoming } from '../delivery/model.ts'

/** The rules of delivery, each of which can be switched off to show that it is needed. */
export const RULES = [
  'the head of a lane goes first',
  'begin is durable before the first byte',
  'what is in doubt is looked up',
  'not found is confirmed late',
  'doubt outlives a failed look-up',
  'a look-up reads to the end',
  'a look-up begins at the first attempt',
  'no request outlives its lease',
  'a lease counts from before its claim',
  'only the token settles',
  'a safe call is repeated after a wait',
  'a state overtakes nothing',
  'a dead entry holds nothing',
  'what waits for a dead one goes back with it',
  'a foreign answer does not count',
  'a missing card is asked for',
  'what may be applied late keeps its place',
  'a success carries its captures',
  'a success carries our id',
  'a rejection after doubt is looked up',
  'what others need stops the lane',
  'an overtaken card is not retried',
  'a known key is skipped',
  'an adapter waits for no other',
  'captures belong to their adapter',
  'one window counts for all workers',
  'edits of a card keep their distance',
  'reads before a call are repeated',
  'a preview waits for its release',
  'a preview replaces previews only',
  'a handoff is left to the hand',
  'what was taken by hand has no lease',
] as const
export type Rule = (typeof RULES)[number]

/** Applies the rules to a plan: with a rule off, each capture holds its lane, or a state takes the first place of its name. */
export const applyRules = (on: (rule: Rule) => boolean, each: Incoming): Incoming => {
  const { descriptor } = each
  const holds = on('a dead entry holds nothing') ? each.holds : descriptor?.captures !== undefined
  if (on('a state overtakes nothing') || descriptor?.coalesce === undefined) return { ...each, holds }
  const { place: _, ...first } = descriptor.coalesce
  return {
    ...each,
    holds,
    descriptor: { ...descriptor, coalesce: first } as NonNullable<Incoming['descriptor']>,
  }
}

/** A delivery without some of what it remembers. */
export const omit = (delivery: Delivery, ...names: readonly (keyof Delivery)[]): Delivery => {
  const copy: Record<string, unknown> = { ...delivery }
  for (const name of names) delete copy[name]
  return copy as Delivery
}
