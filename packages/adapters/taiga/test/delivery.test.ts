import { describe, expect, test } from 'vitest'
import { hostileTaiga } from '../src/testing.ts'
import { dead, drained, goal, sent, tracked } from './tracked.ts'

describe('a session in Taiga', () => {
  test('is a story of its own, with comments below it, and mentions nobody', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server, {
      statuses: { start: 'In progress', close: 'done' },
      labels: ['Agent'],
    })
    const session = await tracker.start(goal)
    await session.update('Reproduced with @bob', { progress: 35 })
    await session.decide('Lock per invoice', { alternatives: ['global lock'] })
    const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
    await drained(tracker)
    expect(server.items('userstory')).toMatchObject([
      {
        status: 'in-progress',
        isBlocked: true,
        blockedNote: 'No staging key (high)',
        subject: 'Stop double charging @bob',
      },
    ])
    await blocker.resolve('Key issued by ops')
    await session.close({ summary: 'Fixed in #981', progress: 100 })
    expect(await drained(tracker)).toBe(true)
    const [story] = server.items('userstory')
    expect(story).toMatchObject({ status: 'done', isBlocked: false, blockedNote: '' })
    expect(story?.description).toMatch(
      /^▼ Session [0-9a-f-]{36}\n\n`██████████` 20 → 100 % · \*\*completed\*\*\n\n[\s\S]*\n\nEvent [0-9a-f-]{36} · sessionwire \d[\s\S]*\n▲ Session [0-9a-f-]{36}$/,
    )
    expect(story?.comments.map(each => each.split('\n')[0])).toEqual([
      '**Decision**',
      '**Blocked (high)**',
      '**Unblocked**',
      '**Session completed, 20 → 100 %**',
    ])
    expect(story?.tags).toEqual(['agent', expect.stringMatching(/^evt-/)])
    expect([server.listMentions(), server.counts().doubled]).toEqual([[], 0])
  })

  test('edits what it finds: after a conflict it reads the version again', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const session = await tracker.start(goal)
    await drained(tracker)
    let others = 2
    const [story] = server.items('userstory')
    server.fail({
      method: 'PATCH',
      // Somebody writes the same field between our read and our write.
      when: () => {
        if (others-- > 0)
          server.change(story?.id ?? 0, {
            description: `${story?.description}\n\nby somebody else ${others}`,
          })
        return false
      },
      failure: { kind: 'refuse' },
    })
    await session.update('Reproduced', { progress: 35 })
    expect(await drained(tracker)).toBe(true)
    expect(sent(server, 'PATCH', /userstories/).map(({ answer }) => answer?.status)).toEqual([400, 400, 200])
    const description = server.items('userstory')[0]?.description
    expect(description).toContain('20 → 35 %')
    expect(description).toMatch(/by somebody else 0$/)
  })

  test('keeps what people write around its block', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const session = await tracker.start(goal)
    await drained(tracker)
    const [story] = server.items('userstory')
    server.change(story?.id ?? 0, { description: `Before\n\n${story?.description}\n\nAfter` })
    await session.update('Reproduced', { progress: 35 })
    expect(await drained(tracker)).toBe(true)
    const description = server.items('userstory')[0]?.description ?? ''
    expect(description).toMatch(/^Before\n\n▼ Session [\s\S]*20 → 35 %[\s\S]*▲ Session [0-9a-f-]+\n\nAfter$/)
    expect(description.match(/\*\*in progress\*\*/g)).toHaveLength(1)
  })

  test('goes on as one comment where people removed its block', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server, { statuses: { close: 'Done' } })
    const session = await tracker.start(goal)
    await drained(tracker)
    server.change(server.items('userstory')[0]?.id ?? 0, { description: 'Ours now' })
    await session.decide('Lock per invoice')
    await drained(tracker)
    await session.update('Half way', { progress: 50 })
    await drained(tracker)
    await session.close({ summary: 'Fixed', progress: 100 })
    expect([await drained(tracker), await dead(tracker)]).toEqual([true, []])
    const [story] = server.items('userstory')
    expect([story?.description, story?.status]).toEqual(['Ours now', 'done'])
    expect(story?.comments.map(each => each.split('\n')[0])).toEqual([
      '**Decision**',
      '**Stop double charging @\u200bbob**',
      '**Session completed, 20 → 100 %**',
    ])
    expect(story?.comments[1]).toContain('20 → 100 % · **completed**')
  })

  test('reads what the project says of itself once, however many names are chosen in it', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server, {
      statuses: { start: 'in_progress', blocker: 'READY', close: 'Done' },
      assignee: 'BOB',
      milestone: 'sprint-1',
    })
    const session = await tracker.start(goal)
    await session.block('No staging key')
    await session.close({ progress: 100 })
    expect([await drained(tracker), await dead(tracker)]).toEqual([true, []])
    expect(server.items('userstory')[0]?.status).toBe('done')
    const reads = sent(server, 'GET', /\/projects\//).map(({ path }) => path)
    expect(reads).toEqual(['/api/v1/projects/by_slug', '/api/v1/projects/7'])
  })

  test.for(['decide', 'update', 'close'] as const)(
    'is not taken for deleted by the 404 of a proxy, before %s',
    async next => {
      await using server = await hostileTaiga()
      await using tracker = await tracked(server)
      const session = await tracker.start(goal)
      await drained(tracker)
      const answer = { status: 404, text: '404 page not found\n', headers: { 'content-type': 'text/plain' } }
      server.fail({ times: 4, failure: { kind: 'answer', applied: false, answer } })
      if (next === 'decide') await session.decide('Lock per invoice')
      if (next === 'update') await session.update('Reproduced')
      if (next === 'close') await session.close()
      expect([await drained(tracker), await dead(tracker)]).toEqual([true, []])
      expect((await tracker.status()).adapters[0]?.gone).toBe(0)
    },
  )

  test.for(['decide', 'block', 'close', 'setStatus', 'addLabels', 'createComment'] as const)(
    'that a person deleted is noticed by %s',
    async next => {
      await using server = await hostileTaiga()
      await using tracker = await tracked(server, { statuses: { close: 'Done' } })
      const session = await tracker.start(goal)
      await drained(tracker)
      server.drop(server.items('userstory')[0]?.id ?? 0)
      const within = { sessionId: session.id }
      if (next === 'decide') await session.decide('Lock per invoice')
      if (next === 'block') await session.block('No key')
      if (next === 'close') await session.close()
      if (next === 'setStatus') await tracker.act('taiga', next, { status: 'Done' }, within)
      if (next === 'addLabels') await tracker.act('taiga', next, { labels: ['late'] }, within)
      if (next === 'createComment') await tracker.act('taiga', next, { body: 'Hello' }, within)
      await drained(tracker)
      expect((await tracker.status()).adapters[0]?.gone).toBe(1)
    },
  )

  test.for(['userstory', 'task', 'issue'] as const)(
    'makes one %s although the answer was 500, stored or not',
    async kind => {
      await using server = await hostileTaiga()
      await using tracker = await tracked(server, { kind })
      server.breakCreate(kind)
      const session = await tracker.start(goal)
      await session.update('Reproduced')
      expect(await drained(tracker)).toBe(true)
      expect(server.items(kind)).toHaveLength(1)
      expect(sent(server, 'POST', /./)).toHaveLength(kind === 'userstory' ? 2 : 1)
    },
  )

  test('says a thing once although every answer to it is lost', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const session = await tracker.start(goal)
    await drained(tracker)
    server.fail({ method: 'PATCH', times: 3, failure: { kind: 'reset', applied: true } })
    await session.decide('Lock per invoice')
    expect(await drained(tracker)).toBe(true)
    expect(server.items('userstory')[0]?.comments).toHaveLength(1)
    expect(server.counts().doubled).toBe(0)
  })

  test('stops where a person deleted the card, and a new card is made on request', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const session = await tracker.start(goal)
    await drained(tracker)
    server.drop(server.items('userstory')[0]?.id ?? 0)
    await session.update('Reproduced', { progress: 35 })
    await drained(tracker)
    expect(await dead(tracker)).toEqual([expect.stringMatching(/^editCard: no user story/)])
    await session.decide('Lock per invoice')
    await drained(tracker)
    expect(server.items('userstory')).toEqual([])
    await tracker.recreateCard(session.id, 'taiga')
    expect(await drained(tracker)).toBe(true)
    expect(server.items('userstory')).toMatchObject([
      { subject: 'Stop double charging @bob', comments: [expect.stringContaining('Lock per invoice')] },
    ])
  })
})

describe('a story that was there before', () => {
  test('keeps its description, and one comment shows how the session stands', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const { id, ref } = server.add('userstory', { subject: 'Charged twice', description: 'by a person' })
    const session = await tracker.start({ ...goal, refs: { taiga: { story: `billing#${ref}` } } })
    await session.decide('Lock per invoice')
    await drained(tracker)
    await session.close({ summary: 'Fixed', progress: 100 })
    expect(await drained(tracker)).toBe(true)
    const stories = server.items('userstory')
    expect(stories).toMatchObject([{ id, subject: 'Charged twice', description: 'by a person' }])
    const comments = stories[0]?.comments ?? []
    expect(comments).toHaveLength(3)
    expect(comments[0]).toMatch(
      /^\*\*Stop double charging @\u200bbob\*\*\n\n`██████████` 20 → 100 % · \*\*completed\*\*[\s\S]*\n\nSession [0-9a-f-]{36} · event [0-9a-f-]{36} · sessionwire \d/,
    )
  })

  test('is left alone once a person deleted its status comment', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const { id, ref } = server.add('issue')
    const session = await tracker.start({ ...goal, refs: { taiga: { issue: `#${ref}` } } })
    await drained(tracker)
    server.dropComments(id)
    await session.update('Reproduced')
    await drained(tracker)
    await session.decide('Lock per invoice')
    await drained(tracker)
    expect(await dead(tracker)).toEqual([
      expect.stringMatching(/^editCardComment: the status comment was deleted: 400 /),
    ])
    expect(server.items('issue')[0]?.comments).toEqual([])
  })

  test('is named in the error where there is none', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    await tracker.start({ ...goal, refs: { taiga: { story: '#999' } } })
    await drained(tracker)
    expect(await dead(tracker)).toEqual(['linkCard: no user story #999 in billing'])
  })
})

describe('what goes wrong for good', () => {
  test('a status that does not exist is answered with those that do', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server, { statuses: { close: 'Finished' } })
    const session = await tracker.start(goal)
    await session.close()
    await drained(tracker)
    expect(await dead(tracker)).toEqual([
      'setStatus: no status "Finished"; there is: New, Ready, In progress, Ready for test, Done, Archived',
    ])
  })

  test.for([
    ['blocked', /^createCard: the project is blocked: 451 /],
    ['archived', /^createCard: 403 .*Archived element/],
  ] as const)('a project that is %s', async ([how, reason]) => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    server.lock(how)
    await tracker.start(goal)
    await drained(tracker)
    expect(await dead(tracker)).toEqual([expect.stringMatching(reason)])
    server.lock('open')
    await tracker.retry((await tracker.deliveries({ state: 'dead' })).map(({ key }) => key))
    expect(await drained(tracker)).toBe(true)
    expect(server.items('userstory')).toHaveLength(1)
  })

  test('a credential that is refused holds everything back and loses nothing', async () => {
    await using server = await hostileTaiga({ applicationTokens: {} })
    await using tracker = await tracked(server)
    await tracker.start(goal)
    await tracker.drain({ timeoutMs: 300 })
    expect(await tracker.check('taiga')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('Invalid token') as string,
    })
    // A busy machine ends the drain before the attempt is settled.
    const states = async () => (await tracker.deliveries()).map(({ state }) => state)
    await expect.poll(states).toEqual(['waiting'])
  })

  test('a throttle is waited for as long as it says', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    server.fail({ method: 'POST', failure: { kind: 'throttle', waitSeconds: 0 } })
    await tracker.start(goal)
    expect(await drained(tracker)).toBe(true)
    expect(sent(server, 'POST', /./).map(({ answer }) => answer?.status)).toEqual([429, 201])
  })
})
