import type { HttpCall, Json, Next } from '@sessionwire/core/adapter'
import type { JiraConfig } from '../options.ts'
import { call } from './call.ts'
import { quoted } from './input.ts'

/** Nothing found is believed this long after the doubtful call: the index lags seconds to minutes. */
const SEARCH_LAG_MS = 15 * 60_000
/** What was made is mostly found within a minute: the session need not wait for the whole of it. */
const AGAIN_MS = 20_000

/** A search: its call, where its issues stand, and how it goes on. Cloud has a cursor, Data Center counts. */
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

/** How an issue we may have made is found: by its own label, in whatever project it is by now. */
export const byLabel = (config: JiraConfig, mark: string) => ({
  by: 'mark' as const,
  ...search(config, `labels = ${quoted(mark)}`, ['labels']),
  where: { pointer: '/fields/labels', contains: mark },
  afterMs: SEARCH_LAG_MS,
  againMs: AGAIN_MS,
})
