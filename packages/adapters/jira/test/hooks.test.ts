import { type Descriptor, type HttpCall, type Json, plan, type Where } from '@sessionwire/core/adapter'
import { type Moment, story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { type JiraOptions, jira } from '../src/index.ts'
import { textOf } from '../src/testing/document.ts'
import { build } from './building.ts'

const options: JiraOptions = { baseUrl: 'https://example.atlassian.net', projectKey: 'ENG' }
const all: JiraOptions = {
  ...options,
  labels: ['agent-session'],
  parent: 'ENG-1',
  assignee: '5b10',
  fields: { components: [{ name: 'api' }] },
  statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
  worklog: true,
  sessionUrl: 'https://example.com/sessions/{id}',
}

const SESSION = story()[0]?.event.sessionId ?? ''

const planned = (given: JiraOptions, moments: readonly Moment[]) =>
  moments.map(({ event, session }) => [event.type, plan(jira(given), event, session)] as const)

const soughtOf = (where: Where | undefined) =>
  where === undefined || 'contains' in where
    ? undefined
    : 'equals' in where
      ? String(where.equals)
      : where.oneOf.join(' or ')

/** The block that an edit puts into a description, as a document or text of its own. */
const shownIn = (description: unknown): Json => {
  const given = description as { content?: { put?: Json }; put?: Json } | undefined
  if (given?.put !== undefined) return given.put
  const block = given?.content?.put
  return block === undefined ? (given as unknown as Json) : { version: 1, type: 'doc', content: block }
}

/** What each hook calls, with the status or the text it says. */
const outline = (given: JiraOptions, moments: readonly Moment[] = story()) =>
  planned(given, moments).map(([hook, made]) => [
    hook,
    ...made.map(each => {
      const { payload } = each as HttpCall
      const { body, fields, object } = payload as Record<string, { description?: never; title?: string }>
      const [read] = each.before ?? []
      const status = each.action === 'setStatus' ? soughtOf(read?.where) : undefined
      const text = textOf(body ?? shownIn(fields?.description))
        .split('\n')
        .find(line => line !== '' && !line.startsWith('{anchor:'))
      return [each.action, status ?? object?.title ?? text].filter(Boolean).join(': ')
    }),
  ])

test('a whole session, with everything configured', () => {
  expect(outline(all)).toEqual([
    ['start', 'createIssue: in progress ██░░░░░░░░ 20 %', 'setStatus: In Progress', 'addLink: Session'],
    ['update', 'editCard: in progress ████░░░░░░ 35 %'],
    ['decision', 'createComment: Decision', 'editCard: in progress ████░░░░░░ 35 %'],
    ['entity'],
    ['blocker', 'createComment: Blocked (high)', 'editCard: blocked ████░░░░░░ 35 %', 'setStatus: Blocked'],
    [
      'resolve',
      'createComment: Unblocked',
      'editCard: in progress ████░░░░░░ 35 %',
      'setStatus: In Progress',
    ],
    ['update', 'editCard: in progress █████████░ 90 %'],
    ['export', 'createComment: Export (markdown)'],
    [
      'close',
      'createComment: Session completed, 20 → 100 %',
      'editCard: completed ██████████ 100 %',
      'logWork',
      'addLink: Session',
      'setStatus: Done',
    ],
    [
      'resume',
      'setStatus: In Progress',
      'editCard: in progress ██████████ 100 %',
      'createComment: Session resumed',
      'addLink: Session',
    ],
  ])
})

test('a whole session, with nothing configured', () => {
  expect(outline(options, story({ hooks: ['update', 'blocker', 'resolve', 'close', 'resume'] }))).toEqual([
    ['start', 'createIssue: in progress ██░░░░░░░░ 20 %'],
    ['update', 'editCard: in progress ████░░░░░░ 35 %'],
    ['blocker', 'createComment: Blocked (high)', 'editCard: blocked ████░░░░░░ 35 %'],
    ['resolve', 'createComment: Unblocked', 'editCard: in progress ████░░░░░░ 35 %'],
    ['update', 'editCard: in progress █████████░ 90 %'],
    ['close', 'createComment: Session completed, 20 → 100 %', 'editCard: completed ██████████ 100 %'],
    ['resume', 'editCard: in progress ██████████ 100 %', 'createComment: Session resumed'],
  ])
})

describe('an issue that was handed over', () => {
  const refs = { jira: { issue: 'ENG-12' } }

  test('gets one status comment, which is edited, and keeps its description', () => {
    expect(outline(all, story({ refs, hooks: ['update', 'decision'] }))).toEqual([
      [
        'start',
        'createComment: Stop double charging',
        'setStatus: In Progress',
        'addLabels',
        'setProperty',
        'addLink: Session',
      ],
      ['update', 'editCardComment: Stop double charging'],
      ['decision', 'createComment: Decision', 'editCardComment: Stop double charging'],
      ['update', 'editCardComment: Stop double charging'],
    ])
  })

  test('is told apart from one handed over to another adapter', () => {
    expect(outline({ ...options, as: 'ops' }, story({ refs, hooks: [] }))).toEqual([
      ['start', 'createIssue: in progress ██░░░░░░░░ 20 %'],
    ])
    expect(
      outline({ ...options, as: 'ops' }, story({ refs: { ops: { issue: 'ENG-12' } }, hooks: [] })),
    ).toEqual([['start', 'createComment: Stop double charging', 'setProperty']])
  })

  test.each([
    'https://example.atlassian.net/browse/ENG-12',
    'https://example.atlassian.net/browse/ENG-12?focusedCommentId=10042#comment-10042',
    'https://example.atlassian.net/jira/software/projects/ENG/issues/ENG-12',
    'https://example.atlassian.net/jira/software/c/projects/ENG/boards/3?selectedIssue=ENG-12',
    'ENG-12',
    '10042',
  ])('may be named by %s', given => {
    expect(outline(options, story({ refs: { jira: { issue: given } }, hooks: [] }))).toEqual([
      ['start', 'createComment: Stop double charging', 'setProperty'],
    ])
    expect(jira(options).readRef?.('issue', given)).toBe(given === '10042' ? '10042' : 'ENG-12')
  })

  test('behind the gateway is named by the address of any site', () => {
    const gateway = jira({ projectKey: 'ENG', cloudId: 'c1' })
    expect(gateway.readRef?.('issue', 'https://acme.atlassian.net/browse/ENG-12')).toBe('ENG-12')
  })

  test.each([
    'https://other.atlassian.net/browse/ENG-12',
    'https://example.atlassian.net/projects/ENG',
    'ENG-12" OR 1',
    '..',
    '',
  ])('must be an issue of this Jira: %j', given => {
    expect(() => outline(options, story({ refs: { jira: { issue: given } }, hooks: [] }))).toThrow(
      'refs.jira.issue: invalid value; expected the key of an issue (ENG-12), its number, or the address of its page at this Jira',
    )
  })
})

test('the first calls of a session, whole', () => {
  const [start] = planned(all, story({ hooks: [] }))
  const [issue, , link] = (start?.[1] ?? []) as readonly (Descriptor & HttpCall)[]
  expect(issue).toMatchObject({
    action: 'createIssue',
    payload: {
      fields: {
        components: [{ name: 'api' }],
        assignee: { accountId: '5b10' },
        project: { key: 'ENG' },
        issuetype: { name: { $ref: 'issueType' } },
        parent: { key: 'ENG-1' },
        summary: 'Stop double charging',
      },
      properties: [
        { key: 'sessionwire.session', value: { id: SESSION, project: 'billing', by: 'sessionwire 0.1.0' } },
        { key: 'sessionwire', value: { key: issue?.key } },
      ],
    },
    captures: { issue: '/key', issueId: '/id' },
  })
  expect(issue?.payload).toMatchObject({
    fields: { labels: ['agent-session', expect.stringMatching(/^sw-[0-9a-f]{16}$/)] },
  })
  expect(link?.payload).toEqual({
    globalId: `sessionwire=${SESSION}`,
    application: { type: 'dev.sessionwire', name: 'Sessionwire' },
    object: {
      url: `https://example.com/sessions/${SESSION}`,
      title: 'Session',
      summary: 'fixer with Claude',
      status: { resolved: false },
    },
  })
})

test('the end of a session strikes its link through and logs its time', () => {
  const close = planned(all, story({ hooks: ['close'] })).at(-1)?.[1] as readonly (Descriptor & HttpCall)[]
  const [, card, work, link] = close
  expect(card?.coalesce).toEqual({ name: 'card', everyMs: 0 })
  expect(work?.payload).toMatchObject({
    started: '2026-01-01T00:00:00.000+0000',
    timeSpentSeconds: 480,
    comment: { content: [{ content: [{ text: 'Stop double charging' }] }] },
  })
  expect(link?.payload).toMatchObject({ object: { status: { resolved: true } } })
})

test('on Data Center a property is set after the issue was made', () => {
  expect(outline({ baseUrl: 'https://jira.example.com', projectKey: 'ENG' }, story({ hooks: [] }))).toEqual([
    ['start', 'createIssue: *in progress* ██░░░░░░░░ 20 %', 'setProperty'],
  ])
})

describe('updates', () => {
  const hooks = story({ hooks: ['update'] }).slice(0, 2)
  test.each([
    ['card', ['update', 'editCard: in progress ████░░░░░░ 35 %']],
    ['each', ['update', 'createComment: Update, 35 %', 'editCard: in progress ████░░░░░░ 35 %']],
    ['off', ['update']],
  ] as const)('%s', (updates, expected) => {
    expect(outline({ ...options, updates }, hooks)[1]).toEqual(expected)
  })
})

describe('an entity with a web address', () => {
  const moments = (path: string) =>
    story({ hooks: ['entity'] }).map(({ event, session }) => ({
      session,
      event: event.type === 'entity' ? { ...event, payload: { ...event.payload, path } } : event,
    }))
  const linked = { ...options, linkEntities: true }

  test('is linked where that was asked for, with its address in the title', () => {
    const [, entity] = planned(linked, moments('https://github.com/acme/billing/pull/981'))
    expect((entity?.[1][0] as HttpCall | undefined)?.payload).toMatchObject({
      globalId: expect.stringMatching(new RegExp(`^sessionwire=${SESSION}&entity=sw-[0-9a-f]{16}$`)),
      relationship: 'touched',
      object: {
        url: 'https://github.com/acme/billing/pull/981',
        title: 'class InvoiceLock: https://github.com/acme/billing/pull/981',
      },
    })
    expect(outline(options, moments('https://github.com/acme/billing/pull/981'))[1]).toEqual(['entity'])
  })

  test.each(['javascript:alert(1)', 'src/lock.ts', 'https://', 'https://a b'])(
    'and nothing else is: %s',
    path => {
      expect(outline(linked, moments(path))[1]).toEqual(['entity'])
    },
  )
})

test('a blocker that is not the only one leaves the status blocked', () => {
  const moments = story({ hooks: ['blocker', 'resolve'] })
  const open = moments.map(({ event, session }) => ({
    event,
    session: {
      ...session,
      blockers: [
        ...session.blockers,
        {
          blockerId: 'b2',
          eventId: 'e',
          time: session.startedAt,
          at: session.startedAt,
          description: 'Another',
          category: 'external',
          severity: 'low' as const,
        },
      ],
    },
  }))
  expect(outline(all, open).at(-1)).toEqual([
    'resolve',
    'createComment: Unblocked',
    'editCard: blocked ██░░░░░░░░ 20 %',
  ])
})

describe('workflows without shortcuts', () => {
  const statuses = { start: 'In Progress', blocker: 'Blocked', close: 'Done' } as const
  const endOf = (given: JiraOptions, moments: readonly Moment[]) =>
    outline(given, moments)
      .at(-1)
      ?.filter(each => each?.startsWith('setStatus'))

  test('a way is a step for each status, none of which leads back', () => {
    const close = ['In Progress', 'In Review', 'Done']
    expect(endOf({ ...options, statuses: { close } }, story({ hooks: ['close'] }))).toEqual([
      'setStatus: Done or In Review or In Progress',
      'setStatus: Done or In Review',
      'setStatus: Done',
    ])
  })

  test('an end that follows an open blocker goes through the status of work', () => {
    expect(endOf({ ...options, statuses }, story({ hooks: ['blocker', 'close'] }))).toEqual([
      'setStatus: Done or In Progress',
      'setStatus: Done',
    ])
    expect(endOf({ ...options, statuses }, story({ hooks: ['close'] }))).toEqual(['setStatus: Done'])
  })

  test('what is taken up again while it is blocked goes through the status of work too', () => {
    expect(endOf({ ...options, statuses }, story({ hooks: ['blocker', 'close', 'resume'] }))).toEqual([
      'setStatus: Blocked or In Progress',
      'setStatus: Blocked',
    ])
  })
})

test('what ends by itself is moved by its own name and logs no work', () => {
  const [, close] = story({ hooks: ['close'] })
  if (close?.event.type !== 'close') throw new Error('no close')
  const crashed: Moment = {
    event: { ...close.event, payload: { ...close.event.payload, end: 'crashed' } },
    session: { ...close.session, status: 'crashed' },
  }
  const given = { ...options, worklog: true, statuses: { close: 'Done', crashed: 'To Do' } }
  expect(outline(given, [crashed])).toEqual([
    [
      'close',
      'createComment: Session crashed, 20 → 100 %',
      'editCard: crashed ██████████ 100 %',
      'setStatus: To Do',
    ],
  ])
})

test('less than a minute is no work', () => {
  const [, close] = story({ hooks: ['close'] })
  if (close?.event.type !== 'close') throw new Error('no close')
  const short = {
    ...close,
    event: { ...close.event, payload: { ...close.event.payload, durationMs: 59_999 } },
  }
  expect(outline({ ...options, worklog: true }, [short])[0]).not.toContain('logWork')
})

test.each([2, 3] as const)('the line of a comment has its first words, API version %i', apiVersion => {
  const adapter = jira({ ...options, apiVersion })
  const line = (body: Json) =>
    adapter.describe?.createComment?.(build(adapter, 'createComment', { issue: 'ENG-7', body }) as Descriptor)
  const entry = [
    { kind: 'heading', text: 'Decision' },
    { kind: 'line', text: 'Lock per invoice' },
  ]
  expect(line('Two lines\nof text')).toBe('comment on ENG-7: Two lines')
  expect(line(entry)).toBe('comment on ENG-7: Decision: Lock per invoice')
})

test('each request has a line for people', () => {
  const { describe: lines = {} } = jira(all)
  const statuses = { start: 'In Progress', close: ['In Review', 'Done'] }
  const shown = planned({ ...all, statuses }, story({ hooks: ['decision', 'close'] })).map(([, made]) =>
    made.map(each => lines[each.action]?.(each)),
  )
  expect(shown).toEqual([
    [
      'create "Stop double charging" in ENG',
      'move the session\'s issue to "In Progress"',
      "link the session's issue",
    ],
    ["comment on the session's issue: Decision: Lock per invoice", 'edit the card in the description'],
    [
      "comment on the session's issue: Session completed, 20 → 100 %: Fixed in #981",
      'edit the card in the description',
      "log work on the session's issue",
      "link the session's issue",
      'move the session\'s issue to "Done", or else to "In Review"',
      'move the session\'s issue to "Done"',
    ],
  ])
})
