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
      where: { pointer, equals, ...(pointer === '/slug' ? {} : { anyCase: true }) },
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
      before: [{ list: '/epic_statuses', where: { pointer: '/name', equals: 'Terminé', anyCase: true } }],
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
          noun: 'task #42 in mobile',
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
