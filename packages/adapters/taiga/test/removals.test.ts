import { expect, test } from 'vitest'
import { call, draft, KEY, made } from './made.ts'

test.for([
  ['deleteStory', { issue: 1 }, 'userstories/1', 'delete user story 1'],
  ['deleteTask', { issue: 1 }, 'tasks/1', 'delete task 1'],
  ['deleteIssue', { issue: 1 }, 'issues/1', 'delete issue 1'],
  ['deleteEpic', { issue: 1 }, 'epics/1', 'delete epic 1'],
  ['removeStoryFromEpic', { epic: 1, story: 2 }, 'epics/1/related_userstories/2', 'epic 1 2'],
] as const)('%s is destructive and may be repeated', ([action, input, path, name]) => {
  expect(draft(action, input)).toEqual({
    key: KEY,
    action,
    ...call('DELETE', path),
    repeat: 'safe',
    coalesce: { name, keep: true },
  })
  expect(made().actions[action].effect).toBe('destructive')
})

test('a story is added to an epic, and watched, as often as one likes', () => {
  expect(draft('addStoryToEpic', { epic: 1, story: 'session' })).toMatchObject({
    method: 'POST',
    endpoint: 'https://api.taiga.io/api/v1/epics/1/related_userstories',
    payload: { epic: 1, user_story: { $ref: 'storyId' } },
    repeat: 'safe',
  })
  expect(draft('unwatch', { kind: 'task', issue: 5 })).toEqual({
    key: KEY,
    action: 'unwatch',
    ...call('POST', 'tasks/5/unwatch'),
    repeat: 'safe',
    coalesce: { name: 'watch task 5' },
  })
})
