import type { SessionEvent } from '@sessionwire/core/adapter'
import type { Delivery } from '@sessionwire/core/delivery'
import type { Service, Target } from '../targets/target.ts'
import { byAge, marksIn, steps } from './script.ts'

/** One session as it is stored. */
export type Stored = Readonly<{
  id: string
  goal: string
  progress: number
  events: readonly SessionEvent[]
  /** Addresses of its cards, by adapter: of those that have one. */
  cards: Readonly<Record<string, string>>
}>

/** The result of one adapter in a run. */
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

/** Whether what a process says of a dead delivery is that its attempts were killed: nothing else is dead here for good reason. */
export const isLost = (line: string): boolean => /: [2-9]\d* attempts in a row never reported$/.test(line)

/** Whether there is too little or too much of something. */
type Compared = Readonly<{ lost: number; doubled: number; problems: readonly string[] }>

/** Hooks that show below the card. */
const TOLD: ReadonlySet<string> = new Set(['decision', 'blocker', 'resolve', 'close', 'resume'])

const count = (list: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const each of list) counts.set(each, (counts.get(each) ?? 0) + 1)
  return counts
}

/** Holds what is there against what should be, in order. */
export const compare = (where: string, expected: readonly string[], found: readonly string[]): Compared => {
  const counts = count(found)
  const lost = expected.filter(each => !counts.has(each))
  const doubled = [...counts].filter(([, times]) => times > 1)
  const strange = [...counts.keys()].filter(each => !expected.includes(each))
  const problems = [
    ...lost.map(each => `${where}: ${each} is lost`),
    ...doubled.map(([each, times]) => `${where}: ${each} is there ${times} times`),
    ...strange.map(each => `${where}: ${each} was never recorded`),
  ]
  if (problems.length === 0 && found.join(' ') !== expected.join(' '))
    problems.push(`${where}: out of order: ${found.join(' ')}, not ${expected.join(' ')}`)
  return { lost: lost.length, doubled: doubled.reduce((sum, [, times]) => sum + times - 1, 0), problems }
}

/** Judges requests that cannot be looked up: nothing twice, what was delivered is there, and whatever may be missing is in the queue. */
export const atMostOnce = (
  where: string,
  delivered: readonly string[],
  doubted: readonly string[],
  found: readonly string[],
): Compared => {
  const there = new Set(found)
  const lost = delivered.filter(each => !there.has(each))
  const strange = [...there].filter(each => !delivered.includes(each) && !doubted.includes(each))
  const doubled = found.length - there.size
  return {
    lost: lost.length,
    doubled,
    problems: [
      ...lost.map(each => `${where}: ${each} is delivered, and not there`),
      ...strange.map(each => `${where}: ${each} is there, and neither delivered nor in doubt`),
      ...(doubled > 0 ? [`${where}: ${doubled} are there twice`] : []),
    ],
  }
}

const last = (text: string): readonly string[] => marksIn(text).slice(-1)
const ofTexts = (texts: readonly string[]): readonly string[] => texts.flatMap(last)

/** Signs of direct calls of one kind, in the order in which they were stored. */
const marksOfActs = (deliveries: readonly Delivery[], kind: 'below' | 'apart' | 'once'): readonly string[] =>
  deliveries.flatMap(
    ({ descriptor }) =>
      JSON.stringify(descriptor ?? null).match(new RegExp(`${kind} (m\\d+x\\d+)`))?.[1] ?? [],
  )

const inState = (deliveries: readonly Delivery[], state: Delivery['state']): readonly Delivery[] =>
  deliveries.filter(each => each.state === state)

/** The card shows each of the session's other cards, once and where it is. */
const judgeLinks = (target: Target, { goal, cards }: Stored, found: readonly string[] = []): Compared => {
  const expected = Object.entries(cards).flatMap(([adapter, url]) => (adapter === target.name ? [] : [url]))
  return compare(`links of ${goal}`, expected.toSorted(), found.toSorted())
}

/** A session's card is there once and up to date, and its entries below it. */
const judgeSession = (
  target: Target,
  service: Service,
  session: Stored,
  deliveries: readonly Delivery[],
): Compared => {
  const [first, ...more] = service.listCards().filter(({ card }) => card.includes(session.goal))
  if (first === undefined) return { lost: 1, doubled: 0, problems: [`${session.goal} has no card`] }
  const problems = more.length === 0 ? [] : [`${session.goal} has ${more.length + 1} cards`]
  if (!first.card.includes(`${session.progress} %`))
    problems.push(
      `${session.goal}: the card does not show ${session.progress} %: ${first.card.slice(0, 200)}`,
    )
  const links = judgeLinks(target, session, first.links)
  problems.push(...links.problems)
  const doubled = more.length + links.doubled
  if (target.entries === 'none') return { lost: links.lost, doubled, problems }
  const told = session.events.flatMap(({ type, payload }) =>
    TOLD.has(type) && !(type === 'resume' && target.resumesSilently === true)
      ? last(JSON.stringify(payload))
      : [],
  )
  const below = marksOfActs(
    deliveries.filter(({ lane }) => lane === session.id),
    'below',
  )
  const found = ofTexts(first.entries)
  const entries = compare(
    session.goal,
    [...told, ...below].sort(byAge),
    target.unordered === true ? found.toSorted(byAge) : found,
  )
  return {
    lost: entries.lost + links.lost,
    doubled: entries.doubled + doubled,
    problems: [...problems, ...entries.problems],
  }
}

/** An adapter that can find again what it sent. */
const judgeSeeing = (
  target: Target,
  service: Service,
  sessions: readonly Stored[],
  deliveries: readonly Delivery[],
): readonly Compared[] => {
  const repeated = service.server.countDoubled()
  return [
    ...sessions.map(session => judgeSession(target, service, session, deliveries)),
    compare(
      'apart',
      marksOfActs(deliveries, 'apart').toSorted(byAge),
      ofTexts(service.listMade()).toSorted(byAge),
    ),
    atMostOnce(
      'once',
      marksOfActs(inState(deliveries, 'delivered'), 'once'),
      marksOfActs(inState(deliveries, 'dead'), 'once'),
      ofTexts(service.once?.() ?? []),
    ),
    {
      lost: 0,
      doubled: repeated,
      problems: repeated === 0 ? [] : [`asked ${repeated} times more than once for the same thing`],
    },
  ]
}

/** An adapter that can look up nothing. A session posts its start, its blockers with their ends, and its own end. */
const judgeBlind = (
  service: Service,
  sessions: readonly Stored[],
  deliveries: readonly Delivery[],
): readonly Compared[] => {
  // Each message is another text.
  const ofSession = (text: string): readonly string[] =>
    sessions.some(({ goal }) => text.includes(goal)) ? [text] : []
  const textsIn = (state: Delivery['state']): readonly string[] =>
    inState(deliveries, state).flatMap(({ descriptor }) => {
      const payload = descriptor?.kind === 'http' ? descriptor.payload : undefined
      return ofSession(String((payload as Readonly<{ text?: unknown }> | undefined)?.text ?? ''))
    })
  const found = service.listCards().flatMap(({ card }) => ofSession(card))
  return [atMostOnce('said', textsIn('delivered'), textsIn('dead'), found)]
}

/** Compares what the service applied with what was recorded. `all`: the adapter's deliveries, in order. */
export const judge = (
  target: Target,
  service: Service,
  sessions: readonly Stored[],
  all: readonly Delivery[],
): Verdict => {
  // A newer edit took the place of some, and what showed an erased text was dropped; each has a successor that is judged.
  const deliveries = all.filter(({ state }) => state !== 'replaced' && state !== 'dropped')
  const parts =
    target.blind === true
      ? judgeBlind(service, sessions, deliveries)
      : judgeSeeing(target, service, sessions, deliveries)
  const inDoubt = deliveries.filter(({ state, doubtSince }) => state === 'dead' && doubtSince !== undefined)
  // Only what cannot be looked up may wait for a person.
  const stuck = deliveries.filter(
    each => each.state !== 'delivered' && !(each.descriptor?.repeat === 'unsafe' && inDoubt.includes(each)),
  )
  const sum = (pick: (part: Compared) => number): number => parts.reduce((all, part) => all + pick(part), 0)
  return {
    adapter: target.name,
    recorded: deliveries.length,
    delivered: inState(deliveries, 'delivered').length,
    inDoubt: inDoubt.length,
    lost: sum(part => part.lost),
    doubled: sum(part => part.doubled),
    problems: [
      ...parts.flatMap(part => part.problems),
      ...stuck.map(({ action, state, reason }) => `${action} is ${state}: ${reason ?? ''}`),
    ].map(problem => `${target.name}: ${problem}`),
  }
}

/** A call made again with its key, or by a host that skipped it, is stored once. */
export const findRepeats = ({ goal, events }: Stored): readonly string[] => {
  const all = events.flatMap(({ payload }) => marksIn(JSON.stringify(payload)))
  return [...new Set(all)].flatMap(mark => {
    const times = all.filter(each => each === mark).length
    return times > 1 ? [`${goal}: ${mark} is stored ${times} times`] : []
  })
}

/** Whether a step leaves its sign in what is stored: a direct call does where one of the adapters has any of its kind. */
export const isSigned = (mark: string, seed: number, targets: readonly Target[]): boolean => {
  const n = Number(/^m(\d+)x/.exec(mark)?.[1])
  const kind = steps(seed).find(step => step.n === n)?.kind
  if (kind === 'below' || kind === 'apart' || kind === 'once')
    return targets.some(target => (target[kind] ?? []).length > 0)
  return kind !== undefined && kind !== 'start' && kind !== 'close' && kind !== 'forget' && kind !== 'rest'
}
