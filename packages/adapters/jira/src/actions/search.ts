import type { HttpCall, Json, Next } from '@sessionwire/core/adapter'
import type { JiraConfig } from '../config.ts'
import { call } from './call.ts'
import { quoteJql } from './input.ts'

/** "Not found" counts only this long after the doubtful attempt, ms: the index lags seconds to minutes. */
const SEARCH_LAG_MS = 15 * 60_000
/** Time between two look-ups until then, ms: the index has most new issues within a minute. */
const AGAIN_MS = 20_000

/** A search: its call, the pointer to its issues, and its pages. Cloud has a cursor, Data Center counts. */
export const search = (
  config: JiraConfig,
  jql: string,
  fields: readonly string[],
  maxResults = 100,
): Readonly<{ call: HttpCall; list: string; next: Next }> => {
  const cloud = config.deployment === 'cloud'
  const payload: Json = { jql, fields: [...fields], maxResults, ...(cloud ? {} : { startAt: 0 }) }
  return {
    call: call(config, 'POST', cloud ? 'search/jql' : 'search', { payload, limit: 'search' }),
    list: '/issues',
    next: cloud
      ? { cursor: '/nextPageToken', into: '/payload/nextPageToken' }
      : { cursor: '/total', into: '/payload/startAt', counted: true },
  }
}

/** Finds an issue of ours by its own label, whatever project people moved it to. */
export const byLabel = (config: JiraConfig, mark: string) => ({
  by: 'mark' as const,
  ...search(config, `labels = ${quoteJql(mark)}`, ['labels']),
  where: { pointer: '/fields/labels', contains: mark },
  afterMs: SEARCH_LAG_MS,
  againMs: AGAIN_MS,
})
