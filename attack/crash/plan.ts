import type { Orders } from './life.ts'
import type { Place } from './place.ts'
import type { Death, Point } from './points.ts'

type Role = Orders['role']
type Dice = () => number
/** A place, the latest pass by it that kills, and how often it is drawn at random. */
type Choice = readonly [point: Point, most: number, weight: number]

const PRODUCER: readonly Choice[] = [
  ['migration', 20, 0],
  ['key', 14, 2],
  ['message', 12, 2],
  ['erase', 5, 1],
  ['commit:before', 8, 1],
  ['append', 60, 4],
  ['commit:after', 8, 2],
  ['sql', 90, 1],
  ['checkpoint', 12, 2],
  ['time', 300, 2],
  ['start', 800, 1],
]
const WORKER: readonly Choice[] = [
  ['custom', 30, 2],
  ['claim:after', 6, 2],
  ['sql', 150, 3],
  ['begin:before', 12, 1],
  ['begin:after', 12, 3],
  ['send:after', 25, 3],
  ['capture', 8, 1],
  ['settle:before', 25, 2],
  ['settle:after', 25, 1],
  ['request', 25, 4],
  ['half', 25, 2],
  ['checkpoint', 12, 3],
  ['time', 500, 2],
  ['start', 800, 1],
]
/** Places that a kind of store has: PostgreSQL checkpoints by itself, and its functions write messages and keys. */
const NOT_IN_POSTGRES: readonly Point[] = ['checkpoint', 'message']
const has = (kind: Place['kind'], [point]: Choice): boolean =>
  kind === 'file' || !NOT_IN_POSTGRES.includes(point)
const choicesOf = (role: Role, kind: Place['kind']): readonly Choice[] =>
  (role === 'producer' ? PRODUCER : WORKER).filter(choice => has(kind, choice))

const placeOf = (role: Role, point: string): string => `${role} ${point}`

/** Every place where a process of a run may die, as it stands among the kills. */
const placesOf = (kind: Place['kind']): readonly string[] =>
  (['producer', 'worker'] as const).flatMap(role =>
    choicesOf(role, kind).map(([point]) => placeOf(role, point)),
  )
export const PLACES: readonly string[] = placesOf('file')

/** Points that count ms. All others count how often a process passes. */
const TIMED: ReadonlySet<Point> = new Set(['time', 'start', 'checkpoint'])

const below = (dice: Dice, most: number): number => Math.floor(dice() * most)

/** Draws a death at random. */
export const draw = (role: Role, dice: Dice, kind: Place['kind'] = 'file'): Death => {
  const choices = choicesOf(role, kind)
  let left = dice() * choices.reduce((sum, [, , weight]) => sum + weight, 0)
  for (const [point, most, weight] of choices) {
    left -= weight
    if (left < 0) return { point, nth: 1 + below(dice, most) }
  }
  throw new Error('The weights do not sum up.')
}

/** A death that the plan gave to one life of a run: with these, a seed is repeated as it was. */
export type Dealt = Readonly<{ role: Role; life: number; death: Death }>

/** Writes dealt deaths as an argument of the command line. */
export const formatDealt = (dealt: readonly Dealt[]): string =>
  dealt.map(({ role, life, death }) => `${role}-${life}=${death.point}/${death.nth}`).join(',')

/** Reads what `formatDealt` wrote. Throws for any other text. */
export const parseDealt = (text: string): readonly Dealt[] =>
  text === ''
    ? []
    : text.split(',').map(part => {
        const [, role, life, point, nth] = /^(producer|worker)-(\d+)=([a-z:]+)\/(\d+)$/.exec(part) ?? []
        if (!PLACES.includes(placeOf(role as Role, point ?? '')))
          throw new Error(`--deaths: invalid part; expected like worker-0=custom/1, got ${part}.`)
        return {
          role: role as Role,
          life: Number(life),
          death: { point: point as Point, nth: Number(nth) },
        }
      })

/** How often a life passes a place at least; places that are left out, every life passes often enough. */
type Passes = Readonly<Partial<Record<Point, number>>>

/** Places that only some lives pass, the rarest first: they are dealt to those before any other. */
const RARE: readonly Point[] = ['migration', 'checkpoint', 'erase', 'key']
const rarity = (point: Point): number => RARE.length - (RARE.indexOf(point) + 1 || RARE.length + 1)

/** Deals the deaths of a run's processes. */
export type Dealer = Readonly<{
  /** The death of the next life; `undefined` where every place has had its share, and the run draws its own. */
  deal: (role: Role, life: number, dice: Dice, passes?: Passes) => Death | undefined
  /** Counts how a life ended: `place` is where it was killed, `undefined` where it ended by itself. */
  end: (role: Role, life: number, place: string | undefined) => void
  /** All that was dealt so far. */
  dealt: () => readonly Dealt[]
}>

/** Deals the places out to the lives of all runs, until each had its share of kills. */
export type Plan = Readonly<{
  /** `isLong`: whether the run records enough for checkpoints while it goes on. */
  begin: (isLong: boolean) => Dealer
  /** Places that still have fewer kills than their share, and how many they have. */
  listOwed: () => readonly (readonly [place: string, kills: number])[]
  /** Whether another run would help: a place is owed, and has not been missed too often. */
  isOpen: () => boolean
}>

/** A place that so many lives were dealt without one that died there cannot be reached. */
const MOST_MISSES = 30

/**
 * Chance alone leaves places out, and how many depends on the speed of the machine. So each place first gets `share` kills:
 * a life is dealt the place with the fewest kills and waits there without a limit. A life that never passes its place ends
 * by itself, and the place is dealt to a later run.
 */
export const createPlan = (share: number, kind: Place['kind'] = 'file'): Plan => {
  const places = placesOf(kind)
  const kills = new Map(places.map(place => [place, 0]))
  const underWay = new Map(places.map(place => [place, 0]))
  const missed = new Map(places.map(place => [place, 0]))
  const of = (counts: ReadonlyMap<string, number>, place: string): number => counts.get(place) ?? 0
  const add = (counts: Map<string, number>, place: string, by: number): void => {
    counts.set(place, of(counts, place) + by)
  }
  const countExpected = (place: string): number => of(kills, place) + of(underWay, place)

  const begin = (isLong: boolean): Dealer => {
    const dealt: Dealt[] = []
    const isOpenTo = (role: Role, life: number, point: Point): boolean =>
      // A new file is migrated once, and one place is tried once in a run.
      (point !== 'migration' || life === 0) &&
      (point !== 'checkpoint' || isLong) &&
      !dealt.some(each => each.role === role && each.death.point === point)
    return {
      deal: (role, life, dice, passes = {}) => {
        const mostOf = (point: Point): number => Math.min(2, passes[point] ?? 2)
        const open = choicesOf(role, kind)
          .filter(
            ([point]) =>
              isOpenTo(role, life, point) && mostOf(point) > 0 && countExpected(placeOf(role, point)) < share,
          )
          .toSorted(
            ([one], [other]) =>
              countExpected(placeOf(role, one)) - countExpected(placeOf(role, other)) ||
              rarity(other) - rarity(one),
          )
        const chosen = open[0]
        if (chosen === undefined) return undefined
        const [point, most] = chosen
        const nth = 1 + below(dice, TIMED.has(point) || point === 'migration' ? most : mostOf(point))
        dealt.push({ role, life, death: { point, nth } })
        add(underWay, placeOf(role, point), 1)
        return { point, nth }
      },
      end: (role, life, place) => {
        const own = dealt.find(each => each.role === role && each.life === life)
        if (place !== undefined && kills.has(place)) add(kills, place, 1)
        if (own === undefined) return
        const aim = placeOf(role, own.death.point)
        add(underWay, aim, -1)
        if (place !== aim) add(missed, aim, 1)
      },
      dealt: () => dealt,
    }
  }

  const listOwed = () =>
    places.filter(place => of(kills, place) < share).map(place => [place, of(kills, place)] as const)
  return {
    begin,
    listOwed: listOwed,
    isOpen: () => listOwed().some(([place]) => of(missed, place) < MOST_MISSES),
  }
}

/** Deals what was dealt before, for a run that is repeated. */
export const repeat = (dealt: readonly Dealt[]): Dealer => ({
  deal: (role, life, dice) => {
    const found = dealt.find(each => each.role === role && each.life === life)?.death
    // The plan rolled once for each death that it dealt: the deaths drawn after it follow.
    if (found !== undefined) dice()
    return found
  },
  end: () => undefined,
  dealt: () => dealt,
})
