import type { Tracker } from '@sessionwire/core'
import type { HostileServer } from '@sessionwire/core/testing'
import type { Tally } from './show.ts'

/** Effects the service counts itself: how many different ones there were that may happen only once. */
const onlyOnce = (service: HostileServer): number =>
  new Set(service.effects().flatMap(({ kind, key }) => (key === undefined ? [] : [`${kind} ${key}`]))).size

/** One row for each adapter: what the tracker planned and did, and what the service says of it. */
export const summary = async (
  tracker: Tracker,
  sessionId: string,
  services: ReadonlyMap<string, HostileServer>,
  tally: Tally,
): Promise<readonly (readonly string[])[]> => {
  const rows: string[][] = [
    [
      'adapter',
      'planned',
      'replaced',
      'delivered',
      'retried',
      'in doubt',
      'looked up',
      'order',
      'lost',
      'doubled',
    ],
  ]
  const names = [...new Set((await tracker.status()).adapters.map(each => each.name))]
  for (const name of names) {
    const all = await tracker.deliveries({ lane: sessionId, adapter: name })
    const sent = all.filter(each => each.state === 'delivered')
    const count = (state: string): number => all.filter(each => each.state === state).length
    const { retried, inDoubt, lookedUp } = tally.get(name) ?? { retried: 0, inDoubt: 0, lookedUp: 0 }
    const times = [...sent].sort((a, b) => a.position - b.position).map(each => each.settledAt ?? 0)
    const ordered = times.every((time, n) => time >= (times[n - 1] ?? 0))
    const service = services.get(name)
    const creates = sent.filter(each => each.descriptor?.captures !== undefined).length
    // Of what is only set, the service keeps no key: there its effects are counted.
    const applied = service === undefined ? 0 : creates > 0 ? onlyOnce(service) : service.counts().effects
    const missing = Math.max(0, (creates > 0 ? creates : sent.length) - applied)
    const open = all.length - sent.length - count('replaced')
    rows.push([
      name,
      ...[all.length, count('replaced'), sent.length, retried, inDoubt, lookedUp].map(String),
      ordered ? 'kept' : 'broken',
      service === undefined ? `${open} open` : String(open + missing),
      service === undefined ? 'not asked' : String(service.doubled()),
    ])
  }
  return rows
}
