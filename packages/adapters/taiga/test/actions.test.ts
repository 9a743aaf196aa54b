import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { call, draft, KEY, MARK, made } from './made.ts'

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
    expect(draft('createStory', { title: 'Charge once', body: 'by @bob', labels: ['Payments'] })).toEqual({
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
    const choice = (list: string, pointer: string, equals: string, into: string, noun: string) => ({
      call: call('GET', 'projects/{project}'),
      list,
      where: { pointer, equals, anyCase: true },
      captures: { [into]: '/id' },
      cacheMs: FIVE_MINUTES,
      noun,
    })
    const input = {
      title: 'Twice',
      status: 'Needs Info',
      assignee: 'bob',
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
          assigned_to: { $ref: 'assignee' },
          milestone: { $ref: 'milestone' },
          type: { $ref: 'type' },
          severity: { $ref: 'severity' },
          priority: { $ref: 'priority' },
          due_date: '2026-11-20',
          tags: [MARK],
        },
      }),
      before: [
        {
          call: call('GET', 'projects/by_slug', { query: { slug: 'billing' } }),
          captures: { project: '/id' },
          cacheMs: FIVE_MINUTES,
          noun: 'project "billing"',
        },
        choice('/issue_statuses', '/name', 'Needs Info', 'status', 'status'),
        choice('/members', '/username', 'bob', 'assignee', 'member'),
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
    expect(draft('createTask', { title: 'Test', story: 'session', project: 8 })).toMatchObject({
      payload: { project: 8, subject: 'Test', user_story: { $ref: 'storyId' }, tags: [MARK] },
      repeat: { call: { query: { project: 8, tags: MARK } } },
    })
  })

  test('a status in other letters is sought by its name', () => {
    expect(draft('createEpic', { title: 'x', status: 'Terminé' })).toMatchObject({
      before: [{ list: '/epic_statuses', where: { pointer: '/name', equals: 'Terminé', anyCase: true } }],
    })
  })
})

describe('changing', () => {
  test('reads the version first, afresh, and sends only what is given', () => {
    expect(draft('updateStory', { issue: 4711, title: 'New words', isBlocked: false })).toEqual({
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

  test('by number finds the id with the version, and the status in the project of the item', () => {
    expect(draft('updateTask', { issue: 'mobile#42', status: 'closed' })).toEqual({
      key: KEY,
      action: 'updateTask',
      ...call('PATCH', 'tasks/{target}', {
        payload: { status: { $ref: 'status' }, version },
      }),
      before: [
        {
          call: call('GET', 'tasks/by_ref', { query: { ref: 42, project__slug: 'mobile' } }),
          captures: { target: '/id', version: '/version', project: '/project' },
          noun: 'task #42 in mobile',
        },
        {
          call: call('GET', 'projects/{project}'),
          list: '/task_statuses',
          where: { pointer: '/name', equals: 'closed', anyCase: true },
          captures: { status: '/id' },
          cacheMs: FIVE_MINUTES,
          noun: 'status',
        },
      ],
      repeat: 'safe',
      coalesce: { name: 'task #42 mobile', keep: true },
    })
  })

  test('a status, and labels beside those that are there, of the session’s own card', () => {
    const card = (captures: object) => ({
      call: call('GET', 'userstories/{storyId}'),
      captures: { version: '/version', ...captures },
      noun: 'user story of the session',
      gone: true,
    })
    expect(draft('setStatus', { status: 103 })).toEqual({
      key: KEY,
      action: 'setStatus',
      ...call('PATCH', 'userstories/{storyId}', { payload: { status: 103, version } }),
      before: [card({})],
      repeat: 'safe',
      coalesce: { name: 'status', place: 'after' },
    })
    expect(draft('addLabels', { labels: ['Late'] })).toEqual({
      key: KEY,
      action: 'addLabels',
      ...call('PATCH', 'userstories/{storyId}', {
        payload: { tags: { $ref: 'tags', with: [['late', null]] }, version },
      }),
      before: [card({ tags: '/tags' })],
      repeat: 'safe',
      coalesce: { name: 'labels', keep: true },
    })
  })

  test('an assignee by name, or no one; the kind is known by the address', () => {
    const issue = 'https://tree.taiga.io/project/billing/task/42'
    expect(draft('assign', { issue, assignee: 'bob' })).toMatchObject({
      endpoint: 'https://api.taiga.io/api/v1/tasks/{target}',
      payload: { assigned_to: { $ref: 'assignee' }, version },
      before: [{ noun: 'task #42 in billing' }, { list: '/members', where: { pointer: '/username' } }],
    })
    expect(draft('assign', { assignee: null })).toMatchObject({ payload: { assigned_to: null, version } })
  })

  test('takes an address from the browser, of its own Taiga and kind', () => {
    const at = (path: string) => `https://tree.taiga.io/project/billing/${path}`
    expect(draft('updateIssue', { issue: at('issue/42?x=1'), title: 'x' })).toMatchObject({
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
        return draft('updateIssue', { issue: id, title: 'x' })
      } catch (error) {
        return isTrackerError(error) ? `${error.code} ${error.message}` : error
      }
    }
    expect(refused(at('us/42'))).toBe(
      'INVALID_INPUT issue: invalid value; expected the address of one issue, with /issue/, got one with /us/.',
    )
    expect(refused('https://evil.example/project/billing/issue/42')).toBe(
      'INVALID_INPUT issue: invalid value; expected an address at https://tree.taiga.io (option frontUrl), got https://evil.example.',
    )
  })

  test('custom attributes keep those that are not given', () => {
    expect(
      draft('setCustomAttributes', { kind: 'epic', issue: 9, values: { 31: 'a\u0000b', 32: null } }),
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
    expect(draft('createComment', { kind: 'userstory', issue: 4711, body: 'Done.' })).toEqual({
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
      draft('createComment', { kind: 'issue', issue: 1, ...input }) as unknown as {
        payload: { comment: string }
      }
    expect(text({ body: '**@bob**' }).payload.comment).toBe(`\\*\\*@\u200bbob\\*\\*\n\n\`${MARK}\``)
    expect(text({ body: { markdown: '**@bob**\u0000' } }).payload.comment).toBe(`**@bob**\n\n\`${MARK}\``)
  })

  test('a wiki page is looked for before it is made', () => {
    expect(draft('createDocument', { slug: 'log', body: 'x' }, made({ project: 'billing' }))).toEqual({
      key: KEY,
      action: 'createDocument',
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
    expect(draft('editDocument', { slug: 'log', body: 'x' })).toEqual({
      key: KEY,
      action: 'editDocument',
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
