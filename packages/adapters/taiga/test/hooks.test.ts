import type { Descriptor, Json } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { VERSION } from '../../../core/src/session/version.ts'
import { call, made, planned } from './made.ts'

const version = { $ref: 'version' }
const SESSION = '01990000-0000-7001-8000-00000000a001'
const event = (n: number) => `01990000-0000-7001-8000-00000000e00${n}`

type Sent = Descriptor & Readonly<{ payload?: Readonly<Record<string, unknown>>; endpoint: string }>
const shape = (descriptors: readonly Descriptor[]) =>
  (descriptors as readonly Sent[]).map(
    ({ action, method, endpoint, payload, coalesce }: Sent & { method?: string }) => [
      action,
      `${method} ${String(endpoint).replace('https://api.taiga.io/api/v1/', '')}`,
      Object.keys(payload ?? {}).join(' '),
      coalesce?.name ?? '-',
    ],
  )

const comment = (end: RegExp): unknown =>
  expect.stringMatching(
    new RegExp(
      `^\\*\\*Stop double charging\\*\\*\\n\\n[\\s\\S]*\\n\\nSession ${SESSION} · event [\\s\\S]*${end.source}`,
    ),
  )
const wrapped = (n: number, ...paragraphs: readonly (string | undefined)[]) =>
  [
    `▼ Session ${SESSION}`,
    ...paragraphs,
    `Event ${event(n)} · sessionwire ${VERSION}\n▲ Session ${SESSION}`,
  ].join('\n\n')
const CARD = [
  '`██░░░░░░░░` 20 % · **in progress**',
  '**Goal:** Stop double charging\nTwo webhooks at once charge a customer twice.',
  '**By:** fixer with Claude',
  '**Project:** billing',
]

describe('a card of our own', () => {
  const adapter = made({
    labels: ['agent'],
    statuses: { start: 103, blocker: 'ready', close: 'Done' },
    sessionUrl: 'https://example.com/s/{id}',
  })

  test('is created whole, and found again by our tag', () => {
    const [created, ...rest] = planned('start', adapter)
    const { tags, ...payload } = ((created as Sent).payload ?? {}) as Readonly<Record<string, Json>>
    expect(payload).toEqual({
      project: 7,
      subject: 'Stop double charging',
      description: wrapped(1, ...CARD, `[Open the session](<https://example.com/s/${SESSION}>)`),
    })
    expect(tags).toEqual(['agent', expect.stringMatching(/^evt-[0-9a-f-]{36}$/)])
    expect(created).toMatchObject({
      key: `${event(1)}/taiga/0`,
      captures: { storyId: '/id', ref: '/ref' },
      holds: true,
    })
    expect(rest).toMatchObject([
      {
        action: 'setStatus',
        payload: { status: 103, version },
        coalesce: { name: 'status', place: 'after' },
      },
    ])
  })

  test('is edited in place by an update, with the version of the moment', () => {
    const [edited, ...rest] = planned('update', adapter)
    expect(edited).toEqual({
      key: `${event(2)}/taiga/0`,
      action: 'editCard',
      ...call('PATCH', 'userstories/{storyId}', {
        payload: {
          description: {
            $ref: 'description',
            between: [`▼ Session ${SESSION}`, `▲ Session ${SESSION}`],
            put: wrapped(
              2,
              '`████░░░░░░` 20 → 35 % · **in progress**',
              CARD[1],
              '**Now:** Reproduced with two parallel webhooks',
              '**Next:**\n\n- Lock per invoice',
              CARD[2],
              CARD[3],
              `[Open the session](<https://example.com/s/${SESSION}>)`,
            ),
          },
          version,
        },
      }),
      before: [
        {
          call: call('GET', 'userstories/{storyId}'),
          captures: { version: '/version', description: { pick: '/description', otherwise: '' } },
          noun: 'user story of the session',
          gone: true,
        },
      ],
      // Where people removed the block: the one comment of the session.
      instead: {
        find: {
          call: call('GET', 'history/userstory/{storyId}', { query: { type: 'comment', page_size: 100 } }),
          list: '',
          where: { pointer: '/comment', contains: `\`session-${SESSION}\`` },
          captures: { statusId: '/id' },
        },
        edit: call('POST', 'history/userstory/{storyId}/edit_comment', {
          query: { id: { $ref: 'statusId' } },
          payload: { comment: comment(/`session-[0-9a-f-]{36}`$/) },
        }),
        create: call('PATCH', 'userstories/{storyId}', {
          payload: { comment: comment(/`session-[0-9a-f-]{36}`\n\n`evt-[0-9a-f-]{36}`$/), version: 1 },
        }),
      },
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 5_000 },
    })
    expect(rest).toEqual([])
  })

  test('gets a comment for a decision', () => {
    const [said] = planned('decision', adapter)
    expect((said as Sent).payload?.comment).toMatch(
      /^\*\*Decision\*\*\n\nLock per invoice\n\n\*\*Why:\*\* Stripe retries a webhook while the first is still running\n\n\*\*Instead of:\*\*\n\n- global lock\n- queue of one\n\n\*\*Impact:\*\* One row lock more per payment\n\n\*\*Category:\*\* architecture\n\nSession [0-9a-f-]{36} · event [0-9a-f-]{36} · sessionwire [\d.]+\n\n`evt-[0-9a-f-]{36}`$/,
    )
  })

  test('is planned through a whole session: the entry, the card, the flag, the status', () => {
    const all = story().map(({ event: { type } }, place) => [
      type,
      shape(planned(type, adapter, {}).slice(0, place === 0 ? 1 : 9)),
    ])
    const comment = ['createComment', 'PATCH userstories/{storyId}', 'comment version', '-']
    const edit = ['editCard', 'PATCH userstories/{storyId}', 'description version', 'card']
    const flag = ['setBlocked', 'PATCH userstories/{storyId}', 'is_blocked blocked_note version', 'blocked']
    const move = ['setStatus', 'PATCH userstories/{storyId}', 'status version', 'status']
    expect(all).toEqual([
      ['start', [['createCard', 'POST userstories', 'project subject description tags', '-']]],
      ['update', [edit]],
      ['decision', [comment, edit]],
      ['entity', []],
      ['blocker', [comment, edit, flag, move]],
      ['resolve', [comment, edit, flag, move]],
      ['update', [edit]],
      [
        'export',
        [
          ['createDocument', 'POST wiki', 'project slug content', '-'],
          ['editDocument', 'PATCH wiki/{page}', 'content version', `page session-${SESSION}`],
          comment,
        ],
      ],
      ['close', [comment, edit, move]],
      ['resume', [move, edit, comment]],
    ])
  })

  test('is flagged with what blocks it, until nothing does', () => {
    const note = (type: 'blocker' | 'resolve') => (planned(type, adapter)[2] as Sent).payload
    expect(note('blocker')).toEqual({ is_blocked: true, blocked_note: 'No staging key (high)', version })
    expect(note('resolve')).toEqual({ is_blocked: false, blocked_note: '', version })
  })

  test('stays blocked while another blocker is open', () => {
    const resolved = story().find(({ event: { type } }) => type === 'resolve')
    const [first] = resolved?.session.blockers ?? []
    if (resolved === undefined || first === undefined) throw new Error('the story has no blocker')
    const { resolvedAt: _, resolution: __, ...open } = { ...first, blockerId: 'b2', description: 'No review' }
    const session = { ...resolved.session, blockers: [first, open] }
    const steps =
      adapter.hooks.resolve?.(
        resolved.event.payload as never,
        session,
        resolved.event as never,
        adapter.config,
      ) ?? []
    const plans = steps.map((step, place) => step({ key: `e/taiga/${place}`, config: adapter.config }))
    expect(shape(plans).map(([action]) => action)).toEqual(['createComment', 'editCard', 'setBlocked'])
    expect((plans[2] as Sent).payload).toMatchObject({ is_blocked: true, blocked_note: 'No review (high)' })
  })

  test('is moved at the end the session had, and back when it resumes', () => {
    const move = (type: 'close' | 'resume') =>
      planned(type, made({ statuses: { start: 1, close: 2 } })).at(type === 'close' ? -1 : 0) as Sent
    expect(move('close').payload).toEqual({ status: 2, version })
    expect(move('resume').payload).toEqual({ status: 1, version })
    expect(shape(planned('close', made()))).toHaveLength(2)
  })
})

describe('a card that was there before', () => {
  const refs = { taiga: { story: '#42' } }

  test('is found, given one status comment, and that comment is found', () => {
    const [linked, status, found, ...rest] = planned('start', made(), { refs })
    expect(linked).toEqual({
      key: `${event(1)}/taiga/0`,
      action: 'linkCard',
      ...call('GET', 'userstories/{target}'),
      before: [
        {
          call: call('GET', 'userstories/by_ref', { query: { ref: 42, project: 7 } }),
          captures: { target: '/id' },
          noun: 'user story #42 in project 7',
        },
      ],
      captures: { storyId: '/id', ref: '/ref' },
      repeat: 'safe',
      holds: true,
    })
    expect((status as Sent).payload).toEqual({
      comment: expect.stringMatching(
        new RegExp(
          `^\\*\\*Stop double charging\\*\\*\\n\\n[^]*\\n\\n\`session-${SESSION}\`\\n\\n\`evt-[0-9a-f-]{36}\`$`,
        ),
      ) as string,
      version: 1,
    })
    expect(found).toEqual({
      key: `${event(1)}/taiga/2`,
      action: 'findCardComment',
      ...call('GET', 'history/userstory/{storyId}', { query: { type: 'comment', page_size: 100 } }),
      captures: {
        statusId: {
          list: '',
          where: { pointer: '/comment', contains: `\`session-${SESSION}\`` },
          pick: '/id',
        },
      },
      repeat: 'safe',
      holds: true,
    })
    expect(rest).toEqual([])
  })

  test('keeps its own description: the comment is edited instead', () => {
    expect(planned('update', made(), { refs })).toMatchObject([
      {
        action: 'editCardComment',
        method: 'POST',
        endpoint: 'https://api.taiga.io/api/v1/history/userstory/{storyId}/edit_comment',
        query: { id: { $ref: 'statusId' } },
        coalesce: { name: 'card', everyMs: 30_000 },
      },
    ])
  })

  test('is of the kind that the ref names', () => {
    const plans = planned('start', made(), { refs: { taiga: { issue: '4713' } } })
    expect(shape(plans).map(([, to]) => to)).toEqual([
      'GET issues/4713',
      'PATCH issues/{issueId}',
      'GET history/issue/{issueId}',
    ])
  })

  test('is refused by name where it cannot be one', () => {
    expect(() => planned('start', made(), { refs: { taiga: { story: 'BIL-212' } } })).toThrow(
      'refs.taiga.story: invalid value; expected an id (4711), a number (#42, or billing#42 of another project) or the address of its page, got the string "BIL-212".',
    )
    expect(() => planned('start', made(), { refs: { taiga: { story: 'session' } } })).toThrow(
      'refs.taiga.story',
    )
  })
})

describe('options of what is mirrored', () => {
  test('each update is a comment as well', () => {
    expect(shape(planned('update', made({ updates: 'each' }))).map(([action]) => action)).toEqual([
      'createComment',
      'editCard',
    ])
  })

  test('updates leave the card alone', () => {
    expect(planned('update', made({ updates: 'off' }))).toEqual([])
  })

  test('a new story is added to its epic, a new task to its story', () => {
    expect(shape(planned('start', made({ epic: 4714 })))[1]).toEqual([
      'addStoryToEpic',
      'POST epics/4714/related_userstories',
      'epic user_story',
      'epic 4714 session',
    ])
    expect((planned('start', made({ kind: 'task', story: 4711 }))[0] as Sent).payload).toMatchObject({
      user_story: 4711,
    })
  })

  test('an export is a page of the format, a comment, or nothing', () => {
    const plans = (exportTo: 'wiki' | 'comment' | 'off') =>
      shape(planned('export', made({ exportTo }))).map(([action]) => action)
    expect(plans('wiki')).toEqual(['createDocument', 'editDocument', 'createComment'])
    expect(plans('comment')).toEqual(['createComment'])
    expect(plans('off')).toEqual([])
  })

  test('a title that shows nothing is replaced', () => {
    const [created] = planned('start', made(), { text: '\u200b \u202e' })
    expect((created as Sent).payload?.subject).toBe(`Session ${SESSION}`)
  })
})
