import { describe, expect, test } from 'vitest'
import { hostileTaiga } from '../src/testing.ts'
import { dead, drained, goal, sent, tracked } from './tracked.ts'

describe('actions at the service', () => {
  test('labels and custom attributes of others stay', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    const { id, ref } = server.add('userstory', { tags: ['theirs', ['blue', '#0000ff']] })
    const issue = `#${ref}`
    await tracker.act('taiga', 'addLabels', { issue, labels: ['Ours', 'theirs'] })
    await tracker.act('taiga', 'updateStory', { issue, assignee: 'Bob', milestone: 'sprint-2' })
    await tracker.act('taiga', 'setCustomAttributes', {
      kind: 'userstory',
      issue: id,
      values: { 31: 'https://ci.example.com' },
    })
    await drained(tracker)
    await tracker.act('taiga', 'setCustomAttributes', {
      kind: 'userstory',
      issue: id,
      values: { 32: 'Payments' },
    })
    expect(await drained(tracker)).toBe(true)
    expect(server.items('userstory')[0]?.tags).toEqual(['theirs', 'blue', 'ours'])
    expect(
      await tracker.read('taiga', 'getCustomAttributes', { kind: 'userstory', issue: id }),
    ).toMatchObject({
      attributes_values: { 31: 'https://ci.example.com', 32: 'Payments' },
    })
    expect(await tracker.read('taiga', 'getStory', { issue: `#${ref}` })).toMatchObject({
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
      { title: 'Write a test', story: 'session', status: 'Closed' },
      within,
    )
    await tracker.act('taiga', 'addStoryToEpic', { epic: epic.id, story: 'session' }, within)
    await tracker.act('taiga', 'createComment', { body: 'Hello' }, within)
    expect(await drained(tracker)).toBe(true)
    const [story] = server.items('userstory')
    expect(await tracker.read('taiga', 'listEpicStories', { epic: epic.id })).toMatchObject([
      { user_story: story?.id },
    ])
    expect(await tracker.read('taiga', 'listTasks', { story: story?.id ?? 0 })).toMatchObject([
      { subject: 'Write a test' },
    ])
    expect(
      await tracker.read('taiga', 'listComments', { kind: 'userstory', issue: story?.id ?? 0 }),
    ).toMatchObject([{ comment: expect.stringMatching(/^Hello\n\n`evt-/) as string }])
  })

  test('deleting is allowed on request only, and may be repeated', async () => {
    await using server = await hostileTaiga()
    await using careful = await tracked(server)
    const { id } = server.add('issue')
    await expect(careful.act('taiga', 'deleteIssue', { issue: id })).rejects.toThrow('allowDestructive')
    await using tracker = await tracked(server, { allowDestructive: true })
    server.fail({ method: 'DELETE', failure: { kind: 'reset', applied: true } })
    await tracker.act('taiga', 'deleteIssue', { issue: id })
    await tracker.act('taiga', 'deleteEpic', { issue: 9_999 })
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
    await session.export('markdown', { publish: true })
    expect(await drained(tracker)).toBe(true)
    await session.update('Reproduced', { progress: 35 })
    await session.export('markdown', { publish: true })
    expect(await drained(tracker)).toBe(true)
    const slug = `session-${session.id}`
    expect(Object.keys(server.pages())).toEqual([slug])
    expect(server.pages()[slug]).toContain('Reproduced')
    expect(sent(server, 'POST', /wiki$/)).toHaveLength(1)
    expect(server.items('userstory')[0]?.comments[0]).toContain(
      `**Exported** to [${slug}](<https://taiga.example.com/project/billing/wiki/${slug}>)`,
    )
    expect(server.listMentions()).toEqual([])
  })

  test('reads are typed, and say what there is', async () => {
    await using server = await hostileTaiga()
    await using tracker = await tracked(server)
    for (const subject of ['one', 'two', 'three']) server.add('userstory', { subject, tags: [subject] })
    for (const [name, input] of [
      ['getStory', { issue: 99999 }],
      ['getProject', { id: 99 }],
      ['listEpicStories', { epic: 99 }],
    ] as const)
      await expect(tracker.read('taiga', name, input as never)).rejects.toMatchObject({
        code: 'ADAPTER',
        message: expect.stringMatching(`^taiga\\.${name}: 404 .*matches the given query\\.`),
      })
    const me = await tracker.read('taiga', 'whoAmI', {})
    expect(me.username).toBe('mirror-bot')
    expect((await tracker.read('taiga', 'listProjects', { member: me.id })).map(({ slug }) => slug)).toEqual([
      'billing',
      'mobile',
    ])
    expect((await tracker.read('taiga', 'listStatuses', { kind: 'task' })).map(({ slug }) => slug)).toEqual([
      'new',
      'in-progress',
      'ready-for-test',
      'closed',
      'needs-info',
    ])
    expect((await tracker.read('taiga', 'listUsers', {})).map(({ username }) => username)).toEqual([
      'mirror-bot',
      'bob',
    ])
    expect(
      (await tracker.read('taiga', 'listPriorities', { project: 'mobile' })).map(({ name }) => name),
    ).toEqual(['Low', 'Normal', 'High'])
    const subjects = async (input: object) =>
      (await tracker.read('taiga', 'listStories', input)).map(({ subject }) => subject)
    expect(await subjects({ labels: ['One', 'two'] })).toEqual(['one', 'two'])
    expect(await subjects({ pageSize: 2, page: 2 })).toEqual(['three'])
    expect(await subjects({ all: true, orderBy: '-ref' })).toEqual(['three', 'two', 'one'])
    expect(await subjects({ query: 'thr' })).toEqual(['three'])
    for (let n = 4; n <= 120; n++) server.add('userstory', { subject: `story ${n}` })
    expect((await subjects({})).length).toBe(120)
    expect((await subjects({ page: 2 })).length).toBe(20)
    expect((await tracker.read('taiga', 'listMilestones', {})).map(({ name }) => name)).toEqual([
      'Sprint 1',
      'Sprint 2',
    ])
  })
})
