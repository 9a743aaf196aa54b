import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import { httpTransport, type Transport } from '@sessionwire/core/delivery'
import { expect, onTestFinished, test } from 'vitest'
import { fastClock } from '../clock.ts'
import { filesTarget } from '../targets/files.ts'
import type { Service, Target } from '../targets/target.ts'
import { TARGETS } from '../targets.ts'

/** The ten services; Slack by webhook can show no link. */
const TEN: readonly Target[] = [...TARGETS.filter(({ name }) => name !== 'webhook'), filesTarget]

const SPEED = 600
/** The longest that a policy may wait, real seconds on this clock: a busy machine must not look like a service that hangs. */
const PATIENT_MS = 3_600_000
/** Five real minutes. */
const DRAIN_MS = 300_000 * SPEED

/** A tracker with these adapters, and what each service shows of the one session that it has. */
const begin = async (targets: readonly Target[]) => {
  const clock = fastClock(Date.now(), SPEED)
  const services = new Map<string, Service>()
  for (const target of targets) services.set(target.name, await target.serve({ seed: 1, now: clock.now }))
  const values = Object.assign({}, ...[...services.values()].map(({ secrets }) => secrets))
  const secrets = (name: string): string | undefined => values[name]
  const store = memoryStore({ now: clock.now })
  const open = async (chosen: readonly Target[]): Promise<Tracker> => {
    const adapters = chosen.map(target => target.make(services.get(target.name)?.options ?? {}))
    const transports = adapters.map(({ name, transport, signers = {} }) => {
      const http = httpTransport({ secrets, signers, now: clock.now })
      const own: Transport = transport?.({ secrets, http, now: clock.now }) ?? http
      const atSpeed: Transport = {
        ...own,
        send: (call, sending) =>
          own.send(call, { ...sending, timeoutMs: Math.ceil(sending.timeoutMs / SPEED) }),
      }
      return [name, atSpeed] as const
    })
    return (await createTracker({
      ...{ project: 'attack', user: 'fixer', store, secrets, adapters, pollMs: 5, ...clock },
      policy: { timeoutMs: PATIENT_MS, readTimeoutMs: PATIENT_MS, leaseMarginMs: PATIENT_MS },
      transports: Object.fromEntries(transports),
    })) as unknown as Tracker
  }
  const links = (): Readonly<Record<string, readonly string[]>> =>
    Object.fromEntries(
      [...services].map(([name, service]) => [
        name,
        service.listCards().flatMap(({ links: shown = [] }) => [...shown].sort()),
      ]),
    )
  onTestFinished(async () => {
    for (const { server } of services.values()) await server.close()
  })
  return { services, open, links }
}

/** The links of each when every card shows all others. */
const allBut = (cards: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(
    names.map(name => [
      name,
      Object.entries(cards)
        .flatMap(([from, url]) => (from === name ? [] : [url]))
        .sort(),
    ]),
  )

const CARDS = {
  linear: 'https://linear.app/acme/issue/BIL-301/g1g',
  jira: 'https://acme.atlassian.net/browse/ENG-1',
  taiga: 'https://tree.taiga.io/project/billing/us/42',
  github: 'https://github.com/acme/billing/issues/1',
}

test('ten services show the cards of a session to each other, once, and forget them with it', async () => {
  const { open, links } = await begin(TEN)
  const names = TEN.map(({ name }) => name)
  const tracker = await open(TEN)
  const session = await tracker.start({ goal: 'G1g', progress: 1 })
  await session.update('Half of it', { progress: 50 })
  await tracker.drain({ timeoutMs: DRAIN_MS })
  await session.close({ summary: 'Done' })
  await tracker.drain({ timeoutMs: DRAIN_MS })
  const slack = (await session.cards()).find(({ adapter }) => adapter === 'slack')?.url ?? ''
  expect(slack).toMatch(/^https:\/\/work\.example\/archives\/C0123456789\/p\d+$/)
  expect(links()).toEqual(allBut({ ...CARDS, slack }, names))

  const before = links()
  const { remaining } = await tracker.forget(session.id)
  await tracker.drain({ timeoutMs: DRAIN_MS })
  // What was sent as an event cannot be taken back, and is named.
  expect(remaining.map(({ action }) => action)).not.toContain('readAddress')
  const named = remaining.filter(({ action }) => action === 'sendSessionEvent' || action === 'sendLink')
  expect(new Set(named.map(({ adapter }) => adapter))).toEqual(new Set(['receiver', 'otlp']))
  const kept = { receiver: before.receiver, otlp: before.otlp }
  const gone = Object.fromEntries(names.map(name => [name, links()[name]]))
  const empty = Object.fromEntries(Object.keys(gone).map(name => [name, []]))
  expect({ ...gone, ...kept }).toEqual({ ...empty, ...kept })
  await tracker.close()
})
