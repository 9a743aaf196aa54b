import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { call, draft, KEY, look, MARK, made } from './made.ts'

const whole = (path: string, query?: object) => ({
  call: call('GET', path, query === undefined ? {} : { query }, true),
  list: '',
})
const tagged = (path: string, query: object = { project: 7, tags: MARK }) => ({
  by: 'mark',
  ...whole(path, query),
  where: { pointer: '/tags', contains: `"${MARK}"` },
})
const version = { $ref: 'version' }
const FIVE_MINUTES = 300_000

describe('creating', () => {
  test('a story: our tag on it, and found again by it', () => {
    expect(
      draft('createStory', { subject: 'Charge once', description: 'by @bob', tags: ['Payments'] }),
    ).toEqual({
      key: KEY,
      action: 'createStory',
      ...call('POST', 'userstories', {
        payload: {
          project: 7,
          subject: 'Charge once',
          description: 'by @\u200bbob',
          tags: ['payments', MARK],
        },
      }),
      captures: { 'user-story-e9766a4b': '/id' },
      repeat: { ...tagged('userstories'), captures: { 'user-story-e9766a4b': '/id' } },
    })
  })

  test('an issue by names: each is read from what the project says of itself, by slug too', () => {
    const project = {
      call: call('GET', 'projects/by_slug', { query: { slug: 'billing' } }),
      cacheMs: FIVE_MINUTES,
    }
    const choice = (
      list: string,
      pointer: string,
      equals: string,
      into: string,
      noun: string,
      offer = pointer,
    ) => ({
      ...project,
      list,
      where: { pointer, equals },
      captures: { [into]: '/id' },
      noun,
      offer,
    })
    const input = {
      subject: 'Twice',
      status: 'Needs Info',
      assignedTo: 'bob',
      milestone: 'Sprint 1',
      type: 'Bug',
      severity: 'Critical',
      priority: 'High',
      dueDate: '2026-11-20',
    }
    expect(draft('createIssue', input, made({ project: 'billing' }))).toEqual({
      key: KEY,
      action: 'createIssue',
      ...call('POST', 'issues', {
        payload: {
          project: { $ref: 'project' },
          subject: 'Twice',
          status: { $ref: 'status' },
          assigned_to: { $ref: 'assignedTo' },
          milestone: { $ref: 'milestone' },
          type: { $ref: 'type' },
          severity: { $ref: 'severity' },
          priority: { $ref: 'priority' },
          due_date: '2026-11-20',
          tags: [MARK],
        },
      }),
      before: [
        { ...project, captures: { project: '/id' }, noun: 'project "billing"' },
        choice('/issue_statuses', '/slug', 'needs-info', 'status', 'status', '/name'),
        choice('/members', '/username', 'bob', 'assignedTo', 'member'),
        choice('/milestones', '/name', 'Sprint 1', 'milestone', 'milestone'),
        choice('/issue_types', '/name', 'Bug', 'type', 'issue type'),
        choice('/severities', '/name', 'Critical', 'severity', 'severity'),
        choice('/priorities', '/name', 'High', 'priority', 'priority'),
      ],
      captures: { 'issue-e9766a4b': '/id' },
      repeat: {
        ...tagged('issues', { project__slug: 'billing', tags: MARK }),
        captures: { 'issue-e9766a4b': '/id' },
      },
    })
  })

  test('a task of the session’s story, in another project', () => {
    expect(draft('createTask', { subject: 'Test', story: 'session', project: 8 })).toMatchObject({
      payload: { project: 8, subject: 'Test', user_story: { $ref: 'storyId' }, tags: [MARK] },
      repeat: { call: { query: { project: 8, tags: MARK } } },
    })
  })

  test('a status in other letters is sought by its name', () => {
    expect(draft('createEpic', { subject: 'x', status: 'Terminé' })).toMatchObject({
      before: [{ list: '/epic_statuses', where: { pointer: '/name', equals: 'Terminé' } }],
    })
  })
})

describe('changing', () => {
  test('reads the version first, afresh, and sends only what is given', () => {
    expect(draft('updateStory', { id: 4711, subject: 'New words', isBlocked: false })).toEqual({
      key: KEY,
      action: 'updateStory',
      ...call('PATCH', 'userstories/4711', { payload: { subject: 'New words', is_blocked: false, version } }),
      before: [
        { call: call('GET', 'userstories/4711'), captures: { version: '/version' }, noun: 'user story 4711' },
      ],
      repeat: 'safe',
      coalesce: { name: 'user story 4711', keep: true },
    })
  })

  test('by number finds the id with the version, and joins tags to those that are there', () => {
    expect(draft('updateTask', { id: 'mobile#42', addTags: ['Late'], status: 'closed' })).toEqual({
      key: KEY,
      action: 'updateTask',
      ...call('PATCH', 'tasks/{target}', {
        payload: { status: { $ref: 'status' }, tags: { $ref: 'tags', with: [['late', null]] }, version },
      }),
      before: [
        {
          call: call('GET', 'tasks/by_ref', { query: { ref: 42, project__slug: 'mobile' } }),
          captures: { target: '/id', version: '/version', project: '/project', tags: '/tags' },
          noun: 'task #42',
        },
        {
          call: call('GET', 'projects/{project}'),
          list: '/task_statuses',
          where: { pointer: '/slug', equals: 'closed' },
          captures: { status: '/id' },
          cacheMs: FIVE_MINUTES,
          noun: 'status',
          offer: '/name',
        },
      ],
      repeat: 'safe',
      coalesce: { name: 'task #42 mobile', keep: true },
    })
  })

  test('takes an address from the browser, of its own Taiga and kind', () => {
    const at = (path: string) => `https://tree.taiga.io/project/billing/${path}`
    expect(draft('updateIssue', { id: at('issue/42?x=1'), subject: 'x' })).toMatchObject({
      before: [
        {
          call: {
            endpoint: 'https://api.taiga.io/api/v1/issues/by_ref',
            query: { ref: 42, project__slug: 'billing' },
          },
        },
      ],
    })
    const refused = (id: string) => {
      try {
        return draft('updateIssue', { id, subject: 'x' })
      } catch (error) {
        return isTrackerError(error) ? `${error.code} ${error.message}` : error
      }
    }
    expect(refused(at('us/42'))).toBe('INVALID_INPUT the address names another kind (us) than issue')
    expect(refused('https://evil.example/project/billing/issue/42')).toBe(
      "INVALID_INPUT the address is on https://evil.example, and this adapter's Taiga is at https://tree.taiga.io",
    )
  })

  test('custom attributes keep those that are not given', () => {
    expect(
      draft('setCustomAttributes', { kind: 'epic', id: 9, values: { 31: 'a\u0000b', 32: null } }),
    ).toEqual({
      key: KEY,
      action: 'setCustomAttributes',
      ...call('PATCH', 'epics/custom-attributes-values/9', {
        payload: { attributes_values: { $ref: 'values', with: { 31: 'ab', 32: null } }, version },
      }),
      before: [
        {
          call: call('GET', 'epics/custom-attributes-values/9'),
          captures: { values: '/attributes_values', version: '/version' },
          noun: 'epic 9',
        },
      ],
      repeat: 'safe',
      coalesce: { name: 'attributes epic 9', keep: true },
    })
  })
})

describe('saying', () => {
  test('a comment carries its mark, needs no version, and is found in the history', () => {
    expect(draft('createComment', { kind: 'userstory', id: 4711, text: 'Done.' })).toEqual({
      key: KEY,
      action: 'createComment',
      ...call('PATCH', 'userstories/4711', { payload: { comment: `Done.\n\n\`${MARK}\``, version: 1 } }),
      captures: { 'comment-e9766a4b': '/modified_date' },
      repeat: {
        by: 'mark',
        ...whole('history/userstory/4711', { type: 'comment' }),
        where: { pointer: '/comment', contains: MARK },
        captures: { 'comment-e9766a4b': '/created_at' },
      },
    })
  })

  test('text is shown as it is; Markdown of a caller keeps its mentions', () => {
    const text = (input: object) =>
      draft('createComment', { kind: 'issue', id: 1, ...input }) as unknown as {
        payload: { comment: string }
      }
    expect(text({ text: '**@bob**' }).payload.comment).toBe(`\\*\\*@\u200bbob\\*\\*\n\n\`${MARK}\``)
    expect(text({ text: { markdown: '**@bob**\u0000' } }).payload.comment).toBe(`**@bob**\n\n\`${MARK}\``)
  })

  test('a wiki page is looked for before it is made', () => {
    expect(draft('createPage', { slug: 'log', text: 'x' }, made({ project: 'billing' }))).toEqual({
      key: KEY,
      action: 'createPage',
      ...call('POST', 'wiki', { payload: { project: { $ref: 'project' }, slug: 'log', content: 'x' } }),
      before: [
        {
          call: call('GET', 'projects/by_slug', { query: { slug: 'billing' } }),
          captures: { project: '/id' },
          cacheMs: FIVE_MINUTES,
          noun: 'project "billing"',
        },
      ],
      captures: { 'page-e9766a4b': '/id' },
      repeat: {
        by: 'id',
        first: true,
        ...whole('wiki', { project: { $ref: 'project' }, slug: 'log' }),
        where: { pointer: '/slug', equals: 'log' },
        captures: { 'page-e9766a4b': '/id' },
      },
    })
  })

  test('a wiki page is rewritten by its slug', () => {
    expect(draft('editPage', { slug: 'log', text: 'x' })).toEqual({
      key: KEY,
      action: 'editPage',
      ...call('PATCH', 'wiki/{page}', { payload: { content: 'x', version } }),
      before: [
        {
          call: call('GET', 'wiki/by_slug', { query: { project: 7, slug: 'log' } }),
          captures: { page: '/id', version: '/version' },
          noun: 'wiki page "log"',
        },
      ],
      repeat: 'safe',
      coalesce: { name: 'page log' },
    })
  })
})

test.for([
  ['deleteStory', { id: 1 }, 'userstories/1', 'delete user story 1'],
  ['deleteTask', { id: 1 }, 'tasks/1', 'delete task 1'],
  ['deleteIssue', { id: 1 }, 'issues/1', 'delete issue 1'],
  ['deleteEpic', { id: 1 }, 'epics/1', 'delete epic 1'],
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
  expect(draft('unwatch', { kind: 'task', id: 5 })).toEqual({
    key: KEY,
    action: 'unwatch',
    ...call('POST', 'tasks/5/unwatch'),
    repeat: 'safe',
    coalesce: { name: 'watch task 5' },
  })
})

describe('reading', () => {
  test.for([
    ['me', {}, { call: call('GET', 'users/me') }],
    [
      'projects',
      { member: 5, search: 'bil' },
      {
        call: call('GET', 'projects', { query: { member: 5, q: 'bil', page: 1, page_size: 100 } }),
        list: '',
      },
    ],
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
    [
      'epics',
      { project: 'mobile' },
      {
        call: call('GET', 'epics', { query: { project__slug: 'mobile', page: 1, page_size: 100 } }),
        list: '',
      },
    ],
    ['task', { id: 9 }, { call: call('GET', 'tasks/9') }],
    ['story', { id: '#42' }, { call: call('GET', 'userstories/by_ref', { query: { ref: 42, project: 7 } }) }],
    ['epicStories', { epic: 3 }, whole('epics/3/related_userstories')],
    [
      'comments',
      { kind: 'epic', id: 3 },
      {
        call: call('GET', 'history/epic/3', { query: { type: 'comment', page: 1, page_size: 100 } }),
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
    ['createStory', {}, 'createStory: subject'],
    ['createStory', { subject: ' \u0000' }, 'createStory: subject: must not be empty'],
    ['createStory', { subject: 'x', tags: ['a,b'] }, 'createStory: tags.0: must hold no comma'],
    ['createIssue', { subject: 'x', dueDate: 'tomorrow' }, 'createIssue: dueDate: must be a day'],
    ['createTask', { subject: 'x', story: 'the first' }, 'createTask: story: must be an id, or session'],
    ['updateStory', { id: 4711 }, 'updateStory: give at least one field to change'],
    [
      'updateStory',
      { id: 1, tags: ['a'], addTags: ['b'] },
      'updateStory: addTags: give tags, which replaces all of them, or addTags, not both',
    ],
    ['updateStory', { id: 'BIL-1', subject: 'x' }, 'updateStory: id: must be an id (4711), a number (#42'],
    ['deleteStory', { id: '#42' }, 'deleteStory: id: must be a whole number'],
    [
      'setCustomAttributes',
      { kind: 'task', id: 1, values: {} },
      'setCustomAttributes: values: must set at least one',
    ],
    [
      'setCustomAttributes',
      { kind: 'task', id: 1, values: { Build: 1 } },
      'setCustomAttributes: values.Build',
    ],
    ['createPage', { slug: 'A b', text: 'x' }, 'createPage: slug: must be a slug in lower case'],
    ['createComment', { kind: 'story', id: 1, text: 'x' }, 'createComment: kind'],
    ['createComment', { kind: 'task', id: 1, text: '' }, 'createComment: text'],
  ] as const)('%s %j', ([action, input, expected]) => {
    expect(() => draft(action, input)).toThrow(expected)
  })
})
