import { indexWords } from '../../session/search.ts'
import type { SearchFilter, SearchPage } from '../contract.ts'
import type { Memory } from './data.ts'
import { events } from './message.ts'

/** Sessions that have all these words, newest first; the cursor names the last one given. */
export const search = (memory: Memory, filter: SearchFilter): SearchPage => {
  const { words, project, cursor, limit = 100 } = filter
  const [at = Infinity, place = Infinity] = cursor?.split('/').map(Number) ?? []
  const found = [...memory.sessions.values()]
    .map(({ summary }, n) => ({ summary, at: Date.parse(summary.lastEventAt), place: n }))
    .filter(
      each =>
        (project === undefined || each.summary.project === project) &&
        (each.at < at || (each.at === at && each.place < place)),
    )
    .sort((a, b) => b.at - a.at || b.place - a.place)
  const page: typeof found = []
  for (const each of found) {
    const { id, title } = each.summary
    const has = words.length === 0 ? undefined : indexWords(new Set(), title, events(memory, id, 0))
    if (has === undefined || words.every(word => has.has(word))) page.push(each)
    if (page.length > limit) break
  }
  const last = page[limit - 1]
  return {
    sessions: page.slice(0, limit).map(({ summary: { id }, at: lastEventAt }) => ({ id, lastEventAt })),
    ...(page.length > limit && last !== undefined ? { cursor: `${last.at}/${last.place}` } : {}),
  }
}
