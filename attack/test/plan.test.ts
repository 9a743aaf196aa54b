import { createRandom } from '@sessionwire/core/testing'
import { expect, test } from 'vitest'
import { createPlan, draw, formatDealt, PLACES, parseDealt, repeat } from '../crash/plan.ts'

type Role = 'producer' | 'worker'

/** Runs lives of one role through a plan; `reaches` says which place a life can pass. */
const live = (
  dealer: ReturnType<ReturnType<typeof createPlan>['begin']>,
  role: Role,
  lives: number,
  reaches: (place: string) => boolean,
): readonly string[] => {
  const dice = createRandom(1)
  return Array.from({ length: lives }, (_, life) => {
    const death = dealer.deal(role, life, dice)
    if (death === undefined) return 'drawn'
    const place = `${role} ${death.point}`
    dealer.end(role, life, reaches(place) ? place : undefined)
    return place
  })
}

test('every place is dealt until it had its share, and then nothing', () => {
  const plan = createPlan(2)
  expect(plan.listOwed()).toHaveLength(25)
  const dealt: string[] = []
  for (let run = 0; run < 12; run++) {
    const dealer = plan.begin(run % 2 === 1)
    dealt.push(...live(dealer, 'producer', 3, () => true), ...live(dealer, 'worker', 5, () => true))
  }
  for (const place of PLACES)
    expect(
      dealt.filter(each => each === place),
      place,
    ).toHaveLength(2)
  expect(plan.listOwed()).toEqual([])
  expect(plan.isOpen()).toBe(false)
  expect(live(plan.begin(true), 'worker', 2, () => true)).toEqual(['drawn', 'drawn'])
})

test('a place that a run cannot reach is dealt to a later one, and not twice to the same', () => {
  const plan = createPlan(1)
  const first = live(plan.begin(true), 'worker', 30, place => place !== 'worker custom')
  expect(first.filter(each => each === 'worker custom')).toHaveLength(1)
  expect(plan.listOwed().filter(([place]) => place.startsWith('worker'))).toEqual([['worker custom', 0]])
  expect(live(plan.begin(true), 'worker', 2, () => true)).toEqual(['worker custom', 'drawn'])
})

test('a checkpoint is dealt to long runs only, a migration to the first life only', () => {
  const plan = createPlan(1)
  const short = live(plan.begin(false), 'producer', 30, () => true)
  expect(short).not.toContain('producer checkpoint')
  expect(short.indexOf('producer migration')).toBe(0)
  expect(live(plan.begin(true), 'producer', 2, () => true)).toEqual(['producer checkpoint', 'drawn'])
})

test('a place that no run reaches ends the plan, and stays owed', () => {
  const plan = createPlan(1)
  let runs = 0
  while (plan.isOpen() && runs < 100) {
    const dealer = plan.begin(true)
    live(dealer, 'producer', 30, () => true)
    live(dealer, 'worker', 30, place => place !== 'worker half')
    runs++
  }
  expect(runs).toBe(30)
  expect(plan.listOwed()).toEqual([['worker half', 0]])
})

test('a place is dealt to a life that passes it, and not later than it does', () => {
  const dealer = createPlan(2, 'postgres').begin(true)
  const dice = createRandom(1)
  const none = { key: 0, erase: 0 }
  const deal = (life: number, passes: Readonly<{ key: number; erase: number }>) =>
    dealer.deal('producer', life, dice, passes)
  expect(deal(0, none)?.point).toBe('migration')
  expect(deal(1, { key: 1, erase: 0 })).toEqual({ point: 'key', nth: 1 })
  expect(deal(2, none)?.point).toBe('commit:before')
  expect(deal(3, { key: 1, erase: 2 })?.point).toBe('erase')
})

test('a kill at a place counts for it, dealt or drawn', () => {
  const plan = createPlan(1)
  plan.begin(false).end('worker', 0, 'worker half')
  expect(plan.listOwed().map(([place]) => place)).not.toContain('worker half')
})

test('what was dealt is written and read again, and repeats', () => {
  const dealer = createPlan(1).begin(true)
  live(dealer, 'producer', 3, () => true)
  const text = formatDealt(dealer.dealt())
  expect(text).toMatch(/^producer-0=migration\/\d+,producer-1=checkpoint\/\d+,producer-2=erase\/[12]$/)
  expect(parseDealt(text)).toEqual(dealer.dealt())
  expect(parseDealt('')).toEqual([])
  const again = repeat(parseDealt(text))
  expect(again.deal('producer', 1, Math.random)).toEqual(dealer.dealt()[1]?.death)
  expect(again.deal('worker', 0, Math.random)).toBeUndefined()
  // What is drawn afterwards is the same.
  const [first, second] = [createRandom(9), createRandom(9)]
  const plan = createPlan(1).begin(true)
  const given = [0, 1, 2].map(life => plan.deal('worker', life, first))
  const replayed = repeat(plan.dealt())
  expect([0, 1, 2].map(life => replayed.deal('worker', life, second))).toEqual(given)
  expect(draw('worker', second)).toEqual(draw('worker', first))
  expect(() => parseDealt('worker-0=migration/1')).toThrow('expected like worker-0=custom/1')
})

test('drawn deaths follow the dice, and reach every place but the migration', () => {
  const drawn = (seed: number) => {
    const dice = createRandom(seed)
    return Array.from({ length: 400 }, (_, n) => {
      const role: Role = n % 2 === 0 ? 'producer' : 'worker'
      return `${role} ${draw(role, dice).point}`
    })
  }
  expect(drawn(3)).toEqual(drawn(3))
  expect([...new Set(drawn(3))].toSorted()).toEqual(
    PLACES.filter(place => place !== 'producer migration').toSorted(),
  )
})
