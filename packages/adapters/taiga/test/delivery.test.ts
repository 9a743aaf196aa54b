import { createTracker } from '@sessionwire/core'
import { describe, expect, test } from 'vitest'
import { type TaigaOptions, taiga } from '../src/index.ts'
import { type HostileTaiga, hostileTaiga } from '../src/testing.ts'

/** Short enough not to wait for, long enough for this machine. */
const policy = {
  backoffMs: 1,
  backoffMaxMs: 1,
  afterMs: 1,
  timeoutMs: 400,
  readTimeoutMs: 2_000,
  downAfter: 50,
}

const tracked = (server: HostileTaiga, options: Partial<TaigaOptions<'taiga'>> = {}) =>
  createTracker({
    project: 'billing',
    policy,
    pollMs: 5,
    random: () => 0,
    secrets: (name: string) => ({ TAIGA_TOKEN: 'app-token' })[name],
    adapters: [
      taiga({
        project: 'billing',
        baseUrl: server.baseUrl,
        frontUrl: 'https://taiga.example.com',
        ...options,
      }),
    ],
  })
type Tracked = Awaited<ReturnType<typeof tracked>>

const goal = { goal: 'Stop double charging @bob', user: 'fixer', progress: 20 }
const drained = async (tracker: Tracked) => (await tracker.drain({ timeoutMs: 8_000 })).done
const dead = async (tracker: Tracked) =>
  (await tracker.deliveries({ state: 'dead' })).map(({ action, reason }) => `${action}: ${reason}`)
const sent = (server: HostileTaiga, method: string, path: RegExp) =>
  server.requests().filter(request => request.method === method && path.test(request.path))

describe('a session in Taiga', () => {
  test('is a story of its own, with comments below it, and mentions nobody', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server, {
      statuses: { start: 'In progress', close: 'done' },
      tags: ['Agent'],
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
    expect(story?.description).toMatch(/^`██████████` 100 % · \*\*completed\*\*\n\n/)
    expect(story?.comments.map(each => each.split('\n')[0])).toEqual([
      '**Decision**',
      '**Blocked (high)**',
      '**Unblocked**',
      '**Session completed, 100 %**',
    ])
    expect(story?.tags).toEqual(['agent', expect.stringMatching(/^evt-/)])
    expect([server.mentioned(), server.counts().doubled]).toEqual([[], 0])
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
        if (others-- > 0) server.change(story?.id ?? 0, { description: `by somebody else ${others}` })
        return false
      },
      failure: { kind: 'refuse' },
    })
    await session.update('Reproduced', { progress: 35 })
    expect(await drained(tracker)).toBe(true)
    expect(sent(server, 'PATCH', /userstories/).map(({ answer }) => answer?.status)).toEqual([400, 400, 200])
    expect(server.items('userstory')[0]?.description).toContain('35 %')
  })

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

  test('stops where a person deleted the card, and starts anew when it is told to', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const session = await tracker.start(goal)
    await drained(tracker)
    server.drop(server.items('userstory')[0]?.id ?? 0)
    await session.update('Reproduced', { progress: 35 })
    await drained(tracker)
    expect(await dead(tracker)).toEqual([expect.stringMatching(/^editCard: the card was deleted: 404 /)])
    await session.decide('Lock per invoice')
    await drained(tracker)
    expect(server.items('userstory')).toEqual([])
    await tracker.restart(session.id, 'taiga')
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
    const session = await tracker.start({ ...goal, refs: { 'taiga.story': `billing#${ref}` } })
    await session.decide('Lock per invoice')
    await drained(tracker)
    await session.close({ summary: 'Fixed', progress: 100 })
    expect(await drained(tracker)).toBe(true)
    const stories = server.items('userstory')
    expect(stories).toMatchObject([{ id, subject: 'Charged twice', description: 'by a person' }])
    const comments = stories[0]?.comments ?? []
    expect(comments).toHaveLength(3)
    expect(comments[0]).toMatch(
      /^\*\*Stop double charging @\u200bbob\*\*\n\n`██████████` 100 % · \*\*completed\*\*/,
    )
  })

  test('is left alone once a person deleted its status comment', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const { id, ref } = server.add('issue')
    const session = await tracker.start({ ...goal, refs: { 'taiga.issue': `#${ref}` } })
    await drained(tracker)
    server.dropComments(id)
    await session.update('Reproduced')
    await drained(tracker)
    await session.decide('Lock per invoice')
    await drained(tracker)
    expect(await dead(tracker)).toEqual([
      expect.stringMatching(/^editStatus: the status comment was deleted: 400 /),
    ])
    expect(server.items('issue')[0]?.comments).toEqual([])
  })

  test('is named in the error where there is none', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    await tracker.start({ ...goal, refs: { 'taiga.story': '#999' } })
    await drained(tracker)
    expect(await dead(tracker)).toEqual(['adoptCard: no user story #999; there is: nothing'])
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
      'moveCard: no status "finished"; there is: New, Ready, In progress, Ready for test, Done, Archived',
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
    await tracker.revive((await tracker.deliveries({ state: 'dead' })).map(({ key }) => key))
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
    expect((await tracker.deliveries()).map(({ state }) => state)).toEqual(['waiting'])
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

describe('actions', () => {
  test('tags and custom attributes of others stay', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const { id, ref } = server.add('userstory', { tags: ['theirs', ['blue', '#0000ff']] })
    await tracker.act('taiga', 'updateStory', {
      id: `#${ref}`,
      addTags: ['Ours', 'theirs'],
      assignedTo: 'bob',
      milestone: 'Sprint 2',
    })
    await tracker.act('taiga', 'setCustomAttributes', {
      kind: 'userstory',
      id,
      values: { 31: 'https://ci.example.com' },
    })
    await drained(tracker)
    await tracker.act('taiga', 'setCustomAttributes', { kind: 'userstory', id, values: { 32: 'Payments' } })
    expect(await drained(tracker)).toBe(true)
    expect(server.items('userstory')[0]?.tags).toEqual(['theirs', 'blue', 'ours'])
    expect(await tracker.fetch('taiga', 'customAttributeValues', { kind: 'userstory', id })).toMatchObject({
      attributes_values: { 31: 'https://ci.example.com', 32: 'Payments' },
    })
    expect(await tracker.fetch('taiga', 'story', { id: `#${ref}` })).toMatchObject({
      assigned_to: 6,
      milestone: 192,
    })
  })

  test('within a session reach its card, and one another', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const epic = server.add('epic')
    const session = await tracker.start(goal)
    const within = { sessionId: session.id }
    await tracker.act(
      'taiga',
      'createTask',
      { subject: 'Write a test', story: 'session', status: 'Closed' },
      within,
    )
    await tracker.act('taiga', 'addStoryToEpic', { epic: epic.id, story: 'session' }, within)
    await tracker.act('taiga', 'createComment', { kind: 'userstory', id: 'session', text: 'Hello' }, within)
    expect(await drained(tracker)).toBe(true)
    const [story] = server.items('userstory')
    expect(await tracker.fetch('taiga', 'epicStories', { epic: epic.id })).toMatchObject([
      { user_story: story?.id },
    ])
    expect(await tracker.fetch('taiga', 'tasks', { story: story?.id ?? 0 })).toMatchObject([
      { subject: 'Write a test' },
    ])
    expect(await tracker.fetch('taiga', 'comments', { kind: 'userstory', id: story?.id ?? 0 })).toMatchObject(
      [{ comment: expect.stringMatching(/^Hello\n\n`evt-/) as string }],
    )
  })

  test('deleting is allowed on request only, and may be repeated', async () => {
    await using server = await hostileTaiga()
    await using careful = await tracked(server)
    const { id } = server.add('issue')
    await expect(careful.act('taiga', 'deleteIssue', { id })).rejects.toThrow('allowDestructive')
    await using tracker = await tracked(server, { allowDestructive: true })
    server.fail({ method: 'DELETE', failure: { kind: 'reset', applied: true } })
    await tracker.act('taiga', 'deleteIssue', { id })
    await tracker.act('taiga', 'deleteEpic', { id: 9_999 })
    expect(await drained(tracker)).toBe(true)
    expect([server.items('issue'), await dead(tracker)]).toEqual([[], []])
  })

  test('an export is one page, however often and whoever made it', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const session = await tracker.start(goal)
    await drained(tracker)
    // Another process was faster by a moment: Taiga has the page and refuses ours.
    const taken = { status: 400, body: { __all__: ['Wiki page with this Project and Slug already exists.'] } }
    server.fail({ method: 'POST', path: /wiki$/, failure: { kind: 'answer', applied: true, answer: taken } })
    await tracker.export(session.id)
    expect(await drained(tracker)).toBe(true)
    await session.update('Reproduced', { progress: 35 })
    await tracker.export(session.id)
    expect(await drained(tracker)).toBe(true)
    const slug = `session-${session.id}`
    expect(Object.keys(server.pages())).toEqual([slug])
    expect(server.pages()[slug]).toContain('Reproduced')
    expect(sent(server, 'POST', /wiki$/)).toHaveLength(1)
    expect(server.items('userstory')[0]?.comments[0]).toContain(
      `**Exported** to [${slug}](<https://taiga.example.com/project/billing/wiki/${slug}>)`,
    )
    expect(server.mentioned()).toEqual([])
  })

  test('reads are typed, and say what there is', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    for (const subject of ['one', 'two', 'three']) server.add('userstory', { subject, tags: [subject] })
    const me = await tracker.fetch('taiga', 'me', {})
    expect(me.username).toBe('mirror-bot')
    expect((await tracker.fetch('taiga', 'projects', { member: me.id })).map(({ slug }) => slug)).toEqual([
      'billing',
      'mobile',
    ])
    expect((await tracker.fetch('taiga', 'statuses', { kind: 'task' })).map(({ slug }) => slug)).toEqual([
      'new',
      'in-progress',
      'ready-for-test',
      'closed',
      'needs-info',
    ])
    expect((await tracker.fetch('taiga', 'users', {})).map(({ username }) => username)).toEqual([
      'mirror-bot',
      'bob',
    ])
    expect(
      (await tracker.fetch('taiga', 'priorities', { project: 'mobile' })).map(({ name }) => name),
    ).toEqual(['Low', 'Normal', 'High'])
    const subjects = async (input: object) =>
      (await tracker.fetch('taiga', 'stories', input)).map(({ subject }) => subject)
    expect(await subjects({ tags: ['One', 'two'] })).toEqual(['one', 'two'])
    expect(await subjects({ pageSize: 2, page: 2 })).toEqual(['three'])
    expect(await subjects({ all: true, orderBy: '-ref' })).toEqual(['three', 'two', 'one'])
    expect(await subjects({ search: 'thr' })).toEqual(['three'])
    expect((await tracker.fetch('taiga', 'milestones', {})).map(({ name }) => name)).toEqual([
      'Sprint 1',
      'Sprint 2',
    ])
  })
})
