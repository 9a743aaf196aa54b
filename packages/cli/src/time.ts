import { usage } from './failure.ts'

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A duration such as `30s`, `2h` or `1d`, ms; a number alone is taken as seconds. */
export const parseDuration = (text: string, option: string): number => {
  const found = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)?$/.exec(text.trim())
  if (found === null)
    throw usage(
      `${option}: invalid duration; expected one such as 30s, 2h or 1d, got ${JSON.stringify(text)}.`,
    )
  return Math.round(Number(found[1]) * (UNITS[found[2] ?? 's'] ?? 1_000))
}

/** Whether the month has the day that a date begins with: JavaScript takes February 30 for March 2. */
const hasDay = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(text) ?? []
  return (
    day !== undefined &&
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  )
}

/** A time: so long ago (`1d`), or a date in ISO 8601. */
export const parseSince = (text: string, option: string, now: number): Date => {
  const isAgo = /^\d+(\.\d+)?(ms|s|m|h|d|w)$/.test(text.trim())
  const at = new Date(isAgo ? now - parseDuration(text, option) : text)
  // The library takes years of four digits.
  const isDate = !Number.isNaN(at.getTime()) && /^\d{4}-/.test(at.toISOString())
  if (!isDate || !(isAgo || hasDay(text)))
    throw usage(
      `${option}: invalid time; expected a duration such as 1d or a date such as 2026-11-30, got ${JSON.stringify(text)}.`,
    )
  return at
}

/** How long it took, as people say it: `1 h 5 min`. */
export const formatDuration = (ms: number): string => {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1_000))} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`
}

/** A whole number from 0 to 100. */
export const parseProgress = (text: string): number => {
  const value = Number(text.replace(/%$/, ''))
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > 100)
    throw usage(`progress: invalid value; expected a number from 0 to 100, got ${JSON.stringify(text)}.`)
  return value
}

/** A whole number that is at least 1. */
export const parseCount = (text: string, option: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw usage(`${option}: invalid value; expected a whole number from 1, got ${JSON.stringify(text)}.`)
  return value
}
