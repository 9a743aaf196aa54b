import { isTrackerError, type Json, plan } from '@sessionwire/core/adapter'
import { type StoryOptions, story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import type { OpseraOptions } from '../src/index.ts'
import { made, moment, planned, SESSION } from './made.ts'

type Payload = Readonly<Record<string, Json>>
type Told = Readonly<{ event: string; action: string; payload: Payload; keeps: unknown }>

/** A plan in short: at which hook, which action, what is sent, and what it captures or takes the place of. */
const told = (options: Partial<OpseraOptions> = {}, of: StoryOptions = {}): readonly Told[] => {
  const adapter = made(options)
  return story(of).flatMap(({ event, session }) =>
    plan(adapter, event, session).map(descriptor => ({
      event: event.type,
      action: descriptor.action,
      payload: (descriptor as unknown as { payload: Payload }).payload,
      keeps: descriptor.coalesce ?? Object.keys(descriptor.captures ?? {}),
    })),
  )
}
const actionsOf = (list: readonly Told[]) => list.map(({ event, action }) => `${event}: ${action}`)
const cardOf = ({ payload: { assets } }: Told): Json => {
  const { with: ours, ...own } = assets as Readonly<Record<string, Json>>
  return ((ours ?? own) as Readonly<Record<string, Json>>)[`session-${SESSION}`] ?? null
}

const GOAL = 'Stop double charging\nTwo webhooks at once charge a customer twice.'
const BY = { By: 'fixer with Claude', Project: 'billing' }
const source = (event: string) =>
  expect.stringMatching(
    new RegExp(`^Session ${SESSION} · event 01990000-0000-7001-8000-00000000e${event} · sessionwire \\d`),
  ) as string
const CARD = { name: 'card', everyMs: 30_000 }

describe('a session with a project of its own', () => {
  const list = told({ sessionUrl: 'https://example.com/s/{id}', hierarchy: { team: 'Core' } })
  const Link = `https://example.com/s/${SESSION}`
  test('is made once and edited in place, without entries', () => {
    expect(actionsOf(list)).toEqual([
      'start: createCard',
      'update: editCard',
      'decision: editCard',
      'blocker: editCard',
      'resolve: editCard',
      'update: editCard',
      'close: editCard',
      'resume: editCard',
    ])
    expect(list.map(({ keeps }) => keeps)).toEqual([
      ['project'],
      ...[CARD, CARD, CARD, CARD, CARD],
      { name: 'card', everyMs: 0 },
      CARD,
    ])
  })
  test('begins with its title, how it stands, and where it comes from', () => {
    expect(list[0]?.payload).toEqual({
      projectId: `session-${SESSION}`,
      projectName: 'Stop double charging: in progress, 20 %',
      externalId: SESSION,
      team: 'Core',
      assets: {
        [`session-${SESSION}`]: {
          Session: 'Stop double charging',
          Status: '██░░░░░░░░ 20 % · in progress',
          Goal: GOAL,
          ...BY,
          Link,
          Source: source('001'),
        },
      },
    })
  })
  test('shows what is new, in the order and words of every tool', () => {
    const blocked = list[3]
    if (blocked === undefined) throw new Error('no blocker')
    expect(blocked.payload).toMatchObject({
      projectId: `session-${SESSION}`,
      projectName: 'Stop double charging: blocked, 35 %',
      team: 'Core',
    })
    const shown = cardOf(blocked)
    expect(shown).toEqual({
      Session: 'Stop double charging',
      Status: '████░░░░░░ 20 → 35 % · blocked',
      Goal: GOAL,
      Now: 'Reproduced with two parallel webhooks',
      Next: ['Lock per invoice'],
      'Blocked by': ['No staging key (high)'],
      Decided: ['Lock per invoice'],
      ...BY,
      Link,
      Source: source('005'),
    })
    expect(Object.keys(shown as object)).toEqual([
      ...[
        'Session',
        'Status',
        'Goal',
        'Now',
        'Next',
        'Blocked by',
        'Decided',
        'By',
        'Project',
        'Link',
        'Source',
      ],
    ])
  })
  test('ends as it ended', () => {
    const closed = list[6]
    if (closed === undefined) throw new Error('no close')
    expect(closed.payload.projectName).toBe('Stop double charging: completed, 100 %')
    expect(cardOf(closed)).toMatchObject({
      Status: '██████████ 20 → 100 % · completed',
      Last: 'Lock in place, tests green',
      Summary: 'Fixed in #981',
      Took: '8 min',
    })
  })
})

describe('a project that sessions share', () => {
  const list = told({ projectId: 'agents', projectName: 'Agents at work' })
  test('is made when it is not there, and each session has a place below its assets', () => {
    expect(actionsOf(list).slice(0, 3)).toEqual(['start: createCard', 'start: editCard', 'update: editCard'])
    expect(list[0]?.payload).toMatchObject({
      projectId: 'agents',
      projectName: 'Agents at work',
      externalId: SESSION,
    })
    expect(list[1]?.payload).toMatchObject({
      projectId: 'agents',
      projectName: { $ref: 'projectName' },
      externalId: { $ref: 'externalId' },
      assets: {
        $ref: 'assets',
        with: { [`session-${SESSION}`]: { Session: 'Stop double charging' } },
      },
    })
  })
  test('is called as the project of the session, where it has no other name', () => {
    expect(told({ projectId: 'agents' })[0]?.payload.projectName).toBe('billing')
    expect(told({ projectId: 'agents' }, { text: ' \u200b' })[0]?.payload.projectName).toBe('Sessions agents')
  })
})

describe('a project that refs linked', () => {
  const refs = { opsera: { project: 'web-portal' } }
  test('gets a card below its assets, and nothing else is written', () => {
    const list = told({ put: 'merge' }, { refs })
    expect(actionsOf(list).slice(0, 2)).toEqual(['start: editCard', 'update: editCard'])
    expect(list[0]?.payload).toEqual({
      projectId: 'web-portal',
      assets: { $ref: 'assets', with: { [`session-${SESSION}`]: cardOf(list[0] as Told) } },
    })
    expect(planned('start', made({ put: 'merge' }), { refs })[0]).toMatchObject({
      endpoint: 'https://app.opsera.io/api/v2/data/project/web-portal',
    })
  })
  test.for([
    [{}, 'web-portal', "what people wrote there would be lost. Set put: 'merge'"],
    [{ put: 'merge', assets: 'list' }, 'web-portal', "with assets: 'object'"],
    [{ put: 'merge' }, 'the portal', 'invalid value; expected the id of a project'],
    [{ put: 'merge' }, '..', 'got the string ".."'],
  ] as const)('is refused with %j and %j', ([options, project, why]) => {
    const { event, session } = moment('start', { refs: { opsera: { project: project } } })
    try {
      plan(made(options), event, session)
    } catch (error) {
      if (!isTrackerError(error)) throw error
      expect([error.code, error.field]).toEqual(['INVALID_INPUT', 'refs.opsera.project'])
      expect(error.message).toContain(why)
    }
    expect.assertions(2)
  })
})

describe('a task per session', () => {
  const start = (options: Partial<OpseraOptions> = {}, of: StoryOptions = {}) =>
    planned('start', made({ tasks: true, ...options }), of)
  test('is created once, by the id of the session, and linked in the project', () => {
    const [, task, link] = start()
    expect(start().map(({ action, holds }) => [action, holds])).toEqual([
      ['createCard', true],
      ['createTask', undefined],
      ['linkTask', undefined],
    ])
    expect(task).toMatchObject({
      payload: { name: 'Stop double charging', description: GOAL, externalId: SESSION },
      captures: { task: '/id' },
      repeat: { by: 'mark', first: true, where: { pointer: '/externalId', equals: SESSION } },
    })
    expect(link).toMatchObject({
      endpoint: 'https://app.opsera.io/api/v2/data/project/{project}',
      payload: {
        projectId: `session-${SESSION}`,
        projectName: { $ref: 'projectName' },
        externalId: { $ref: 'externalId' },
        assets: { $ref: 'assets', with: { tasks: { $ref: 'assets-0', with: [{ $ref: 'task' }] } } },
      },
      before: [
        { where: { pointer: '/externalId', equals: SESSION }, captures: { task: '/id' } },
        {
          captures: {
            assets: { pick: '/assets', otherwise: {} },
            'assets-0': { pick: '/assets/tasks', otherwise: [] },
          },
        },
      ],
    })
  })
  test('is an item of a list of assets, and is not linked where assets are off', () => {
    expect(start({ assets: 'list' })[2]).toMatchObject({
      payload: { assets: { $ref: 'assets', with: [{ tasks: [{ $ref: 'task' }] }] } },
    })
    expect(start({ assets: 'off' }).map(({ action }) => action)).toEqual(['createCard', 'createTask'])
  })
  test('leaves everything else in a linked project alone', () => {
    const [, , link] = start({ put: 'merge' }, { refs: { opsera: { project: 'web-portal' } } })
    expect(link?.payload).toEqual({
      projectId: 'web-portal',
      assets: { $ref: 'assets', with: { tasks: { $ref: 'assets-0', with: [{ $ref: 'task' }] } } },
    })
  })
})

test("updates: 'off' leaves the project alone until something else happens", () => {
  expect(actionsOf(told({ updates: 'off' }))).toEqual([
    'start: createCard',
    'decision: editCard',
    'blocker: editCard',
    'resolve: editCard',
    'close: editCard',
    'resume: editCard',
  ])
})

test('ids of a host of any shape become ids of projects', () => {
  const { event, session } = moment('start')
  const ids = ['A b/c', 'x'.repeat(200), '../x', 'fine-1'].map(id => {
    const [first] = plan(made(), event, { ...session, id })
    return (first as unknown as { payload: Payload }).payload
  })
  const shape = /^session-([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|fine-1)$/
  expect(ids.map(({ projectId }) => shape.test(String(projectId)))).toEqual([true, true, true, true])
  expect(new Set(ids.map(({ projectId }) => projectId)).size).toBe(4)
  expect(ids.map(({ externalId }) => externalId)).toEqual(['A b/c', 'x'.repeat(200), '../x', 'fine-1'])
})

test('a title of nothing visible becomes the id', () => {
  expect(told({}, { text: '\u0000\u200b ' })[0]?.payload.projectName).toBe(
    `Session ${SESSION}: in progress, 20 %`,
  )
})
