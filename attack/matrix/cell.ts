import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, type Listed, type Tracker } from '@sessionwire/core'
import { httpTransport, type Transport } from '@sessionwire/core/delivery'
import { render } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { fastClock, settableClock } from '../clock.ts'
import { lagging } from '../lag.ts'
import type { Service, Target } from '../targets/target.ts'
import { canaries, leaksIn } from './canary.ts'
import type { Fault, Stage } from './failures.ts'
import { type Way, watch } from './watch.ts'

/** What is sent when the failure happens. */
export const PARTS = ['card', 'edit', 'entry'] as const
export type Part = (typeof PARTS)[number]

/** What became of one failure at one service. */
export type Cell = Readonly<{
  ways: Readonly<Partial<Record<Part, Way>>>
  /** Everything that is not as it should be, in words. */
  problems: readonly string[]
}>

/** A thousand times as fast: a wait of a minute takes 60 ms. */
const SPEED = 1_000
/** How long a call may take, real ms: a machine that is busy must not look like a service that hangs. */
const TIMEOUT_MS = 1_500
/** What the worker takes a call's time for. No call of ours lives on after it has ended, so waiting longer proves nothing. */
const COUNTED_MS = 50
/** Nothing here takes so long, real ms. */
const MOST_MS = 30_000

const GOAL = 'Stop double charging'
const ENTRY = 'Lock per invoice'

const patient = (transport: Transport): Transport => ({
  ...transport,
  send: (call, sending) => transport.send(call, { ...sending, timeoutMs: TIMEOUT_MS }),
})

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Waits until nothing of a session moves any more; what stays dead and may be sent again is revived. */
const settle = async (tracker: Tracker<Listed>, lane: string, problems: string[]): Promise<void> => {
  const until = Date.now() + MOST_MS
  for (;;) {
    const all = await tracker.deliveries({ lane, state: ['waiting', 'claimed', 'begun', 'dead'] })
    const moving = all.filter(({ state }) => state !== 'dead')
    // Behind a dead one that others need, nothing moves.
    if (moving.length === 0 || all.some(({ state, holds }) => state === 'dead' && holds)) return
    if (Date.now() > until) {
      problems.push(
        `stuck: ${moving.map(({ action, state, reason }) => `${action} ${state} ${reason}`).join('; ')}`,
      )
      return
    }
    await pause(8)
  }
}

const revive = async (tracker: Tracker<Listed>, lane: string, problems: string[]): Promise<void> => {
  const dead = await tracker.deliveries({ lane, state: 'dead' })
  const sendable = dead.filter(each => each.descriptor?.repeat !== 'unsafe' || each.doubtSince === undefined)
  if (sendable.length === 0) return
  for (const { refused } of await tracker.revive(sendable.map(({ key }) => key)))
    if (refused !== undefined) problems.push(refused)
  await settle(tracker, lane, problems)
  for (const { action, reason } of await tracker.deliveries({ lane, state: 'dead' }))
    problems.push(`${action} is dead again: ${reason}`)
}

/** Whether the service shows what was recorded, once. */
const judge = (
  { name, blind, entries }: Target,
  { shown, server }: Service,
  progress: number,
  doubted: number,
  deceived: boolean,
): readonly string[] => {
  const problems: string[] = []
  const cards = shown().filter(({ card }) => card.includes(GOAL))
  const repeated = server.doubled()
  if (repeated > 0) problems.push(`doubled: ${repeated}`)
  if (blind === true) {
    const texts = new Set(cards.map(({ card }) => card))
    if (texts.size !== cards.length) problems.push('said twice')
    if (texts.size < 2 - doubted) problems.push(`lost: ${2 - doubted - texts.size}`)
    return problems
  }
  // What was believed to be done is not there, and nobody can know; but nothing may be there twice.
  if (deceived) return cards.length > 1 ? [...problems, `${cards.length} cards`] : problems
  if (cards.length !== 1) problems.push(`${cards.length} cards`)
  if (cards[0]?.card.includes(`${progress} %`) !== true) problems.push(`the card is stale: ${cards[0]?.card}`)
  const found = cards.flatMap(card => card.entries).filter(text => text.includes(ENTRY)).length
  if (found !== (entries === 'none' ? 0 : 1)) problems.push(`${found} entries`)
  return problems.map(problem => `${name}: ${problem}`)
}

/** Every text that leaves the library for a person, a log or a disk. */
const everything = async (tracker: Tracker<Listed>, id: string): Promise<readonly string[]> => {
  const descriptors = await tracker.preview(id)
  const shown = (['curl', 'http', 'graphql', 'cypher'] as const).map(format => {
    try {
      return render(descriptors, format)
    } catch (thrown) {
      return String(thrown)
    }
  })
  return [
    JSON.stringify(descriptors),
    ...shown,
    JSON.stringify(await tracker.status()),
    JSON.stringify(await tracker.deliveries()),
    await tracker.export(id, 'json'),
    await tracker.export(id, 'markdown'),
    await tracker.export(id, 'context'),
  ]
}

/** Runs one failure at one service: while the card is made, while it is edited, while an entry is made. */
export const runCell = async (target: Target, fault: Fault): Promise<Cell> => {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-'))
  const clock = settableClock(SPEED)
  const ofService = fastClock(Date.now(), SPEED)
  const service = await target.serve({ seed: 1, now: ofService.now })
  lagging(service, ofService.now)
  const secrets = new Map(Object.entries(service.secrets))
  const problems: string[] = []
  const logged: string[] = []
  let mend: (() => void) | undefined
  const adapter = target.make(service.options)
  const log = (...values: readonly unknown[]): void =>
    void logged.push(
      ...values.map(each =>
        each instanceof Error ? `${each.stack} ${String(each.cause)}` : (JSON.stringify(each) ?? ''),
      ),
    )
  const http = httpTransport({ secrets: name => secrets.get(name) })
  const own = adapter.transport?.({ secrets: name => secrets.get(name), http, now: Date.now }) ?? http
  const tracker = (await createTracker({
    project: 'attack',
    user: 'fixer',
    store: sqliteStore(join(folder, 'sessions.db'), { now: clock.now }),
    adapters: [adapter],
    transports: { [adapter.name]: patient(own) },
    secrets: name => secrets.get(name),
    logger: { warn: log, error: log },
    now: clock.now,
    monotonic: clock.monotonic,
    random: () => 0.5,
    pollMs: 15,
    policy: {
      timeoutMs: COUNTED_MS * SPEED,
      readTimeoutMs: COUNTED_MS * SPEED,
      leaseMarginMs: 40_000 * SPEED,
    },
  })) as unknown as Tracker<Listed>
  const watcher = watch(tracker, () => {
    mend?.()
    mend = undefined
  })
  const stage: Stage = {
    target,
    service,
    clock,
    secrets,
    failWrite: (failure, arrived) => {
      service.server.fail({
        when: request => {
          // What is refused at once is refused unread.
          if (failure.kind !== 'refuse' && !target.isWrite(request)) return false
          arrived?.()
          return true
        },
        failure,
      })
    },
    afterFailure: call => {
      mend = call
    },
  }
  const ways: Partial<Record<Part, Way>> = {}
  try {
    await settle(tracker, 'init', problems)
    const session = await (async () => {
      await fault.happen(stage)
      const started = await tracker.start({ goal: GOAL, progress: 10 })
      await settle(tracker, started.id, problems)
      if (started.receipt.recorded) ways.card = watcher.way(started.receipt.descriptors[0]?.key ?? '')
      await revive(tracker, started.id, problems)
      return started
    })()
    const during = async (
      part: Part,
      record: () => ReturnType<typeof session.update | typeof session.decide | typeof session.close>,
    ) => {
      await fault.happen(stage)
      const receipt = await record()
      await settle(tracker, session.id, problems)
      const [first] = receipt.recorded ? receipt.descriptors : []
      if (first !== undefined) ways[part] = watcher.way(first.key)
      await revive(tracker, session.id, problems)
    }
    if (target.blind !== true) await during('edit', () => session.update('Reproduced', { progress: 40 }))
    if (target.entries !== 'none') await during('entry', () => session.decide(ENTRY))
    if (target.blind === true) await during('entry', () => session.close({ progress: 40 }))
    const doubted = await tracker.deliveries({ lane: session.id, inDoubt: true })
    problems.push(...judge(target, service, 40, doubted.length, fault.deceives === true))
    const texts = [...watcher.texts(), ...logged, ...(await everything(tracker, session.id))]
    const files = await Promise.all(
      (await readdir(folder))
        .filter(name => name.startsWith('sessions.db'))
        .map(async name => [name, await readFile(join(folder, name), 'latin1').catch(() => '')] as const),
    )
    const known = canaries(service.secrets)
    problems.push(...texts.flatMap(text => leaksIn(known, text, 'what it said')))
    problems.push(...files.flatMap(([name, bytes]) => leaksIn(known, bytes, name)))
  } finally {
    service.server.behave()
    service.server.letGo()
    await tracker.close()
    await service.server.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { ways, problems }
}
