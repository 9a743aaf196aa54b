import { cleanText, uuidFrom } from '@sessionwire/core/adapter'

/**
 * Text as the graph keeps it: without control characters, and with lone surrogates replaced, which no encoder can write.
 * Nothing else needs escaping, because text is only ever a parameter and never part of a statement.
 */
export const clean = cleanText

/** A range index takes at most about 8 kB for all its properties together; this leaves room for two. */
const INDEXED = 900

/**
 * Text of an indexed property: one that is too long for the index is cut, and ends in a hash of the whole, so that two
 * that differ stay two. (https://neo4j.com/docs/cypher-manual/current/indexes/search-performance-indexes/)
 */
export const fitIndex = (text: string): string => {
  const whole = clean(text)
  if (whole.length <= INDEXED) return whole
  return `${whole.slice(0, INDEXED - 40).toWellFormed()}… ${uuidFrom(whole)}`
}

/** Identity of an entity: the same project, type and name are one node over all sessions. */
export type EntityName = Readonly<{ project: string; type: string; name: string }>

/** The id of an entity's node. */
export const entityId = ({ project, type, name }: EntityName): string =>
  uuidFrom(JSON.stringify(['entity', project, type, name]))

/**
 * Orders writes to a node that several sessions share: by time, then by event. Times of one length compare as text.
 */
export const stampOf = ({ at, eventId }: Readonly<{ at: string; eventId: string }>): string =>
  `${at} ${eventId}`
