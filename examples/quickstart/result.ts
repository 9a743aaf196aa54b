import type { Tracker } from '@sessionwire/core'
import type { HostileServer } from '@sessionwire/core/testing'
import { table } from './show.ts'

/** The counts of one service. */
type Counts = { retried: number; inDoubt: number; lookedUp: number }

/** The counts since `countUp`, by adapter, and the keys of what was delivered. */
export type Counted = Readonly<{ counts: ReadonlyMap<string, Counts>; keys: ReadonlySet<string> }>

/** Counts what happens from now on. */
export const countUp = (tracker: Tracker): Counted => {
  const counts = new Map<string, Counts>()
  const keys = new Set<string>()
  const add = (adapter: string, name: keyof Counts): void => {
    const found = counts.get(adapter) ?? { retried: 0, inDoubt: 0, lookedUp: 0 }
    counts.set(adapter, { ...found, [name]: found[name] + 1 })
  }
  tracker.on('retry', ({ adapter }) => add(adapter, 'retried'))
  tracker.on('inDoubt', ({ adapter }) => add(adapter, 'inDoubt'))
  tracker.on('delivered', ({ adapter, key, lookedUp }) => {
    keys.add(key)
    if (lookedUp) add(adapter, 'lookedUp')
  })
  return { counts, keys }
}

/** How many different effects the service counted that may happen only once. */
const countOnce = (service: HostileServer): number =>
  new Set(service.effects().flatMap(({ kind, key }) => (key === undefined ? [] : [`${kind} ${key}`]))).size

type Row = Counts &
  Readonly<{ name: string; planned: number; replaced: number; sent: number; ordered: boolean }> &
  Readonly<{ lost: number; twice: number | undefined }>

const rowOf = async (
  tracker: Tracker,
  sessionId: string,
  name: string,
  service: HostileServer | undefined,
  keys: ReadonlySet<string>,
  counts: Counts = { retried: 0, inDoubt: 0, lookedUp: 0 },
): Promise<Row> => {
  const every = await tracker.deliveries({ adapter: name, limit: 100_000 })
  // The set-up of a service (lane `init`) counts where this run did it.
  const all = every.filter(each => each.lane === sessionId || keys.has(each.key))
  const sent = all.filter(each => each.state === 'delivered')
  const replaced = all.filter(each => each.state === 'replaced').length
  // Order is promised within a lane; the set-up has a lane of its own.
  const ours = sent.filter(each => each.lane === sessionId)
  const times = ours.sort((a, b) => a.position - b.position).map(each => each.settledAt ?? 0)
  // A read makes nothing, whatever it captures.
  const isRead = ({ descriptor }: (typeof sent)[number]) =>
    descriptor?.kind === 'http' && descriptor.method === 'GET'
  const creates = sent.filter(each => each.descriptor?.captures !== undefined && !isRead(each)).length
  // A service keeps no key of a value that is only set: there its effects are counted.
  const applied = service === undefined ? 0 : creates > 0 ? countOnce(service) : service.counts().effects
  const missing = service === undefined ? 0 : Math.max(0, (creates > 0 ? creates : sent.length) - applied)
  return {
    ...counts,
    ...{ name, planned: all.length, replaced, sent: sent.length },
    ordered: times.every((time, n) => time >= (times[n - 1] ?? 0)),
    lost: all.length - sent.length - replaced + missing,
    twice: service?.countDoubled(),
  }
}

const sum = (rows: readonly Row[], value: (row: Row) => number): number =>
  rows.reduce((total, row) => total + value(row), 0)

/** Makes the lines of the result: one sentence, then a row for each tool. */
export const result = async (
  tracker: Tracker,
  sessionId: string,
  services: ReadonlyMap<string, HostileServer>,
  { counts, keys }: Counted,
  details: boolean,
): Promise<readonly string[]> => {
  const names = [...new Set((await tracker.status()).adapters.map(each => each.name))]
  const rows: Row[] = []
  for (const name of names)
    rows.push(await rowOf(tracker, sessionId, name, services.get(name), keys, counts.get(name)))
  const [sent, lost] = [sum(rows, row => row.sent), sum(rows, row => row.lost)]
  const twice = rows.every(row => row.twice === undefined) ? undefined : sum(rows, row => row.twice ?? 0)
  const order = rows.every(row => row.ordered) ? 'in order' : 'NOT in order'
  const arrived =
    lost === 0 ? `All ${sent} requests arrived, ${order}.` : `${sent} requests arrived, ${order}.`
  const again = `${sum(rows, row => row.retried + row.inDoubt)} retries`
  const cells = (row: Row): readonly string[] => {
    const short = [row.sent, row.retried + row.inDoubt, row.lost, row.twice ?? '–']
    const more = [row.planned, row.replaced, row.retried, row.inDoubt, row.lookedUp]
    return [row.name, ...(details ? [...short, ...more] : short).map(String)]
  }
  const more = ['planned', 'replaced by newer', 'failed', 'in doubt', 'found by check']
  const head = ['tool', 'sent', 'retried', 'lost', 'sent twice', ...(details ? more : [])]
  return [
    `${arrived} ${lost} lost, ${twice === undefined ? '' : `${twice} sent twice, `}${again}.`,
    '',
    ...table([head, ...rows.map(cells)]),
    ...(twice === undefined ? [] : ['', '"Lost" and "sent twice" are counted by the services, not by us.']),
  ]
}
