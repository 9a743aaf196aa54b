import { describe, expect, test } from 'vitest'
import { cardHooks, plan, type Session, type SessionEvent, type Step } from '../src/adapter.ts'
import { ENDS } from '../src/session/schema.ts'
import { story } from '../src/testing.ts'

type Config = Readonly<{
  as: string
  updates?: 'card' | 'each' | 'off'
  sessionUrl?: string
  statuses?: Readonly<Record<string, string>>
}>

const step =
  (action: string, more: object): Step<Config> =>
  at =>
    ({ key: at.key, action, kind: 'http', method: 'POST', endpoint: 'https://x.example', ...more }) as never

const hooks = cardHooks<Config>({
  create: ({ url }) => [
    step(`create ${url ?? ''}`.trim(), { repeat: 'unsafe', captures: { card: '/id' } }),
    step('adorn', { repeat: 'safe' }),
  ],
  edit: ({ card }) => [step(`edit ${card.standing} ${card.progressText}`, { repeat: 'safe' })],
  entry: ({ heading }) => [step(`entry ${heading}`, { repeat: 'unsafe' })],
  setStatus: status => [step(`status ${status}`, { repeat: 'safe' })],
  statuses: ({ statuses }) => statuses ?? {},
  more: {
    start: () => [step('label', { repeat: 'safe' })],
    close: () => [step('log', { repeat: 'unsafe' })],
    export: ({ event }) => [step(`export ${event.payload.format}`, { repeat: 'unsafe' })],
  },
})

type Given = Omit<Config, 'as'>
const adapter = (given: Given) => ({ name: 'x', config: { as: 'x', ...given }, hooks })
const brief = ({ action, holds, coalesce }: ReturnType<typeof plan>[number]) =>
  [action, holds ? 'holds' : '', coalesce ? JSON.stringify(coalesce) : '']
    .filter(part => part !== '')
    .join(' ')
const planned = (config: Given, change: (event: SessionEvent) => SessionEvent = event => event) =>
  Object.fromEntries(
    story().map(({ event, session }) => [
      `${event.sequence} ${event.type}`,
      plan(adapter(config), change(event), session).map(brief),
    ]),
  )

const CARD = '{"name":"card","everyMs":5000}'
const AFTER = '{"name":"status","place":"after"}'
const STATUSES = { start: 'Doing', blocker: 'Waiting', close: 'Done', failed: 'Failed' }

test('plans every hook in its order', () =>
  expect(planned({ statuses: STATUSES, sessionUrl: 'https://s.example/{id}' })).toEqual({
    '1 start': [
      'create https://s.example/01990000-0000-7001-8000-00000000a001 holds',
      'adorn',
      `status Doing ${AFTER}`,
      'label',
    ],
    '2 update': [`edit in progress 20 → 35 % ${CARD}`],
    '3 decision': ['entry Decision', `edit in progress 20 → 35 % ${CARD}`],
    '4 entity': [],
    '5 blocker': ['entry Blocked (high)', `edit blocked 20 → 35 % ${CARD}`, `status Waiting ${AFTER}`],
    '6 resolve': ['entry Unblocked', `edit in progress 20 → 35 % ${CARD}`, `status Doing ${AFTER}`],
    '7 update': [`edit in progress 20 → 90 % ${CARD}`],
    '8 export': ['export markdown'],
    '9 close': [
      'entry Session completed, 20 → 100 %',
      'edit completed 20 → 100 % {"name":"card","everyMs":0}',
      'log',
      `status Done ${AFTER}`,
    ],
    '10 resume': [`status Doing ${AFTER}`, `edit in progress 20 → 100 % ${CARD}`, 'entry Session resumed'],
  }))

describe('option updates', () => {
  test.for([
    ['card', [`edit in progress 20 → 35 % ${CARD}`]],
    ['each', ['entry Update, 35 %', `edit in progress 20 → 35 % ${CARD}`]],
    ['off', []],
  ] as const)('%s', ([updates, expected]) => expect(planned({ updates })['2 update']).toEqual(expected))
})

describe('the end of a session', () => {
  const ended = (end: (typeof ENDS)[number]) => {
    const found = story().find(({ event }) => event.type === 'close')
    if (found === undefined) throw new Error('no close')
    const event = { ...found.event, payload: { ...found.event.payload, end } } as SessionEvent
    const session = { ...found.session, status: end } as Session
    return plan(adapter({ statuses: { ...STATUSES, crashed: 'Broken' } }), event, session).map(brief)
  }
  const edit = (standing: string) => `edit ${standing} 20 → 100 % {"name":"card","everyMs":0}`
  const whole = (end: string, ...status: readonly string[]) => [
    `entry Session ${end}, 20 → 100 %`,
    edit(end),
    'log',
    ...status.map(each => `status ${each} ${AFTER}`),
  ]
  const expected: Readonly<Record<(typeof ENDS)[number], readonly string[]>> = {
    completed: whole('completed', 'Done'),
    failed: whole('failed', 'Failed'),
    cancelled: whole('cancelled'),
    crashed: whole('crashed', 'Broken'),
    abandoned: whole('abandoned'),
    left: [edit('left, can be resumed')],
  }
  test.for(ENDS)('%s', end => expect(ended(end)).toEqual(expected[end]))
})

test('where a blocker moves nothing, its end moves nothing back', () =>
  expect(planned({ statuses: { start: 'Doing' } })).toMatchObject({
    '5 blocker': ['entry Blocked (high)', `edit blocked 20 → 35 % ${CARD}`],
    '6 resolve': ['entry Unblocked', `edit in progress 20 → 35 % ${CARD}`],
  }))

test('keeps the rules of a call that has its own', () => {
  const own = cardHooks<Config>({
    create: () => [],
    edit: () => [step('edit', { repeat: 'safe', coalesce: { name: 'own', everyMs: 9 } })],
    setStatus: () => [step('status', { repeat: 'safe', coalesce: { name: 'state' } })],
    statuses: () => ({ blocker: 'x' }),
  })
  const found = story().find(({ event }) => event.type === 'blocker')
  if (found === undefined) throw new Error('no blocker')
  expect(plan({ ...adapter({}), hooks: own }, found.event, found.session).map(brief)).toEqual([
    'edit {"name":"own","everyMs":9}',
    'status {"name":"state","place":"after"}',
  ])
})
