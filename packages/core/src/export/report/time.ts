import type { Session } from '../../session/session.ts'
import { formatDuration } from '../../session/text.ts'

/** Epoch milliseconds of an ISO time. */
export const parseTime = (iso: string): number => Date.parse(iso)

/** Formats the time between two ISO times. */
export const formatBetween = (from: string, to: string): string =>
  formatDuration(Math.max(0, parseTime(to) - parseTime(from)))

/** Formats days and times of one report in one time zone. */
export type Clock = Readonly<{
  /** `2026-01-31`. */
  day: (iso: string) => string
  /** `10:00`. */
  minute: (iso: string) => string
  /** `10:00:07`. */
  second: (iso: string) => string
  /** The zone shown after the first time: `UTC`, `Europe/Vienna`. */
  zone: string
}>

/** Makes the clock of an IANA time zone. Throws a `RangeError` for a zone that the runtime does not know. */
export const createClock = (zone: string): Clock => {
  const form = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  })
  const parts = (iso: string): Readonly<Record<string, string>> =>
    Object.fromEntries(form.formatToParts(parseTime(iso)).map(({ type, value }) => [type, value]))
  return {
    zone,
    day: iso => {
      const { year, month, day } = parts(iso)
      return `${year}-${month}-${day}`
    },
    minute: iso => {
      const { hour, minute } = parts(iso)
      return `${hour}:${minute}`
    },
    second: iso => {
      const { hour, minute, second } = parts(iso)
      return `${hour}:${minute}:${second}`
    },
  }
}

/** Renders a time as an element that machines read whole. */
export const renderTime = (iso: string, shown: string): string => `<time datetime="${iso}">${shown}</time>`

/** When the newest thing of a session happened: its end, else the latest of what it recorded. */
export const findLastAt = (session: Session): string => {
  const { updates, decisions, entities, blockers, startedAt, endedAt } = session
  const items = [updates.at(-1), decisions.at(-1), entities.at(-1), blockers.at(-1)]
  const resolved = blockers.flatMap(({ resolvedAt }) => (resolvedAt === undefined ? [] : [resolvedAt]))
  const times = [startedAt, ...items.flatMap(item => (item === undefined ? [] : [item.at])), ...resolved]
  return endedAt ?? times.reduce((last, time) => (parseTime(time) > parseTime(last) ? time : last))
}
