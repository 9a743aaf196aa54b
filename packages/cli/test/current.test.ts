import type { SessionSummary } from '@sessionwire/core'
import { expect, test } from 'vitest'
import { findCurrent } from '../src/workspace/current.ts'

/** Sessions as a store lists them: the one that began last is the first. */
const current = async (...sessions: readonly (readonly [id: string, inMinutes: number, root?: string])[]) => {
  const list = sessions.map(([id, inMinutes, workspace = '/repo']) => ({
    ...{ id, title: id, status: 'active', workspace, metadata: {} },
    startedAt: new Date(Date.now() + inMinutes * 60_000).toISOString(),
  })) as unknown as readonly SessionSummary[]
  return (await findCurrent({ sessions: async () => list }, { root: '/repo' }, {}))?.id
}

test('a session that a wrong clock dated ahead is not the newest one', async () => {
  expect(await current(['ahead', 60], ['older', -60], ['oldest', -90])).toBe('older')
  // Two machines differ a little.
  expect(await current(['just ahead', 4], ['older', -60])).toBe('just ahead')
  expect(await current(['ahead', 60, '/other'], ['ahead here', 50])).toBe('ahead here')
  expect(await current()).toBeUndefined()
})
