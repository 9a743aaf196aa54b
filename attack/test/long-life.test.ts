import { copyFile, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, type Tracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { fakeClock } from '@sessionwire/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RUNS_ALL } from '../../test/sample.ts'
import { begin } from '../crash/life.ts'
import type { Step } from '../crash/script.ts'
import { linearTarget } from '../targets/linear.ts'
import { slackTarget } from '../targets/slack.ts'
import type { Service } from '../targets/target.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TARGETS = [slackTarget, linearTarget]
/** Half hours of an outage. */
const HALVES = RUNS_ALL ? 48 : 12
/** Made by version 1 of the format, without adapters: `Gold` was left, `Gdone` closed. */
const OLD = new URL('fixtures/month-1.db', import.meta.url)

let folder = ''
let clock = fakeClock(Date.now())
let services: readonly Service[] = []
let secrets = new Map<string, string>()
const open = new Set<Tracker>()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'long-life-'))
  await copyFile(OLD, join(folder, 'sessions.db'))
  clock = fakeClock(Date.now())
  services = await Promise.all(TARGETS.map(target => target.serve({ seed: 1, now: clock.now })))
  secrets = new Map(services.flatMap(service => Object.entries(service.secrets)))
})
afterEach(async () => {
  for (const tracker of open) await tracker.close()
  open.clear()
  for (const { server } of services) await server.close()
  await rm(folder, { recursive: true })
})

const opened = async (): Promise<Tracker> => {
  const tracker = (await createTracker({
    project: 'attack',
    user: 'fixer',
    store: sqliteStore(join(folder, 'sessions.db'), { now: clock.now }),
    adapters: TARGETS.map((target, place) => target.make(services[place]?.options ?? {})),
    secrets: name => secrets.get(name),
    now: clock.now,
    monotonic: clock.now,
    random: () => 0.5,
    deliver: false,
  })) as unknown as Tracker
  open.add(tracker)
  return tracker
}
const closed = async (tracker: Tracker): Promise<void> => {
  open.delete(tracker)
  await tracker.close()
}

/** Time passes in steps, and what is due in each is sent. The clock stands still meanwhile: a drain must not wait for it. */
const pass = async (tracker: Tracker, ms: number, stepMs = 10 * MINUTE): Promise<void> => {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(left, stepMs))
    for (const { lag } of services) lag?.catchUp()
    await tracker.drain({ timeoutMs: 0.5 })
  }
}

const cardsOf = (service: Service | undefined): readonly string[] =>
  (service?.listCards() ?? [])
    .map(({ card, entries }) => {
      const [goal = '', percent = ''] = /(G\w+)[\s\S]*?(\d+ %)/.exec(card)?.slice(1) ?? []
      return `${goal} ${percent}, ${entries.length} below`
    })
    .sort()
const statuses = async (tracker: Tracker) =>
  Object.fromEntries((await tracker.sessions()).map(({ goal, status }) => [goal, status]))
const edits = (service: Service | undefined): number =>
  service?.server.effects().filter(({ kind }) => kind === 'edit').length ?? 0

/** How the sessions of the old file stand until somebody goes on with them. */
const OLDER = { Gdone: 'completed', Gold: 'abandoned' }

/** A process of its own that ends what was left, begins a session, and is killed at its second update: its lock is free then. */
const vanished = async (): Promise<void> => {
  const step: Step = { n: 1, session: 0, kind: 'update', progress: 30, length: 10 }
  const life = begin(
    {
      role: 'producer',
      place: { kind: 'file', path: join(folder, 'sessions.db') },
      base: clock.now(),
      speed: 1,
      targets: TARGETS.map(({ name }, place) => ({ name, options: services[place]?.options ?? {} })),
      secrets: Object.fromEntries(secrets),
      death: { point: 'commit:before', nth: 4 },
      life: 0,
      steps: [step, { ...step, n: 2 }],
    },
    () => undefined,
  )
  expect(await life.end).toMatchObject({ killed: 'commit:before' })
}

/** Files have the system's time: the locks that killed processes left grow as old as the clock of the test says. */
const ageLocks = async (): Promise<void> => {
  const locks = join(folder, 'sessions.db-locks')
  const left = await readdir(locks)
  expect(left).toHaveLength(1)
  for (const name of left) await utimes(join(locks, name), 0, 0)
}

test('a month of sessions: left, killed, resumed, refused, cut off, and forgotten in the end', async () => {
  const [slack, linear] = services
  await vanished()
  const first = await opened()
  expect(await statuses(first)).toEqual({ G0g: 'active', Gdone: 'completed', Gold: 'abandoned' })
  const left = await first.start({ goal: 'Gleft', progress: 10 })
  const kept = await first.start({ goal: 'Gkept', progress: 20 })
  await pass(first, MINUTE, 10_000)
  expect(cardsOf(slack)).toEqual(['G0g 30 %, 0 below', 'Gkept 20 %, 0 below', 'Gleft 10 %, 0 below'])
  expect(cardsOf(linear)).toEqual(cardsOf(slack))
  await closed(first)

  // Ten minutes after its last event the killed one is known to be gone; the others are only closed.
  clock.advance(11 * MINUTE)
  await ageLocks()
  const second = await opened()
  expect(await statuses(second)).toEqual({ ...OLDER, G0g: 'crashed', Gleft: 'active', Gkept: 'active' })
  await second.session(kept.id).update('Going on', { progress: 25 })
  clock.advance(DAY - MINUTE)
  expect(await second.sweep()).toEqual([{ sessionId: left.id, end: 'abandoned' }])
  expect(await statuses(second)).toEqual({ ...OLDER, G0g: 'crashed', Gleft: 'abandoned', Gkept: 'active' })

  // A recorder that goes on with a crashed session resumes it.
  const [killed] = (await second.sessions()).filter(({ goal }) => goal === 'G0g')
  const resumed = second.session(killed?.id ?? '')
  await resumed.decide('Still here')
  expect(await statuses(second)).toEqual({ ...OLDER, G0g: 'active', Gleft: 'abandoned', Gkept: 'active' })
  expect((await resumed.load()).decisions.map(({ content }) => content)).toEqual(['Still here'])
  await pass(second, HOUR)
  expect(cardsOf(slack)).toEqual(['G0g 30 %, 3 below', 'Gkept 25 %, 0 below', 'Gleft 10 %, 1 below'])

  // What version 1 left is mirrored now, and gone on with.
  const [old] = (await second.sessions()).filter(({ goal }) => goal === 'Gold')
  const older = second.session(old?.id ?? '')
  for (const name of ['slack', 'linear'])
    expect(await second.backfill(name, { sessionId: older.id })).toMatchObject({ sessions: [older.id] })
  await older.update('Taken up again', { progress: 8 })
  await pass(second, HOUR)
  expect(await older.load()).toMatchObject({
    status: 'active',
    updates: [{ description: 'Found where it begins' }, { description: 'Taken up again' }],
    decisions: [{ content: 'Lock per invoice' }],
  })
  expect(cardsOf(slack)).toEqual([
    'G0g 30 %, 3 below',
    'Gkept 25 %, 0 below',
    'Gleft 10 %, 1 below',
    'Gold 8 %, 2 below',
  ])
  expect(cardsOf(linear)).toEqual(cardsOf(slack))
  await older.close({ summary: 'Done', progress: 9 })
  await pass(second, MINUTE)

  // A key expires, nobody sees it for two days, and then it is changed.
  const good = secrets.get('SLACK_BOT_TOKEN') ?? ''
  secrets.set('SLACK_BOT_TOKEN', 'xoxb-expired')
  for (let n = 1; n <= 20; n++) {
    await resumed.update(`While nobody is let in ${n}`, { progress: 40 + n })
    await pass(second, 2 * HOUR, HOUR)
  }
  const paused = (await second.status()).adapters.find(({ name }) => name === 'slack')
  expect(paused?.pauses.map(({ kind, reason }) => [kind, reason])).toEqual([['denied', 'invalid_auth']])
  expect(paused?.states).toMatchObject({ waiting: 1 })
  expect(cardsOf(slack)[0]).toBe('G0g 30 %, 3 below')
  expect(cardsOf(linear)[0]).toBe('G0g 60 %, 3 below')
  secrets.set('SLACK_BOT_TOKEN', good)
  const before = edits(slack)
  await pass(second, 20 * MINUTE)
  expect(cardsOf(slack)).toEqual(cardsOf(linear))
  expect(edits(slack) - before).toBe(1)

  // A service is away for a day, or in a sample for some hours, while three sessions go on.
  const third = await second.start({ goal: 'Glate', progress: 0 })
  await pass(second, HOUR)
  await slack?.server.down()
  const all = [resumed, second.session(kept.id), third]
  const [were, linearWere] = [edits(slack), linear?.server.counts().effects ?? 0]
  for (let half = 0; half < HALVES; half++) {
    for (const [place, session] of all.entries())
      await session.update(`Away ${half}`, { progress: half + place })
    await pass(second, HOUR / 2)
  }
  expect((linear?.server.counts().effects ?? 0) - linearWere).toBe(3 * HALVES)
  await slack?.server.up()
  await pass(second, HOUR)
  expect(edits(slack) - were).toBe(3)
  expect(cardsOf(slack)).toEqual([
    `G0g ${HALVES - 1} %, 3 below`,
    `Gkept ${HALVES} %, 0 below`,
    `Glate ${HALVES + 1} %, 0 below`,
    'Gleft 10 %, 1 below',
    'Gold 9 %, 3 below',
  ])
  expect(cardsOf(linear)).toEqual(cardsOf(slack))

  // They end; a month later they are forgotten, all but the one that still has something in the queue.
  for (const session of all.slice(0, 2)) await session.close({ summary: 'Done', progress: 100 })
  await pass(second, HOUR)
  slack?.server.fail({
    path: '/api/chat.postMessage',
    failure: {
      kind: 'answer',
      applied: false,
      answer: { status: 200, body: { ok: false, error: 'is_archived' } },
    },
  })
  await third.close({ summary: 'Too late', progress: 100 })
  await pass(second, HOUR)
  expect(await second.deliveries({ state: 'dead' })).toMatchObject([
    { adapter: 'slack', action: 'postEntry' },
  ])
  expect((await second.deliveries({ lane: kept.id })).every(({ state }) => state !== 'waiting')).toBe(true)
  const running = await second.start({ goal: 'Gnow' })
  await pass(second, 31 * DAY, DAY)
  expect(await second.prune()).toMatchObject({ sessions: 5 })
  expect(await statuses(second)).toEqual({ Glate: 'completed', Gnow: 'active' })
  await expect(second.session(kept.id).load()).rejects.toMatchObject({ code: 'NO_SUCH_SESSION' })
  expect(await second.prune({ keepMs: 20 * DAY })).toMatchObject({ sessions: 1 })
  expect(await statuses(second)).toEqual({ Gnow: 'active' })
  expect(new Set((await second.deliveries()).map(({ lane }) => lane))).toEqual(new Set([running.id]))
  expect(services.map(({ server }) => server.counts().doubled)).toEqual([0, 0])
})
