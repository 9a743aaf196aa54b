import { cleanText, type Json, type Session, type SessionEvent, shorten } from '@sessionwire/core/adapter'

/** Longest text and most items of a list or object at one size of an event. */
type Bounds = Readonly<{ units: number; items: number }>

/** A value without invisible characters, with texts and lists that are not too long. */
const limit = (value: Json, bounds: Bounds): Json => {
  if (typeof value === 'string') return shorten(cleanText(value), bounds.units)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.slice(0, bounds.items).map(each => limit(each, bounds))
  const entries = Object.entries(value).slice(0, bounds.items)
  return Object.fromEntries(
    entries.map(([name, each]) => [
      shorten(cleanText(name), Math.min(200, bounds.units)),
      limit(each, bounds),
    ]),
  )
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** JSON of at most `maxBytes`: texts and lists get shorter until it fits. Its envelope stays whole. */
export const writeBounded = (
  envelope: Readonly<Record<string, Json>>,
  data: Json,
  maxBytes: number,
): string => {
  let made = ''
  for (
    let units = 8_192, items = 256;
    units >= 16;
    units = Math.floor(units / 2), items = Math.max(4, items >> 1)
  ) {
    made = JSON.stringify({ ...envelope, data: limit(data, { units, items }) })
    if (bytesOf(made) <= maxBytes) return made
  }
  return JSON.stringify({ ...envelope, data: null })
}

/** The session of an event, without its lists: what most receivers show. */
export const sessionData = (session: Session, url: string | undefined): Json => {
  const { id, title, goal, status, progress, startProgress, project, user, agent, summary } = session
  const { startedAt, endedAt, previousId, revision } = session
  const fields = { id, title, goal, status, progress, startProgress, project, user, agent, summary }
  return Object.fromEntries(
    Object.entries({ ...fields, startedAt, endedAt, previousId, revision, url }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Json
}

/** The payload of an event. */
export const eventData = ({ payload }: SessionEvent): Json => payload as Json
