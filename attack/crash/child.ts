// A process that is killed: records its steps, or delivers. Its orders stand in the environment.
import { createInterface } from 'node:readline'
import { createTracker, type SessionHandle, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { httpTransport, type SecretSource, type Transport } from '@sessionwire/core/delivery'
import { fastClock } from '../clock.ts'
import { targetOf } from '../targets.ts'
import type { Orders } from './life.ts'
import { openPlace, patienceOf } from './place.ts'
import { createDeath, say } from './points.ts'
import { applySabotage } from './sabotage.ts'
import { goalOf, isKeyed, keyOf, markOf, type Step } from './script.ts'

const orders = JSON.parse(process.env.ORDERS ?? '') as Orders
const { speed, life } = orders
const clock = fastClock(orders.base, speed)
const death = createDeath(orders.death)
const secrets: SecretSource = name => orders.secrets[name]

/** Time-outs are in fast time, sockets are not. */
const atSpeed = (transport: Transport): Transport => ({
  ...transport,
  send: (call, sending) =>
    transport.send(call, { ...sending, timeoutMs: Math.ceil(sending.timeoutMs / speed) }),
})

const open = async (): Promise<Tracker> => {
  const adapters: readonly AnyAdapter[] = orders.targets.map(({ name, options }) =>
    targetOf(name).make(options),
  )
  const transports = adapters.map(adapter => {
    const { signers = {} } = adapter
    const http = httpTransport({ secrets, signers, now: clock.now })
    const own = adapter.transport?.({ secrets, http, now: Date.now }) ?? http
    return [adapter.name, atSpeed(death.transport(own))] as const
  })
  const second = 1_000 * speed
  const { timeoutMs, marginMs, unreportedMax } = patienceOf(orders.place)
  return (await createTracker({
    project: 'attack',
    user: 'fixer',
    store: death.store(applySabotage(openPlace(orders.place, clock.now), orders.sabotage)),
    adapters,
    transports: Object.fromEntries(transports),
    secrets,
    deliver: orders.role === 'worker',
    ...clock,
    pollMs: 10,
    // Real seconds: a process that is only slow must not look dead.
    policy: {
      timeoutMs: timeoutMs * speed,
      readTimeoutMs: timeoutMs * speed,
      leaseMarginMs: marginMs * speed,
      unreportedMax,
    },
    crashAfterMs: 3_600 * second,
    idleAfterMs: 3_600 * second,
  })) as unknown as Tracker
}

const text = (mark: string, length: number): string => `${mark} ${'lorem ipsum '.repeat(length / 12)}`.trim()

/** The key of a step as an option; a direct call has one for each adapter. */
const keyOptionOf = (step: Step, adapter = ''): Readonly<{ key?: string }> => {
  const key = keyOf(step)
  return key === undefined ? {} : { key: `${key}${adapter}` }
}

const act = async (tracker: Tracker, step: Step, mark: string, sessionId: string): Promise<void> => {
  for (const { name } of orders.targets) {
    const target = targetOf(name)
    const kinds = (step.kind === 'below' || step.kind === 'once' ? target[step.kind] : target.apart) ?? []
    const made = kinds[step.n % Math.max(1, kinds.length)]?.(mark)
    if (made === undefined) continue
    await tracker.act(
      name as never,
      made.action as never,
      made.input as never,
      step.kind === 'below' ? { sessionId, ...keyOptionOf(step, name) } : keyOptionOf(step, name),
    )
    say(`acted ${name} ${mark}`)
  }
}

const record = async (tracker: Tracker, session: SessionHandle, step: Step, mark: string): Promise<void> => {
  const words = text(mark, step.length)
  switch (step.kind) {
    case 'start':
      return
    case 'update':
      return void (await session.update(words, { progress: step.progress, ...keyOptionOf(step) }))
    case 'decide':
      return void (await session.decide(words, {
        rationale: 'because',
        alternatives: ['not'],
        ...keyOptionOf(step),
      }))
    case 'block':
      return void (await session.block(words, { severity: 'high', ...keyOptionOf(step) }))
    case 'resolve': {
      const open = (await session.load()).blockers.find(each => each.resolvedAt === undefined)
      return void (open === undefined
        ? await session.block(words, { severity: 'low' })
        : await session.resolve(open.blockerId, words))
    }
    case 'entity':
      return void (await session.entity({
        name: mark,
        type: 'file',
        path: 'src/lock.ts',
        ...keyOptionOf(step),
      }))
    case 'close':
      return void (await session.close({ summary: words, progress: step.progress, ...keyOptionOf(step) }))
    case 'message':
      return void (await session.message('assistant', words, keyOptionOf(step)))
    case 'rest':
      await session.close({ end: 'left' })
      return void (await session.resume(words, keyOptionOf(step)))
    case 'forget': {
      const receipt = await session.message('user', words, keyOptionOf(step))
      if (!receipt.recorded) return
      await tracker.forget(session.id, receipt.event.id)
      return say(`forgot ${mark}`)
    }
    case 'below':
    case 'apart':
    case 'once':
      return act(tracker, step, mark, session.id)
  }
}

const produce = async (tracker: Tracker): Promise<void> => {
  const ids = new Map((await tracker.sessions({ limit: 1_000 })).map(({ goal, id }) => [goal, id]))
  for (const step of orders.steps) {
    const goal = goalOf(step.session)
    const mark = markOf(step, life)
    const known = ids.get(goal)
    // With a key a start may be made again too: it gives the session that the first one began.
    const session =
      known === undefined || (isKeyed(step.session) && step.kind === 'start')
        ? await tracker.start({ goal, progress: 1, ...(isKeyed(step.session) ? { key: goal } : {}) })
        : tracker.session(known)
    ids.set(goal, session.id)
    try {
      await record(tracker, session, step, mark)
    } catch (thrown) {
      // Its last call was stored before its process could say so.
      if ((thrown as { code?: unknown }).code !== 'SESSION_CLOSED') throw thrown
    }
    say(`recorded ${step.n} ${mark}`)
  }
}

const deliver = async (tracker: Tracker): Promise<void> => {
  tracker.on('delivered', ({ adapter, lookedUp }) => {
    if (lookedUp) say(`found ${adapter}`)
  })
  const told = new Promise<void>(resolve => {
    createInterface({ input: process.stdin }).on('line', () => resolve())
  })
  await told
  for (;;) {
    const { done, left } = await tracker.drain({ timeoutMs: 1_000 * speed })
    const dead = await tracker.deliveries({ state: 'dead' })
    const sendable = dead.filter(each => each.descriptor?.repeat !== 'unsafe')
    for (const { adapter, action, reason } of sendable) say(`dead ${adapter} ${action}: ${reason}`)
    if (sendable.length > 0) await tracker.retry(sendable.map(({ key }) => key))
    else if (done || Object.keys(left).every(state => state === 'dead')) return
    else say(`left ${JSON.stringify(left)}`)
  }
}

await death.watch(orders.place.kind)
const tracker = await open()
say('ready')
tracker.on('error', ({ error, where }) => say(`error ${where}: ${error.message}`))
await (orders.role === 'producer' ? produce(tracker) : deliver(tracker))
say('done')
await tracker.close()
process.stdin.destroy()
