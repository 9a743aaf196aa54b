import { type Descriptor, type HttpCall, isTrackerError, type Json, plan } from '@sessionwire/core/adapter'
import { type StoryOptions, story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { type LinearOptions, linear } from '../src/index.ts'
import { PROJECT, TEAM } from './draft.ts'

type Variables = Readonly<{ id?: Json; input: Readonly<Record<string, Json>> }>
type Told = Readonly<{ event: string; action: string; variables: Variables; keeps: Json }>

/** A plan in short: at which hook, which action, what is sent, and what it captures or takes the place of. */
const told = (options: Partial<LinearOptions> = {}, of: StoryOptions = {}): readonly Told[] => {
  const adapter = linear({ teamId: TEAM, ...options })
  return story(of).flatMap(({ event, session }) =>
    plan(adapter, event, session).map((descriptor: Descriptor): Told => {
      const { variables } = (descriptor as HttpCall).payload as Readonly<{ variables: Variables }>
      const keeps = (descriptor.coalesce ?? Object.keys(descriptor.captures ?? {})) as Json
      return { event: event.type, action: descriptor.action, variables, keeps }
    }),
  )
}
const actionsOf = (list: readonly Told[]) => list.map(({ event, action }) => `${event}: ${action}`)
const text = ({ variables: { input } }: Told) => input.description ?? input.body ?? input.content
const texts = (list: readonly Told[], event: string, action: string) =>
  list.filter(each => each.event === event && each.action === action).map(text)

const ISSUE = { $ref: 'issueId' }
const CARD = { name: 'card', everyMs: 5_000 }
const GOAL = '**Goal:** Stop double charging  \nTwo webhooks at once charge a customer twice.'
const BY = '**By:** fixer with Claude\n\n**Project:** billing'

describe('a session with an issue of its own', () => {
  const list = told()
  test('is a card, edited in place, with entries below it', () => {
    expect(actionsOf(list)).toEqual([
      'start: createCard',
      'update: editCard',
      'decision: createEntry',
      'decision: editCard',
      'blocker: createEntry',
      'blocker: editCard',
      'resolve: createEntry',
      'resolve: editCard',
      'update: editCard',
      'export: createEntry',
      'close: createEntry',
      'close: editCard',
      'resume: createEntry',
      'resume: editCard',
    ])
  })
  test('begins with its title and how it stands', () => {
    const [{ variables, keeps }] = list as [Told]
    expect(keeps).toEqual(['issueId', 'identifier', 'url'])
    expect(variables.input).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      teamId: TEAM,
      title: 'Stop double charging',
      description: `\`██░░░░░░░░\` 20 % · **in progress**\n\n${GOAL}\n\n${BY}`,
    })
  })
  test('shows what is new on the card, and says it below where it matters', () => {
    const [, edit, entry] = list as [Told, Told, Told]
    expect(edit).toEqual({
      event: 'update',
      action: 'editCard',
      variables: {
        id: ISSUE,
        input: {
          description: [
            '`████░░░░░░` 35 % · **in progress**',
            GOAL,
            '**Now:** Reproduced with two parallel webhooks',
            '**Next:**\n\n- Lock per invoice',
            BY,
          ].join('\n\n'),
        },
      },
      keeps: CARD,
    })
    expect(entry.variables.input).toMatchObject({ issueId: ISSUE })
    expect(text(entry)).toBe(
      [
        '**Decision**',
        'Lock per invoice',
        '**Why:** Stripe retries a webhook while the first is still running',
        '**Instead of:**\n\n- global lock\n- queue of one',
        '**Impact:** One row lock more per payment',
        '**Category:** architecture',
      ].join('\n\n'),
    )
    expect(texts(list, 'blocker', 'createEntry')).toEqual([
      '**Blocked (high)**\n\nNo staging key\n\n**Category:** external',
    ])
    expect(texts(list, 'resolve', 'createEntry')).toEqual([
      '**Unblocked**\n\nNo staging key\n\n**How:** Key issued by ops\n\n**Blocked for:** 1 min',
    ])
    expect(texts(list, 'close', 'createEntry')).toEqual([
      '**Session completed, 20 → 100 %**\n\nFixed in #981\n\n**Took:** 8 min',
    ])
  })
  test('is not held back at its end', () => {
    const last = list.find(({ event, action }) => event === 'close' && action === 'editCard')
    expect(last?.keeps).toEqual({ name: 'card', everyMs: 0 })
    expect(last?.variables.input.description).toContain('`██████████` 100 % · **completed**')
  })
})

describe('options', () => {
  test('labels, a link and workflow states by hook', () => {
    const list = told({
      labels: ['Bug'],
      sessionUrl: 'https://example.com/s/{id}',
      states: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
    })
    expect(actionsOf(list).filter(each => !/card|entry|status/i.test(each))).toEqual([
      'start: addLabels',
      'start: attachLink',
      'start: setState',
      'blocker: setState',
      'resolve: setState',
      'close: setState',
      'resume: setState',
    ])
    const [, labelled, linked] = list as [Told, Told, Told]
    expect(labelled.variables).toEqual({ id: ISSUE, input: { addedLabelIds: [{ $ref: 'label0' }] } })
    expect(linked.variables.input).toMatchObject({
      issueId: ISSUE,
      title: 'Session',
      subtitle: 'fixer with Claude',
      url: expect.stringMatching(/^https:\/\/example\.com\/s\/[0-9a-f-]{36}$/),
    })
    expect(list.filter(({ action }) => action === 'setState').map(({ keeps }) => keeps)).toEqual(
      Array.from({ length: 5 }, () => ({ name: 'state' })),
    )
  })
  test('a state is not moved back where nothing moved it, nor while something else is in the way', () => {
    expect(actionsOf(told({ states: { close: 'Done' } })).filter(each => each.endsWith('setState'))).toEqual([
      'close: setState',
    ])
    expect(
      actionsOf(told({ states: { start: 'In Progress' } })).filter(each => each.endsWith('setState')),
    ).toEqual(['start: setState', 'resume: setState'])
    const adapter = linear({ teamId: TEAM, states: { blocker: 'Blocked', resolve: 'In Progress' } })
    const moment = story().find(({ event }) => event.type === 'resolve')
    if (moment === undefined) throw new Error('no resolve in the story')
    const { event, session } = moment
    const actions = (blockers: typeof session.blockers) =>
      plan(adapter, event, { ...session, blockers }).map(each => each.action)
    expect(actions(session.blockers)).toEqual(['createEntry', 'editCard', 'setState'])
    const [{ resolvedAt: _, ...open }] = session.blockers as [(typeof session.blockers)[number]]
    expect(actions([...session.blockers, { ...open, blockerId: 'b2' }])).toEqual(['createEntry', 'editCard'])
  })
  test('crashed and abandoned are no success', () => {
    const adapter = linear({ teamId: TEAM, states: { close: 'Done', crashed: 'Canceled' } })
    const moment = story().find(({ event }) => event.type === 'close')
    if (moment?.event.type !== 'close') throw new Error('no close in the story')
    const { event, session } = moment
    const movesAt = (end: 'completed' | 'crashed' | 'abandoned') =>
      plan(adapter, { ...event, payload: { ...event.payload, end } }, { ...session, status: end }).flatMap(
        each => (each.action === 'setState' ? (each.before ?? []).map(({ where }) => where) : []),
      )
    expect([movesAt('completed'), movesAt('crashed'), movesAt('abandoned')]).toEqual([
      [{ pointer: '/name', equals: 'Done', anyCase: true }],
      [{ pointer: '/name', equals: 'Canceled', anyCase: true }],
      [],
    ])
  })
  test("updates: 'each' writes them down as well, 'off' leaves the card alone", () => {
    const updates = (mode: 'each' | 'off') =>
      actionsOf(told({ updates: mode })).filter(each => each.startsWith('update'))
    expect([updates('each'), updates('off')]).toEqual([
      ['update: createEntry', 'update: editCard', 'update: createEntry', 'update: editCard'],
      [],
    ])
  })
  test('an export is a document of the project, where there is one', () => {
    const [document] = told({ projectId: PROJECT }, { hooks: ['start', 'export'] }).slice(1) as [Told]
    expect([document.action, document.variables.input.title, text(document)]).toEqual([
      'createDocument',
      'Session: Stop double charging',
      '# Stop double charging\n\n35 %\n',
    ])
  })
  test('an export in another format is shown as it is, in code', () => {
    const adapter = linear({ teamId: TEAM })
    const moment = story().find(({ event }) => event.type === 'export')
    if (moment?.event.type !== 'export') throw new Error('no export in the story')
    const { event, session } = moment
    const shownAs = (format: 'json' | 'context', content: string) =>
      plan(adapter, { ...event, payload: { format, content } }, session).map(each => {
        const { variables } = (each as HttpCall).payload as Readonly<{ variables: Variables }>
        return variables.input.body
      })
    expect(shownAs('json', '{"a":"https://evil.example"}')).toEqual([
      '```json\n{"a":"https://evil.example"}\n```',
    ])
    expect(shownAs('context', 'a ```` b')).toEqual(['`````\na ```` b\n`````'])
  })
  test('a title of nothing visible becomes the id', () => {
    const [{ variables }] = told({}, { text: '\u0000\u200b ' }) as [Told]
    expect(variables.input.title).toMatch(/^Session [0-9a-f-]{36}$/)
  })
})

describe('a session with an issue that was there before', () => {
  const handed = (issue: string) =>
    told({ states: { close: 'Done' }, labels: ['Bug'] }, { refs: { linear: { issue: issue } } })
  test('has one status comment, edited in place', () => {
    const list = handed('BIL-212')
    expect(actionsOf(list).slice(0, 5)).toEqual([
      'start: createStatus',
      'start: addLabels',
      'update: editStatus',
      'decision: createEntry',
      'decision: editStatus',
    ])
    expect(actionsOf(list)).not.toContain('update: editCard')
    const [status, labelled, edit] = list as [Told, Told, Told]
    expect(status.keeps).toEqual(['issueId', 'commentId', 'identifier', 'url'])
    expect(status.variables.input).toMatchObject({
      issueId: 'BIL-212',
      body: `**Stop double charging**\n\n\`██░░░░░░░░\` 20 % · **in progress**\n\n${GOAL}\n\n${BY}`,
    })
    expect(labelled.variables.id).toEqual(ISSUE)
    expect(edit).toMatchObject({ variables: { id: { $ref: 'commentId' } }, keeps: CARD })
  })
  test.for([
    ['bil-212', 'BIL-212'],
    ['https://linear.app/acme/issue/BIL-212/double-charging#comment-1', 'BIL-212'],
    ['9CFB482A-81e3-4154-b5b9-2c805e70a02d', TEAM],
  ] as const)('which may be named as %s', ([given, sent]) => {
    expect(handed(given)[0]?.variables.input.issueId).toBe(sent)
  })
  test('another name is refused, saying what to give', () => {
    try {
      handed('the billing issue')
    } catch (error) {
      if (!isTrackerError(error)) throw error
      expect([error.code, error.field, error.message]).toEqual([
        'INVALID_INPUT',
        'refs.linear.issue',
        'refs.linear.issue: "the billing issue" is no issue: give its identifier (BIL-212), UUID or address',
      ])
    }
    expect.assertions(1)
  })
})
