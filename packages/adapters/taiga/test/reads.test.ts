import { describe, expect, test } from 'vitest'
import { call, draft, look } from './made.ts'

const whole = (path: string, query?: object) => ({
  call: call('GET', path, query === undefined ? {} : { query }, true),
  list: '',
})

describe('reading', () => {
  test.for([
    ['whoAmI', {}, { call: call('GET', 'users/me') }],
    ['listProjects', { member: 5, query: 'bil' }, whole('projects', { member: 5, q: 'bil' })],
    ['getProject', {}, { call: call('GET', 'projects/7') }],
    [
      'findProject',
      { slug: 'billing' },
      { call: call('GET', 'projects/by_slug', { query: { slug: 'billing' } }) },
    ],
    [
      'listStatuses',
      { kind: 'issue', project: 'mobile' },
      { call: call('GET', 'projects/by_slug', { query: { slug: 'mobile' } }), list: '/issue_statuses' },
    ],
    ['listUsers', {}, { call: call('GET', 'projects/7'), list: '/members' }],
    ['listMilestones', { closed: false }, whole('milestones', { project: 7, closed: false })],
    [
      'listStories',
      {
        labels: ['A', 'b'],
        status: [1, 2],
        milestone: null,
        epic: 3,
        query: 'x y',
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
      'listIssues',
      { all: true, type: [1], severity: [2], priority: [3, 4] },
      whole('issues', { project: 7, type: '1', severity: '2', priority: '3,4' }),
    ],
    ['listEpics', { project: 'mobile' }, whole('epics', { project__slug: 'mobile' })],
    [
      'listEpics',
      { project: 'mobile', all: false },
      {
        call: call('GET', 'epics', { query: { project__slug: 'mobile', page: 1, page_size: 100 } }),
        list: '',
      },
    ],
    ['getTask', { issue: 9 }, { call: call('GET', 'tasks/9') }],
    [
      'getStory',
      { issue: '#42' },
      { call: call('GET', 'userstories/by_ref', { query: { ref: 42, project: 7 } }) },
    ],
    ['listEpicStories', { epic: 3 }, whole('epics/3/related_userstories')],
    ['listComments', { kind: 'epic', issue: 3 }, whole('history/epic/3', { type: 'comment' })],
    [
      'listComments',
      { kind: 'epic', issue: 3, page: 2 },
      {
        call: call('GET', 'history/epic/3', { query: { type: 'comment', page: 2, page_size: 100 } }),
        list: '',
      },
    ],
    [
      'getCustomAttributes',
      { kind: 'issue', issue: 3 },
      { call: call('GET', 'issues/custom-attributes-values/3') },
    ],
    ['listDocuments', { projectId: 7, slug: 'log' }, whole('wiki', { project: 7, slug: 'log' })],
  ] as const)('%s %j', ([action, input, expected]) => {
    expect(look(action, input)).toEqual(expected)
  })

  test('the session’s card is known to deliveries only', () => {
    expect(() => look('getStory', { issue: 'session' })).toThrow(
      'issue: invalid value; expected an id, a number or an address, got session, which only deliveries know.',
    )
  })
})

describe('wrong input is refused by name', () => {
  test.for([
    ['createStory', {}, 'createStory.title'],
    [
      'createStory',
      { title: ' \u0000' },
      'createStory.title: invalid value; expected a string of which something is visible',
    ],
    [
      'createStory',
      { title: 'x', labels: ['a,b'] },
      'createStory.labels.0: invalid value; expected a tag without commas',
    ],
    [
      'createIssue',
      { title: 'x', dueDate: 'tomorrow' },
      'createIssue.dueDate: invalid value; expected a day',
    ],
    [
      'createTask',
      { title: 'x', story: 'the first' },
      'createTask.story: invalid value; expected an id, or session',
    ],
    ['updateStory', { issue: 4711 }, 'updateStory: invalid value; expected at least one field to change'],
    ['updateStory', { issue: 4711, addTags: ['b'] }, 'updateStory.addTags'],
    [
      'updateStory',
      { labels: ['a'] },
      'updateStory.labels: invalid value; expected another issue: the card of the session is found by a tag, so use addLabels',
    ],
    [
      'updateStory',
      { issue: 'BIL-1', title: 'x' },
      'updateStory.issue: invalid value; expected an id (4711), a number (#42',
    ],
    ['deleteStory', { issue: '#42' }, 'deleteStory.issue: invalid value; expected a whole number'],
    [
      'setCustomAttributes',
      { kind: 'task', issue: 1, values: {} },
      'setCustomAttributes.values: invalid value; expected at least one',
    ],
    [
      'setCustomAttributes',
      { kind: 'task', issue: 1, values: { Build: 1 } },
      'setCustomAttributes.values.Build',
    ],
    ['createDocument', { slug: 'A b', body: 'x' }, 'createDocument.slug: invalid value; expected a slug'],
    ['createComment', { kind: 'story', issue: 1, body: 'x' }, 'createComment.kind'],
    ['createComment', { kind: 'task', issue: 1, body: '' }, 'createComment.body'],
  ] as const)('%s %j', ([action, input, expected]) => {
    expect(() => draft(action, input)).toThrow(expected)
  })
})
