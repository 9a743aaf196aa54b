import { describe, expect, test } from 'vitest'
import { call, draft, look } from './made.ts'

const whole = (path: string, query?: object) => ({
  call: call('GET', path, query === undefined ? {} : { query }, true),
  list: '',
})

describe('reading', () => {
  test.for([
    ['me', {}, { call: call('GET', 'users/me') }],
    ['projects', { member: 5, search: 'bil' }, whole('projects', { member: 5, q: 'bil' })],
    ['project', {}, { call: call('GET', 'projects/7') }],
    [
      'projectBySlug',
      { slug: 'billing' },
      { call: call('GET', 'projects/by_slug', { query: { slug: 'billing' } }) },
    ],
    [
      'statuses',
      { kind: 'issue', project: 'mobile' },
      { call: call('GET', 'projects/by_slug', { query: { slug: 'mobile' } }), list: '/issue_statuses' },
    ],
    ['users', {}, { call: call('GET', 'projects/7'), list: '/members' }],
    ['milestones', { closed: false }, whole('milestones', { project: 7, closed: false })],
    [
      'stories',
      {
        tags: ['A', 'b'],
        status: [1, 2],
        milestone: null,
        epic: 3,
        search: 'x y',
        isClosed: true,
        orderBy: '-created_date',
        page: 2,
        pageSize: 5,
      },
      {
        call: call('GET', 'userstories', {
          query: {
            project: 7,
            q: 'x y',
            tags: 'a,b',
            status: '1,2',
            status__is_closed: true,
            order_by: '-created_date',
            milestone: 'null',
            epic: 3,
            page: 2,
            page_size: 5,
          },
        }),
        list: '',
      },
    ],
    [
      'issues',
      { all: true, type: [1], severity: [2], priority: [3, 4] },
      whole('issues', { project: 7, type: '1', severity: '2', priority: '3,4' }),
    ],
    ['epics', { project: 'mobile' }, whole('epics', { project__slug: 'mobile' })],
    [
      'epics',
      { project: 'mobile', all: false },
      {
        call: call('GET', 'epics', { query: { project__slug: 'mobile', page: 1, page_size: 100 } }),
        list: '',
      },
    ],
    ['task', { id: 9 }, { call: call('GET', 'tasks/9') }],
    ['story', { id: '#42' }, { call: call('GET', 'userstories/by_ref', { query: { ref: 42, project: 7 } }) }],
    ['epicStories', { epic: 3 }, whole('epics/3/related_userstories')],
    ['comments', { kind: 'epic', id: 3 }, whole('history/epic/3', { type: 'comment' })],
    [
      'comments',
      { kind: 'epic', id: 3, page: 2 },
      {
        call: call('GET', 'history/epic/3', { query: { type: 'comment', page: 2, page_size: 100 } }),
        list: '',
      },
    ],
    [
      'customAttributeValues',
      { kind: 'issue', id: 3 },
      { call: call('GET', 'issues/custom-attributes-values/3') },
    ],
    ['pages', { projectId: 7, slug: 'log' }, whole('wiki', { project: 7, slug: 'log' })],
  ] as const)('%s %j', ([action, input, expected]) => {
    expect(look(action, input)).toEqual(expected)
  })

  test('the session’s card is known to deliveries only', () => {
    expect(() => look('story', { id: 'session' })).toThrow('session means the card of a session')
  })
})

describe('wrong input is refused by name', () => {
  test.for([
    ['createStory', {}, 'createStory.subject: missing; expected a string.'],
    ['createStory', { subject: ' \u0000' }, 'createStory.subject: must not be empty.'],
    [
      'createStory',
      { subject: 'x', tags: ['a,b'] },
      'createStory.tags.0: must hold no comma and no control character.',
    ],
    [
      'createIssue',
      { subject: 'x', dueDate: 'tomorrow' },
      'createIssue.dueDate: must be a day, such as 2026-11-20.',
    ],
    ['createTask', { subject: 'x', story: 'the first' }, 'createTask.story: must be an id, or session'],
    ['updateStory', { id: 4711 }, 'updateStory: give at least one field to change'],
    [
      'updateStory',
      { id: 1, tags: ['a'], addTags: ['b'] },
      'updateStory.addTags: give tags, which replaces all of them, or addTags, not both.',
    ],
    [
      'updateStory',
      { id: 'session', tags: ['a'] },
      "updateStory.tags: would take the mark off the session's own card by which it is found again: give addTags.",
    ],
    [
      'updateStory',
      { id: 'BIL-1', subject: 'x' },
      'updateStory.id: must be an id (4711), a number (#42, or billing#42 of another project), its address, or session.',
    ],
    ['deleteStory', { id: '#42' }, 'deleteStory.id: must be a whole number.'],
    [
      'setCustomAttributes',
      { kind: 'task', id: 1, values: {} },
      'setCustomAttributes.values: must set at least one.',
    ],
    [
      'setCustomAttributes',
      { kind: 'task', id: 1, values: { Build: 1 } },
      'setCustomAttributes.values.Build: must be the id of a custom attribute.',
    ],
    [
      'createPage',
      { slug: 'A b', text: 'x' },
      'createPage.slug: must be a slug in lower case: letters, digits, - and _.',
    ],
    [
      'createComment',
      { kind: 'story', id: 1, text: 'x' },
      'createComment.kind: unknown value; expected one of "userstory", "task", "issue", "epic", got the string "story".',
    ],
    ['createComment', { kind: 'task', id: 1, text: '' }, 'createComment.text: must not be empty.'],
  ] as const)('%s %j', ([action, input, expected]) => {
    expect(() => draft(action, input)).toThrow(expected)
  })
})
