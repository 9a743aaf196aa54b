import {
  type Descriptor,
  type HttpCall,
  isTrackerError,
  type Json,
  plan,
  provenanceText,
  wrapCard,
} from '@sessionwire/core/adapter'
import { type StoryOptions, story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { type LinearOptions, linear } from '../src/index.ts'
import { PROJECT, TEAM } from './draft.ts'

type Variables = Readonly<{ id?: Json; input: Readonly<Record<string, Json>> }>
type Planned = Readonly<{ event: string; action: string; variables: Variables; keeps: Json }>

/** A plan in short: hook, action, what is sent, and what it captures or takes the place of. */
const planAll = (options: Partial<LinearOptions> = {}, of: StoryOptions = {}): readonly Planned[] => {
  const adapter = linear({ teamId: TEAM, ...options })
  return story(of).flatMap(({ event, session }) =>
    plan(adapter, event, session).map((descriptor: Descriptor): Planned => {
      const { variables } = (descriptor as HttpCall).payload as Readonly<{ variables: Variables }>
      const keeps = (descriptor.coalesce ?? Object.keys(descriptor.captures ?? {})) as Json
      return { event: event.type, action: descriptor.action, variables, keeps }
    }),
  )
}
const actionsOf = (list: readonly Planned[]) => list.map(({ event, action }) => `${event}: ${action}`)
/** The text of a request; of an edit of a description the block that it puts there. */
const text = ({ variables: { input } }: Planned) => {
  const { put = null } = (input.description ?? {}) as Readonly<{ put?: Json }>
  return put ?? input.description ?? input.body ?? input.content
}
const texts = (list: readonly Planned[], event: string, action: string) =>
  list.filter(each => each.event === event && each.action === action).map(text)
/** A text of a hook as it is sent: with the origin of its event, as `write` adds it. */
const signed = (type: string, body: string, of: StoryOptions = {}): string => {
  const moment = story(of).find(({ event }) => event.type === type)
  return moment === undefined ? '' : `${body}\n\n*${provenanceText(moment)}*`
}
const wrapped = (type: string, body: string): string => {
  const moment = story().find(({ event }) => event.type === type)
  return moment === undefined ? '' : wrapCard(body, moment)
}

const ISSUE = { $ref: 'issueId' }
const CARD = { name: 'card', everyMs: 5_000 }
const GOAL = '**Goal:** Stop double charging  \nTwo webhooks at once charge a customer twice.'
const BY = '**By:** fixer with Claude\n\n**Project:** billing'

describe('a session with an issue of its own', () => {
  const list = planAll()
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
      'resume: editCard',
      'resume: createEntry',
    ])
  })
  test('begins with its title and how it stands', () => {
    const [{ variables, keeps }] = list as [Planned]
    expect(keeps).toEqual(['issueId', 'identifier', 'url'])
    expect(variables.input).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      teamId: TEAM,
      title: 'Stop double charging',
      description: wrapped('start', `\`██░░░░░░░░\` 20 % · **in progress**\n\n${GOAL}\n\n${BY}`),
    })
  })
  test('shows what is new on the card, and says it below where it matters', () => {
    const [, edit, entry] = list as [Planned, Planned, Planned]
    expect(edit).toMatchObject({ event: 'update', action: 'editCard', variables: { id: ISSUE }, keeps: CARD })
    expect(edit.variables.input.description).toMatchObject({
      $ref: 'description',
      between: [expect.stringMatching(/^▼ Session /), expect.stringMatching(/^▲ Session /)],
    })
    expect(text(edit)).toBe(
      wrapped(
        'update',
        [
          '`████░░░░░░` 20 → 35 % · **in progress**',
          GOAL,
          '**Now:** Reproduced with two parallel webhooks',
          '**Next:**\n\n- Lock per invoice',
          BY,
        ].join('\n\n'),
      ),
    )
    expect(entry.variables.input).toMatchObject({ issueId: ISSUE })
    expect(text(entry)).toBe(
      signed(
        'decision',
        [
          '**Decision**',
          'Lock per invoice',
          '**Why:** Stripe retries a webhook while the first is still running',
          '**Instead of:**\n\n- global lock\n- queue of one',
          '**Impact:** One row lock more per payment',
          '**Category:** architecture',
        ].join('\n\n'),
      ),
    )
    expect(texts(list, 'blocker', 'createEntry')).toEqual([
      signed('blocker', '**Blocked (high)**\n\nNo staging key\n\n**Category:** external'),
    ])
    expect(texts(list, 'resolve', 'createEntry')).toEqual([
      signed(
        'resolve',
        '**Unblocked**\n\nNo staging key\n\n**How:** Key issued by ops\n\n**Blocked for:** 1 min',
      ),
    ])
    expect(texts(list, 'close', 'createEntry')).toEqual([
      signed('close', '**Session completed, 20 → 100 %**\n\nFixed in #981\n\n**Took:** 8 min'),
    ])
  })
  test('is not held back at its end', () => {
    const last = list.find(({ event, action }) => event === 'close' && action === 'editCard')
    expect(last?.keeps).toEqual({ name: 'card', everyMs: 0 })
    expect(last && text(last)).toContain('`██████████` 20 → 100 % · **completed**')
  })
})

describe('options', () => {
  test('labels, a link and workflow states by hook', () => {
    const list = planAll({
      labels: ['Bug'],
      sessionUrl: 'https://example.com/s/{id}',
      statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
    })
    expect(actionsOf(list).filter(each => !/card|entry/i.test(each))).toEqual([
      'start: setStatus',
      'start: addLabels',
      'start: addLink',
      'blocker: setStatus',
      'resolve: setStatus',
      'close: setStatus',
      'resume: setStatus',
    ])
    const [, , labelled, linked] = list as [Planned, Planned, Planned, Planned]
    expect(labelled.variables).toEqual({ id: ISSUE, input: { addedLabelIds: [{ $ref: 'label0' }] } })
    expect(linked.variables.input).toMatchObject({
      issueId: ISSUE,
      title: 'Session',
      subtitle: 'fixer with Claude',
      url: expect.stringMatching(/^https:\/\/example\.com\/s\/[0-9a-f-]{36}$/),
    })
    expect(list.filter(({ action }) => action === 'setStatus').map(({ keeps }) => keeps)).toEqual(
      Array.from({ length: 5 }, () => ({ name: 'status', place: 'after' })),
    )
  })
  test('a state is not moved back where nothing moved it, nor while something else is in the way', () => {
    expect(
      actionsOf(planAll({ statuses: { close: 'Done' } })).filter(each => each.endsWith('setStatus')),
    ).toEqual(['close: setStatus'])
    expect(
      actionsOf(planAll({ statuses: { start: 'In Progress' } })).filter(each => each.endsWith('setStatus')),
    ).toEqual(['start: setStatus', 'resume: setStatus'])
    const adapter = linear({ teamId: TEAM, statuses: { blocker: 'Blocked', resolve: 'In Progress' } })
    const moment = story().find(({ event }) => event.type === 'resolve')
    if (moment === undefined) throw new Error('no resolve in the story')
    const { event, session } = moment
    const actions = (blockers: typeof session.blockers) =>
      plan(adapter, event, { ...session, blockers }).map(each => each.action)
    expect(actions(session.blockers)).toEqual(['createEntry', 'editCard', 'setStatus'])
    const [{ resolvedAt: _, ...open }] = session.blockers as [(typeof session.blockers)[number]]
    expect(actions([...session.blockers, { ...open, blockerId: 'b2' }])).toEqual(['createEntry', 'editCard'])
  })
  test('crashed and abandoned are no success', () => {
    const adapter = linear({ teamId: TEAM, statuses: { close: 'Done', crashed: 'Canceled' } })
    const moment = story().find(({ event }) => event.type === 'close')
    if (moment?.event.type !== 'close') throw new Error('no close in the story')
    const { event, session } = moment
    const movesAt = (end: 'completed' | 'failed' | 'crashed' | 'abandoned') =>
      plan(adapter, { ...event, payload: { ...event.payload, end } }, { ...session, status: end }).flatMap(
        each => (each.action === 'setStatus' ? (each.before ?? []).map(({ where }) => where) : []),
      )
    expect([movesAt('completed'), movesAt('crashed'), movesAt('abandoned')]).toEqual([
      [{ pointer: '/name', equals: 'Done', anyCase: true }],
      [{ pointer: '/name', equals: 'Canceled', anyCase: true }],
      [],
    ])
  })
  test("updates: 'each' writes them down as well, 'off' leaves the card alone", () => {
    const updates = (mode: 'each' | 'off') =>
      actionsOf(planAll({ updates: mode })).filter(each => each.startsWith('update'))
    expect([updates('each'), updates('off')]).toEqual([
      ['update: createEntry', 'update: editCard', 'update: createEntry', 'update: editCard'],
      [],
    ])
  })
  test('an export is a document of the project, where there is one', () => {
    const [document] = planAll({ projectId: PROJECT }, { hooks: ['start', 'export'] }).slice(1) as [Planned]
    expect([document.action, document.variables.input.title, text(document)]).toEqual([
      'createDocument',
      'Session: Stop double charging',
      '# Stop double charging\n\n35 %',
    ])
  })
  test('a session that was left changes its card alone', () => {
    const adapter = linear({ teamId: TEAM, statuses: { close: 'Done', crashed: 'Canceled' } })
    const moment = story().find(({ event }) => event.type === 'close')
    if (moment?.event.type !== 'close') throw new Error('no close in the story')
    const { event, session } = moment
    const left = plan(
      adapter,
      { ...event, payload: { ...event.payload, end: 'left' } },
      { ...session, status: 'left' },
    )
    expect(left.map(({ action }) => action)).toEqual(['editCard'])
    expect(JSON.stringify(left)).toContain('left, can be resumed')
  })
  test('a state comes last at the close, and first at the resumption', () => {
    const list = actionsOf(planAll({ statuses: { start: 'In Progress', close: 'Done' } }))
    expect(list.filter(each => /^(close|resume)/.test(each))).toEqual([
      'close: createEntry',
      'close: editCard',
      'close: setStatus',
      'resume: setStatus',
      'resume: editCard',
      'resume: createEntry',
    ])
  })
  test('a title of nothing visible becomes the id', () => {
    const [{ variables }] = planAll({}, { text: '\u0000\u200b ' }) as [Planned]
    expect(variables.input.title).toMatch(/^Session [0-9a-f-]{36}$/)
  })
})

describe('a session with an issue that people linked', () => {
  const linked = (issue: string) =>
    planAll({ statuses: { close: 'Done' }, labels: ['Bug'] }, { refs: { linear: { issue: issue } } })
  test('has one status comment, edited in place', () => {
    const list = linked('BIL-212')
    expect(actionsOf(list).slice(0, 5)).toEqual([
      'start: createCardComment',
      'start: addLabels',
      'update: editCardComment',
      'decision: createEntry',
      'decision: editCardComment',
    ])
    expect(actionsOf(list)).not.toContain('update: editCard')
    const [comment, labels, edit] = list as [Planned, Planned, Planned]
    expect(comment.keeps).toEqual(['issueId', 'commentId', 'identifier', 'url'])
    expect(comment.variables.input).toMatchObject({
      issueId: 'BIL-212',
      body: signed(
        'start',
        `**Stop double charging**\n\n\`██░░░░░░░░\` 20 % · **in progress**\n\n${GOAL}\n\n${BY}`,
        { refs: { linear: { issue: 'BIL-212' } } },
      ),
    })
    expect(labels.variables.id).toEqual(ISSUE)
    expect(edit).toMatchObject({ variables: { id: { $ref: 'commentId' } }, keeps: CARD })
  })
  test.for([
    ['bil-212', 'BIL-212'],
    ['https://linear.app/acme/issue/BIL-212/double-charging#comment-1', 'BIL-212'],
    ['9CFB482A-81e3-4154-b5b9-2c805e70a02d', TEAM],
  ] as const)('which may be named as %s', ([given, sent]) => {
    expect(linked(given)[0]?.variables.input.issueId).toBe(sent)
  })
  test('another name is refused, saying what to give', () => {
    try {
      linked('the billing issue')
    } catch (error) {
      if (!isTrackerError(error)) throw error
      expect([error.code, error.field, error.message]).toEqual([
        'INVALID_INPUT',
        'refs.linear.issue',
        'refs.linear.issue: invalid value; expected the identifier of an issue (BIL-212), its UUID, or its address, got the string "the billing issue".',
      ])
    }
    expect.assertions(1)
  })
})
