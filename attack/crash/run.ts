import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { createRandom } from '@sessionwire/core/testing'
import { fastClock } from '../clock.ts'
import { lagging } from '../lag.ts'
import type { Service, Target } from '../targets/target.ts'
import { begin, type Life, type Orders } from './life.ts'
import { openPlace, type Place } from './place.ts'
import { type Dealer, type Dealt, draw } from './plan.ts'
import type { Death } from './points.ts'
import type { Sabotage } from './sabotage.ts'
import { passesOf, type Step, steps } from './script.ts'
import { findRepeats, isLost, isSigned, judge, type Stored, type Verdict } from './verdict.ts'

/** How a run is made. Time is `speed` times as fast as it is. */
export type RunOptions = Readonly<{
  seed: number
  targets: readonly Target[]
  speed: number
  keep?: boolean
  /** A PostgreSQL server to keep the sessions in. Left out: a file. */
  url?: string
  /** Processes that record at once, each its own sessions. Default 1. */
  recorders?: number
  /** Processes that deliver at once. Default 1. */
  workers?: number
  /** Gives the first deaths; the run draws the others. */
  dealer: Dealer
  sabotage?: Sabotage
}>

/** The result of a run. */
export type RunReport = Readonly<{
  seed: number
  /** How often something was killed, by where. */
  kills: Readonly<Record<string, number>>
  /** Deaths that were dealt to it: with the seed, they repeat it. */
  dealt: readonly Dealt[]
  verdicts: readonly Verdict[]
  /** Deliveries that a look-up found after a kill, by adapter; at least so many. */
  found: Readonly<Record<string, number>>
  /** Deliveries that three kills in a row left dead, retried by hand. One that is dead for another reason is a problem. */
  retried: number
  problems: readonly string[]
  seconds: number
}>

type Dice = () => number

/** A process that does not pass the point it drew is killed after so many real ms. */
const PATIENCE_MS = 1_500
/** A run that has not ended by then never will: eight processes on a server take longer than two on a file. */
const MOST_MS = { file: 600_000, postgres: 900_000 } as const

const below = (dice: Dice, most: number): number => Math.floor(dice() * most)

const NEVER: Death = { point: 'time', nth: 0 }

/** The request that arrives as the `nth` kills who sent it: applied or not, unanswered or half answered. */
const killAtRequest = (
  services: readonly Service[],
  { point, nth }: Death,
  dice: Dice,
  kill: () => void,
): (() => void) => {
  let left = nth
  const now = dice() < 0.7
  const ends = services.map(({ server }) =>
    server.fail({
      when: () => {
        if (--left !== 0) return false
        if (now) kill()
        else setTimeout(kill, 2)
        return true
      },
      failure: point === 'half' ? { kind: 'slow' } : { kind: 'hang', applied: dice() < 0.7 },
    }),
  )
  return () => {
    for (const end of ends) end()
    for (const { server } of services) server.letGo()
  }
}

/** Services that also fail by themselves now and then. */
const misbehave = (services: readonly Service[]): void => {
  for (const { server } of services) {
    server.fail({ chance: 0.015, failure: { kind: 'reset', applied: true } })
    server.fail({ chance: 0.015, failure: { kind: 'error', applied: false, status: 503 } })
    server.fail({ chance: 0.01, failure: { kind: 'throttle', waitSeconds: 1 } })
  }
}

/** One run: processes are started and killed until everything is recorded, then until everything is delivered. */
export const run = async ({
  seed,
  targets,
  speed,
  keep,
  url,
  recorders = 1,
  workers = 1,
  dealer,
  sabotage,
}: RunOptions): Promise<RunReport> => {
  const startedAt = Date.now()
  const dice = createRandom(seed)
  const folder = await mkdtemp(join(tmpdir(), `attack-${seed}-`))
  const place: Place =
    url === undefined
      ? { kind: 'file', path: join(folder, 'sessions.db') }
      : { kind: 'postgres', url, schema: `attack_${process.pid}_${seed}` }
  const clock = fastClock(startedAt, speed)
  const services = await Promise.all(targets.map(target => target.serve({ seed, now: clock.now })))
  for (const service of services) lagging(service, clock.now)
  if (dice() < 0.4) misbehave(services)
  const common = {
    place,
    base: startedAt,
    speed,
    targets: targets.map(({ name }, n) => ({ name, options: services[n]?.options ?? {} })),
    secrets: Object.assign({}, ...services.map(({ secrets }) => secrets)) as Record<string, string>,
    ...(sabotage === undefined ? {} : { sabotage }),
  }
  const kills: Record<string, number> = {}
  const found: Record<string, number> = {}
  const recorded: string[] = []
  const erased: string[] = []
  const problems: string[] = []
  let retried = 0

  const hear = (role: Orders['role'], record: (n: number) => void) => (line: string) => {
    const [word, first = '', second = ''] = line.split(' ')
    if (word === 'recorded') {
      record(Number(first))
      recorded.push(second)
    } else if (word === 'forgot') erased.push(first)
    else if (word === 'found') found[first] = (found[first] ?? 0) + 1
    else if (word === 'dead') {
      if (isLost(line)) retried++
      else problems.push(`${role}: ${line}`)
    } else if (word === 'error' && !problems.includes(`${role}: ${line}`)) problems.push(`${role}: ${line}`)
  }

  let over = false
  const alive = new Set<Life>()
  const stop = setTimeout(() => {
    over = true
    problems.push(`it did not end in ${MOST_MS[place.kind] / 1_000} s`)
    for (const life of alive) life.kill('end')
  }, MOST_MS[place.kind])

  /** One life, to its end; true when it ended by itself, or all are over. */
  const live = async (
    { patience, dice, ...orders }: Orders & Readonly<{ patience: number; dice: Dice }>,
    ready: (life: Life) => void = () => undefined,
    record: (n: number) => void = () => undefined,
  ): Promise<boolean> => {
    const { death, role } = orders
    const life = begin(orders, hear(role, record))
    alive.add(life)
    ready(life)
    let timer: NodeJS.Timeout | undefined
    const killIn = (ms: number): void => {
      timer = setTimeout(() => life.kill('time'), ms)
    }
    if (death.point === 'start') killIn(death.nth)
    else if (death !== NEVER)
      void life.ready.then(() => {
        if (death.point === 'time') killIn(death.nth)
        else if (patience < Number.POSITIVE_INFINITY) killIn(patience)
      })
    const calm =
      death.point === 'request' || death.point === 'half'
        ? killAtRequest(services, death, dice, () => life.kill(death.point))
        : undefined
    const { killed, code, errors } = await life.end
    alive.delete(life)
    clearTimeout(timer)
    calm?.()
    const at =
      killed === undefined ? undefined : `${role} ${death.point === 'start' ? 'start' : killed.split(' ')[0]}`
    dealer.end(role, orders.life, at)
    if (at !== undefined) {
      kills[at] = (kills[at] ?? 0) + 1
      return over
    }
    if (code !== 0) problems.push(`${role} ended with ${code}: ${errors}`)
    return true
  }

  /** The death of one life. A dealt one is waited for; a drawn one has its time. */
  const choose = (
    role: Orders['role'],
    life: number,
    isMortal: boolean,
    dice: Dice,
    left: readonly Step[] = [],
  ) => {
    const dealt = isMortal ? dealer.deal(role, life, dice, passesOf(left)) : undefined
    if (dealt !== undefined) return { death: dealt, patience: Number.POSITIVE_INFINITY }
    return { death: isMortal ? draw(role, dice, place.kind) : NEVER, patience: PATIENCE_MS }
  }

  /** Records the sessions that are this recorder's, life after life. */
  const produceAll = async (which: number): Promise<void> => {
    const dice = createRandom(seed * 5 + 2 + which * 101)
    const deaths = 2 + below(dice, 4)
    let produced = 0
    let left = steps(seed).filter(({ session }) => session % recorders === which)
    for (let n = 0; ; n++) {
      const life = which * 1_000 + n
      const chosen = choose('producer', life, n < deaths, dice, left)
      const orders = { ...common, ...chosen, role: 'producer' as const, dice, life, steps: left }
      if (await live(orders, undefined, step => (produced = step))) return
      // A host that does not know whether its last call was stored makes it again, or goes on with the next.
      const later = left.filter(({ n: step }) => step > produced)
      const next = dice() < 0.5 ? later[0]?.n : later[1]?.n
      left = left.filter(
        ({ n: step, kind }) =>
          step >= (next ?? Number.POSITIVE_INFINITY) ||
          (step > produced && (kind === 'start' || kind === 'close')),
      )
    }
  }

  const deliverAll = async (which: number): Promise<void> => {
    const dice = createRandom(seed * 5 + 3 + which * 101)
    const deaths = 5 + below(dice, 5)
    for (let n = 0; ; n++) {
      const life = which * 1_000 + n
      const orders = { ...common, ...choose('worker', life, n < deaths, dice), dice, life, steps: [] }
      if (
        await live(
          { ...orders, role: 'worker' },
          started => void producing.then(() => started.tell('finish')),
        )
      )
        return
    }
  }

  const each = (count: number) => Array.from({ length: count }, (_, n) => n)
  const producing = Promise.all(each(recorders).map(produceAll))
  await Promise.all([producing, ...each(workers).map(deliverAll)])
  clearTimeout(stop)

  const store = openPlace(place, clock.now)
  const sessions: Stored[] = []
  const looking = await createTracker({
    ...{ project: 'attack', user: 'fixer', store, deliver: false, ...clock },
    adapters: targets.map((target, n) => target.make(services[n]?.options ?? {})),
  })
  for (const { id, goal = '', progress } of await store.sessions({ limit: 1_000 })) {
    const cards = (await looking.session(id).cards()).flatMap(({ adapter, url }) =>
      url === undefined ? [] : [[adapter, url] as const],
    )
    sessions.push({ id, goal, progress, events: await store.events(id), cards: Object.fromEntries(cards) })
  }
  const verdicts: Verdict[] = []
  const everything: string[] = [JSON.stringify(sessions)]
  for (const [n, target] of targets.entries()) {
    const all = await store.list({ adapter: target.name, limit: 100_000 })
    everything.push(JSON.stringify(all))
    verdicts.push(judge(target, services[n] as Service, sessions, all))
  }
  const text = everything.join('\n')
  // Everything that a process was promised to be stored must be stored. A start has no sign of its own, and a last call may have closed.
  const forgotten = recorded.filter(
    mark => isSigned(mark, seed, targets) && !new RegExp(`\\b${mark}\\b`).test(text),
  )
  problems.push(...forgotten.map(mark => `${mark} was recorded, and is not stored`))
  const kept = erased.filter(mark => new RegExp(`\\b${mark}\\b`).test(text))
  problems.push(...kept.map(mark => `${mark} was erased, and is stored`))
  problems.push(...sessions.flatMap(findRepeats))
  await looking.close()
  for (const { server } of services) await server.close()
  problems.push(...verdicts.flatMap(verdict => verdict.problems))
  if (problems.length === 0 || keep !== true) await rm(folder, { recursive: true, force: true })
  else problems.push(`the database was kept: ${JSON.stringify(place)}`)
  return {
    seed,
    kills,
    dealt: dealer.dealt(),
    verdicts,
    found,
    retried,
    problems,
    seconds: (Date.now() - startedAt) / 1_000,
  }
}
