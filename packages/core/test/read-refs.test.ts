import { expect, test } from 'vitest'
import { plan, readRefs } from '../src/adapter/plan.ts'
import { story } from '../src/testing/story.ts'

const readRef = (name: string, value: string) =>
  name === 'issue' ? (/\/browse\/([A-Z]+-\d+)$/.exec(value)?.[1] ?? value) : value

test('the refs of an adapter are read by it, and no others', () => {
  const refs = {
    board: { issue: 'https://example.com/browse/ENG-12', other: 'https://example.com/browse/ENG-1' },
    chat: { issue: 'https://example.com/browse/ENG-3' },
  }
  expect(readRefs({ name: 'board', readRef }, { refs })).toEqual({
    issue: 'ENG-12',
    other: 'https://example.com/browse/ENG-1',
  })
  expect(readRefs({ name: 'board' }, { refs })).toEqual(refs.board)
  expect(readRefs({ name: 'wiki', readRef }, { refs })).toEqual({})
})

test('hooks get the session with refs as calls use them', () => {
  const refs = { board: { issue: 'https://example.com/browse/ENG-12' } }
  const [start] = story({ refs, hooks: [] })
  if (start === undefined) throw new Error('no start')
  const seen: unknown[] = []
  const hook = (_: unknown, session: { refs: unknown }) => {
    seen.push(session.refs)
    return []
  }
  plan({ name: 'board', config: {}, hooks: { start: hook } as never, readRef }, start.event, start.session)
  expect(seen).toEqual([{ board: { issue: 'ENG-12' } }])
  expect(start.session.refs).toEqual(refs)
})
