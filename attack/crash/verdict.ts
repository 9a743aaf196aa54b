import type { SessionEvent } from '@sessionwire/core/adapter'
import type { Delivery } from '@sessionwire/core/delivery'
import type { Service, Target } from '../targets/target.ts'
import { byAge, marksIn } from './script.ts'

/** One session as it is stored. */
export type Stored = Readonly<{ id: string; goal: string; progress: number; events: readonly SessionEvent[] }>

/** What became of one adapter in a run. */
export type Verdict = Readonly<{
  adapter: string
  /** Deliveries that nothing took the place of. */
  recorded: number
  delivered: number
  /** Left in the queue for a person, in doubt: only what cannot be looked up may. */
  inDoubt: number
  lost: number
  doubled: number
  /** Everything that is not as it should be, in words. */
  problems: readonly string[]
}>

/** Hooks that show below the card. */
const TOLD: ReadonlySet<string> = new Set(['decision', 'blocker', 'resolve', 'close'])

const count = (list: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const each of list) counts.set(each, (counts.get(each) ?? 0) + 1)
  return counts
}

/** Compares what should be there, in order, with what is. */
const compare = (
  where: string,
  expected: readonly string[],
  found: readonly string[],
): Readonly<{ lost: number; doubled: number; problems: readonly string[] }> => {
  const counts = count(found)
  const lost = expected.filter(each => !counts.has(each))
  const doubled = [...counts].filter(([, times]) => times > 1)
  const strange = [...counts.keys()].filter(each => !expected.includes(each))
  const problems = [
    ...lost.map(each => `${where}: ${each} is lost`),
    ...doubled.map(([each, times]) => `${where}: ${each} is there ${times} times`),
    ...strange.map(each => `${where}: ${each} was never recorded`),
  ]
  const inOrder = found.join(' ') === expected.join(' ')
  if (problems.length === 0 && !inOrder)
    problems.push(`${where}: out of order: ${found.join(' ')}, not ${expected.join(' ')}`)
  return { lost: lost.length, doubled: doubled.reduce((sum, [, times]) => sum + times - 1, 0), problems }
}

const last = (text: string): readonly string[] => marksIn(text).slice(-1)

const ofTexts = (texts: readonly string[]): readonly string[] => texts.flatMap(last)

/** Signs of direct calls of one kind, in the order in which they were stored. */
const acted = (deliveries: readonly Delivery[], kind: 'below' | 'beside', lane?: string): readonly string[] =>
  deliveries
    .filter(each => lane === undefined || each.lane === lane)
    .flatMap(
      ({ descriptor }) =>
        JSON.stringify(descriptor ?? null).match(new RegExp(`${kind} (m\\d+x\\d+)`))?.[1] ?? [],
    )

/** An adapter that can find again what it sent: everything is there once, in order, and the card is up to date. */
const judgeSeeing = (
  target: Target,
  service: Service,
  sessions: readonly Stored[],
  deliveries: readonly Delivery[],
): Pick<Verdict, 'lost' | 'doubled' | 'problems'> => {
  const parts = [
    compare('beside', [...acted(deliveries, 'beside')].sort(byAge), ofTexts(service.made()).toSorted(byAge)),
  ]
  const problems: string[] = []
  const shown = service.shown()
  for (const session of sessions) {
    const [first, ...more] = shown.filter(({ card }) => card.includes(session.goal))
    if (first === undefined) {
      parts.push({ lost: 1, doubled: 0, problems: [`${session.goal} has no card`] })
      continue
    }
    if (more.length > 0)
      parts.push({
        lost: 0,
        doubled: more.length,
        problems: [`${session.goal} has ${more.length + 1} cards`],
      })
    if (!first.card.includes(`${session.progress} %`))
      problems.push(
        `${session.goal}: the card does not show ${session.progress} %: ${first.card.slice(0, 200)}`,
      )
    if (target.entries === 'none') continue
    const told = session.events.flatMap(event =>
      TOLD.has(event.type) ? last(JSON.stringify(event.payload)) : [],
    )
    const expected = [...told, ...acted(deliveries, 'below', session.id)].sort(byAge)
    parts.push(compare(session.goal, expected, ofTexts(first.entries)))
  }
  const repeated = service.server.doubled()
  return {
    lost: parts.reduce((sum, part) => sum + part.lost, 0),
    doubled: Math.max(
      repeated,
      parts.reduce((sum, part) => sum + part.doubled, 0),
    ),
    problems: [
      ...problems,
      ...parts.flatMap(part => part.problems),
      ...(repeated > 0 ? [`the service was asked ${repeated} times more than once for the same thing`] : []),
    ],
  }
}

/** An adapter that cannot: nothing twice, and whatever may be missing stands in the queue, in doubt. */
const judgeBlind = (
  service: Service,
  sessions: readonly Stored[],
  deliveries: readonly Delivery[],
): Pick<Verdict, 'lost' | 'doubled' | 'problems'> => {
  const problems: string[] = []
  let [lost, doubled] = [0, 0]
  for (const session of sessions) {
    const own = deliveries.filter(({ lane }) => lane === session.id)
    const sent = own.filter(({ state }) => state === 'delivered').length
    const doubted = own.filter(({ state, doubtSince }) => state === 'dead' && doubtSince !== undefined).length
    const cards = service.shown().filter(({ card }) => card.includes(session.goal))
    const distinct = new Set(cards.map(({ card }) => card)).size
    doubled += cards.length - distinct
    if (cards.length > distinct) problems.push(`${session.goal}: something was said twice`)
    lost += Math.max(0, sent - distinct)
    if (distinct < sent) problems.push(`${session.goal}: ${sent} delivered, ${distinct} there`)
    if (distinct > sent + doubted)
      problems.push(`${session.goal}: ${distinct} there, ${sent} delivered, ${doubted} in doubt`)
  }
  return { lost, doubled, problems }
}

/** What the service applied, held against what was recorded. `all`: the adapter's deliveries, in order. */
export const judge = (
  target: Target,
  service: Service,
  sessions: readonly Stored[],
  all: readonly Delivery[],
): Verdict => {
  const deliveries = all.filter(({ state }) => state !== 'replaced')
  const judged =
    target.blind === true
      ? judgeBlind(service, sessions, deliveries)
      : judgeSeeing(target, service, sessions, deliveries)
  const inDoubt = deliveries.filter(({ state, doubtSince }) => state === 'dead' && doubtSince !== undefined)
  const stuck = deliveries.filter(
    each => each.state !== 'delivered' && !(target.blind === true && inDoubt.includes(each)),
  )
  return {
    adapter: target.name,
    recorded: deliveries.length,
    delivered: deliveries.filter(({ state }) => state === 'delivered').length,
    inDoubt: inDoubt.length,
    ...judged,
    problems: [
      ...judged.problems,
      ...stuck.map(({ action, state, reason }) => `${action} is ${state}: ${reason ?? ''}`),
    ].map(problem => `${target.name}: ${problem}`),
  }
}
