import type { Pause } from '../../delivery/model.ts'
import { isPaused } from '../../delivery/pause.ts'
import type { Client } from './client.ts'

type Row = Readonly<{ lim: string; pause: string | null; rested: number }>

const parsed = (text: string | null): Pause | undefined => (text === null ? undefined : JSON.parse(text))

const lasted = ({ since, until }: Pause, now: number): number =>
  Math.max(0, Math.min(until ?? now, now) - since)

const rowsOf = (client: Client, adapter: string): readonly Row[] =>
  client.all<Row>('SELECT lim, pause, rested FROM pauses WHERE adapter = ?', adapter)

/** How one adapter rests: by limit, `''` for the whole. */
export interface Rest {
  /** When the pause of the adapter or this limit ends; `undefined`: nothing is paused. */
  readonly until: (lim: string) => number | undefined
  /** The paused time of the adapter and this limit so far, ms. */
  readonly pausedMs: (lim: string) => number
}

/** Reads how an adapter rests. */
export const restOf = (client: Client, adapter: string, now: number): Rest => {
  const rows = new Map(rowsOf(client, adapter).map(row => [row.lim, { ...row, pause: parsed(row.pause) }]))
  const of = (lim: string) => (lim === '' ? [''] : ['', lim]).flatMap(each => rows.get(each) ?? [])
  return {
    until: lim => {
      const ends = of(lim).flatMap(({ pause }) =>
        pause !== undefined && isPaused(pause, now) ? [pause.until ?? Number.POSITIVE_INFINITY] : [],
      )
      return ends.length === 0 ? undefined : Math.max(...ends)
    },
    pausedMs: lim =>
      of(lim).reduce(
        (sum, { rested, pause }) => sum + rested + (pause === undefined ? 0 : lasted(pause, now)),
        0,
      ),
  }
}

/** All that stand, those over by time too. */
export const pauses = (client: Client): readonly Pause[] =>
  client
    .all<Row>('SELECT pause FROM pauses WHERE pause IS NOT NULL ORDER BY adapter, lim')
    .map(({ pause }) => parsed(pause) as Pause)

/** Ends a pause, and adds what it lasted until then to the paused time. */
export const endPause = (client: Client, adapter: string, limit: string | undefined, at: number): void => {
  const row = rowsOf(client, adapter).find(({ lim }) => lim === (limit ?? ''))
  const pause = parsed(row?.pause ?? null)
  if (pause === undefined) return
  client.run(
    'UPDATE pauses SET pause = NULL, rested = rested + ? WHERE adapter = ? AND lim = ?',
    lasted(pause, at),
    adapter,
    limit ?? '',
  )
}

/** Begins a pause, in the place of the one that stands. */
export const beginPause = (client: Client, pause: Pause): void => {
  endPause(client, pause.adapter, pause.limit, pause.since)
  client.run(
    `INSERT INTO pauses (adapter, lim, pause) VALUES (?,?,?)
      ON CONFLICT (adapter, lim) DO UPDATE SET pause = excluded.pause`,
    pause.adapter,
    pause.limit ?? '',
    JSON.stringify(pause),
  )
}
