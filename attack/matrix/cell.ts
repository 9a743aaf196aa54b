import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, type Listed, type Tracker } from '@sessionwire/core'
import { httpTransport, type Transport } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createHeldClock } from '../clock.ts'
import { lagging } from '../lag.ts'
import type { Service, Target } from '../targets/target.ts'
import { BESIDE_URL, createBeside } from './beside.ts'
import { canaries, leaksIn } from './canary.ts'
import type { Fault, Stage } from './failures.ts'
import { settle, turns } from './pass.ts'
import { answersOf, everything } from './said.ts'
import { type Way, watch } from './watch.ts'

/** The requests under way when the failure happens. */
export const PARTS = ['card', 'edit', 'entry', 'link'] as const
export type Part = (typeof PARTS)[number]

/** The result of one failure at one service. */
export type Cell = Readonly<{
  ways: Readonly<Partial<Record<Part, Way>>>
  /** Everything that is not as it should be, in words. */
  problems: readonly string[]
}>

/** A machine that is busy must not look like a service that hangs, real ms: a request that hangs is ended on order. */
const TIMEOUT_MS = 120_000

/** Any time will do, as long as it is always the same. */
const START = Date.UTC(2026, 0, 31)

const GOAL = 'Stop double charging'
const ENTRY = 'Lock per invoice'

/** Ends requests under way on order, with the error of one that timed out. */
const impatient = (transport: Transport) => {
  const waiting = new Set<AbortController>()
  const send: Transport['send'] = async (call, sending) => {
    const controller = new AbortController()
    waiting.add(controller)
    const reply = await transport.send(call, {
      ...sending,
      timeoutMs: TIMEOUT_MS,
      signal: controller.signal,
    })
    waiting.delete(controller)
    return reply.kind === 'failure' && reply.code === 'aborted' ? { ...reply, code: 'timeout' } : reply
  }
  return {
    transport: { ...transport, send },
    giveUp: (): void => {
      for (const each of waiting) each.abort()
    },
  }
}

const retry = async (
  tracker: Tracker<Listed>,
  settled: () => Promise<void>,
  lane: string,
  problems: string[],
): Promise<void> => {
  const dead = await tracker.deliveries({ lane, state: 'dead' })
  const sendable = dead.filter(each => each.descriptor?.repeat !== 'unsafe' || each.doubtSince === undefined)
  if (sendable.length === 0) return
  for (const { refused } of await tracker.retry(sendable.map(({ key }) => key)))
    if (refused !== undefined) problems.push(refused)
  await settled()
  for (const { action, reason } of await tracker.deliveries({ lane, state: 'dead' }))
    problems.push(`${action} is dead again: ${reason}`)
}

/** Whether the service shows what was recorded, once. */
const judge = (
  { name, blind, entries }: Target,
  { listCards: shown, server }: Service,
  progress: number,
  doubted: number,
  deceived: boolean,
): readonly string[] => {
  const problems: string[] = []
  const cards = shown().filter(({ card }) => card.includes(GOAL))
  const repeated = server.countDoubled()
  if (repeated > 0) problems.push(`doubled: ${repeated}`)
  if (blind === true) {
    const texts = new Set(cards.map(({ card }) => card))
    if (texts.size !== cards.length) problems.push('said twice')
    if (texts.size < 2 - doubted) problems.push(`lost: ${2 - doubted - texts.size}`)
    return problems
  }
  // A request that the service only claimed to apply is missing, and no client can know; but nothing may be there twice.
  if (deceived) return cards.length > 1 ? [...problems, `${cards.length} cards`] : problems
  if (cards.length !== 1) problems.push(`${cards.length} cards`)
  if (cards[0]?.card.includes(`${progress} %`) !== true) problems.push(`the card is stale: ${cards[0]?.card}`)
  const found = cards.flatMap(card => card.entries).filter(text => text.includes(ENTRY)).length
  if (found !== (entries === 'none' ? 0 : 1)) problems.push(`${found} entries`)
  const links = cards.flatMap(({ links = [] }) => links)
  if (links.length !== 1 || links[0] !== BESIDE_URL) problems.push(`links: ${links.join(' ') || 'none'}`)
  return problems.map(problem => `${name}: ${problem}`)
}

/** Whether the service says that it did what it did not. */
export const isDeceived = (fault: Fault, target: Target): boolean =>
  fault.deceives === true || (fault.deceivesTrusting === true && target.trusting === true)

/**
 * Runs one failure at one service: while the card is made, while it is edited, while an entry is made; or in `parts` alone.
 * `asks`: afterwards each action that reads is tried on a service that repeats our credential, which no failure changes.
 */
export const runCell = async (
  target: Target,
  fault: Fault,
  parts: readonly Part[] = PARTS,
  asks = true,
): Promise<Cell> => {
  const happen = async (part: Part): Promise<void> => {
    if (parts.includes(part)) await fault.happen(stage)
    await turns()
  }
  const folder = await mkdtemp(join(tmpdir(), 'matrix-'))
  const clock = createHeldClock(START)
  const service = await target.serve({ seed: 1, now: clock.true })
  lagging(service, clock.true)
  const secrets = new Map(Object.entries(service.secrets))
  const problems: string[] = []
  const logged: string[] = []
  let mend: (() => void | Promise<void>) | undefined
  let mending: void | Promise<void>
  const adapter = target.make(service.options)
  const other = createBeside()
  const log = (...values: readonly unknown[]): void =>
    void logged.push(
      ...values.map(each =>
        each instanceof Error ? `${each.stack} ${String(each.cause)}` : (JSON.stringify(each) ?? ''),
      ),
    )
  const { signers = {} } = adapter
  const http = httpTransport({ secrets: name => secrets.get(name), signers, now: clock.now })
  const own = adapter.transport?.({ secrets: name => secrets.get(name), http, now: clock.now }) ?? http
  const { transport, giveUp } = impatient(own)
  const tracker = (await createTracker({
    project: 'attack',
    user: 'fixer',
    store: sqliteStore(join(folder, 'sessions.db'), { now: clock.now }),
    adapters: [adapter, other.adapter],
    transports: { [adapter.name]: transport, beside: other.transport },
    secrets: name => secrets.get(name),
    logger: { warn: log, error: log },
    now: clock.now,
    monotonic: clock.monotonic,
    random: () => 0.5,
    deliver: false,
  })) as unknown as Tracker<Listed>
  const watcher = watch(tracker, () => {
    mending = mend?.()
    mend = undefined
  })
  const settled = (lane: string): Promise<void> =>
    settle({ tracker, clock, whenFixed: async () => mending }, lane, problems)
  const stage: Stage = {
    target,
    service,
    clock,
    secrets,
    failWrite: (failure, arrived) => {
      let first = true
      service.server.fail({
        when: request => {
          // A request that is refused at once is refused unread.
          if (failure.kind !== 'refuse' && !target.isWrite(request)) return false
          // A rule is asked again when it has failed all it was to.
          if (first) arrived?.()
          first = false
          return true
        },
        failure,
      })
    },
    afterFailure: call => {
      mend = call
    },
    giveUp,
  }
  const ways: Partial<Record<Part, Way>> = {}
  try {
    await settled('init')
    const session = await (async () => {
      await happen('card')
      const started = await tracker.start({ goal: GOAL, progress: 10 })
      await settled(started.id)
      if (started.receipt.recorded) ways.card = watcher.way(started.receipt.descriptors[0]?.key ?? '')
      await retry(tracker, () => settled(started.id), started.id, problems)
      return started
    })()
    const during = async (
      part: Part,
      record: () => ReturnType<typeof session.update | typeof session.decide | typeof session.close>,
    ) => {
      await happen(part)
      const receipt = await record()
      await settled(session.id)
      const [first] = receipt.recorded ? receipt.descriptors : []
      if (first !== undefined) ways[part] = watcher.way(first.key)
      await retry(tracker, () => settled(session.id), session.id, problems)
    }
    if (target.blind !== true) await during('edit', () => session.update('Reproduced', { progress: 40 }))
    if (target.entries !== 'none') await during('entry', () => session.decide(ENTRY))
    if (target.blind === true) await during('entry', () => session.close({ progress: 40 }))
    if (target.blind !== true) {
      await happen('link')
      const kept = await tracker.deliveries({ lane: session.id, adapter: 'beside' })
      await tracker.release(kept.map(({ key }) => key))
      await settled(session.id)
      const shown = await tracker.deliveries({ lane: session.id, adapter: adapter.name })
      const last = shown.findLast(({ descriptor }) =>
        descriptor?.links?.some(each => each.url === BESIDE_URL),
      )
      if (last !== undefined) ways.link = watcher.way(last.key)
      await retry(tracker, () => settled(session.id), session.id, problems)
    }
    const doubted = await tracker.deliveries({ lane: session.id, inDoubt: true })
    problems.push(...judge(target, service, 40, doubted.length, isDeceived(fault, target)))
    const answers = asks ? await answersOf(tracker, adapter, service.server, clock.pass) : []
    const texts = [...answers, ...(await everything(tracker, session.id)), ...watcher.texts(), ...logged]
    const files = await Promise.all(
      (await readdir(folder))
        .filter(name => name.startsWith('sessions.db'))
        .map(async name => [name, await readFile(join(folder, name), 'latin1').catch(() => '')] as const),
    )
    const known = canaries(service.secrets, adapter.publicSecrets)
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
