import type { AnyAdapter } from '@sessionwire/core/adapter'
import { files } from '@sessionwire/files'
import { github } from '@sessionwire/github'
import { jira } from '@sessionwire/jira'
import { linear } from '@sessionwire/linear'
import { neo4j } from '@sessionwire/neo4j'
import { opsera } from '@sessionwire/opsera'
import { slack } from '@sessionwire/slack'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { webhook } from '@sessionwire/webhook'
import { describe, expect, it } from 'vitest'
import { actionTools, wordsOf } from '../src/tools/actions.ts'
import { chooseTools } from '../src/tools/toolsets.ts'
import { readToolChoice } from '../src/tools/words.ts'
import { connect, openTracker } from './connect.ts'

const ADAPTERS: readonly AnyAdapter[] = [
  linear({ teamId: 'BIL' }),
  jira({ baseUrl: 'https://example.atlassian.net', projectKey: 'BIL' }),
  slack({ channel: 'C0123456789', allowDestructive: true }),
  github({ owner: 'acme', repo: 'billing', allowDestructive: true }),
  taiga({ project: 'billing', allowDestructive: true }),
  opsera({ baseUrl: 'https://app.opsera.io' }),
  files({ root: '/vault', timeZone: 'UTC' }),
  webhook({}),
  neo4j({ uri: 'bolt://localhost:7687', allowDestructive: true }),
]

describe('names of tools', () => {
  it.each([
    ['listStories', ['stories', 'list']],
    ['listStatuses', ['statuses', 'list']],
    ['createIssue', ['issues', 'create']],
    ['updateEpic', ['epics', 'update']],
    ['listBranches', ['branches', 'list']],
    ['findUser', ['users', 'find']],
    ['getBlockerStats', ['blocker_stats', 'get']],
    ['getStatus', ['statuses', 'get']],
    ['createIssueURL', ['issue_urls', 'create']],
    ['setStatus', ['set_status']],
    ['whoAmI', ['who_am_i']],
    ['search', ['search']],
  ])('%s', (action, words) => {
    expect(wordsOf(action)).toEqual(words)
  })
})

it('offers every action once, under a name that clients take', () => {
  const tools = chooseTools(readToolChoice(['--toolset', 'all', '--allow-destructive']), ADAPTERS)
  const names = tools.map(({ name }) => name)
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([])
  expect(names.filter(name => !/^[A-Za-z0-9_.-]{1,64}$/.test(name))).toEqual([])
  for (const { name, description, input } of tools) {
    expect([name, input.type, description.length > 10]).toEqual([name, 'object', true])
    expect(JSON.stringify(input)).not.toContain('$schema')
  }
  const actions = ADAPTERS.reduce((sum, { actions: all }) => sum + Object.keys(all).length, 0)
  // Thirteen of Taiga have names of their own, of which these stand for an action of the same name.
  const replaced = ['projects_list', 'projects_get', 'epics_list', 'stories_list', 'stories_create'].concat(
    ...['stories_update', 'tasks_create', 'tasks_update', 'tasks_list', 'users_list', 'milestones_list'],
  )
  for (const name of replaced) expect(names).toContain(`taiga_${name}`)
  expect(tools).toHaveLength(8 + 5 + actions + 14 - replaced.length)
})

it('offers destructive actions only where the server and the adapter allow them', () => {
  const isDestructive = (adapter: AnyAdapter, allowDestructive: boolean) =>
    actionTools(adapter, { names: 'snake', allowDestructive })
      .filter(({ hints }) => hints.destructiveHint === true)
      .map(({ name }) => name)
  const open = ADAPTERS.flatMap(each => isDestructive(each, true))
  expect(open.sort()).toEqual([
    'github_comments_delete',
    'neo4j_forget_session',
    'neo4j_run_cypher',
    'neo4j_unrelate_entities',
    'slack_messages_delete',
    'taiga_epics_delete',
    'taiga_issues_delete',
    'taiga_remove_story_from_epic',
    'taiga_stories_delete',
    'taiga_tasks_delete',
  ])
  expect(ADAPTERS.flatMap(each => isDestructive(each, false))).toEqual([])
  expect(isDestructive(slack({ channel: 'C0123456789' }), true)).toEqual([])
})

it('gives hints by the effect and the guarantee', () => {
  const hints = Object.fromEntries(
    actionTools(slack({ channel: 'C0123456789' }), { names: 'snake', allowDestructive: false }).map(
      ({ name, hints: own }) => [name, own],
    ),
  )
  expect(hints).toMatchObject({
    slack_messages_create: { destructiveHint: false },
    slack_messages_edit: { destructiveHint: false, idempotentHint: true },
    slack_channels_find: { readOnlyHint: true },
  })
  expect(hints.slack_messages_create).not.toHaveProperty('idempotentHint')
})

it('refuses a toolset that there is not', () => {
  expect(() => chooseTools(readToolChoice(['--toolset', 'jra']), ADAPTERS)).toThrow(
    '--toolset: unknown toolset "jra"; expected all, or some of session, review, linear, jira, slack, github, taiga, opsera, files, webhook, neo4j. Adapters have toolsets where they are configured.',
  )
  expect(() => readToolChoice(['--tool-names', 'camel'])).toThrow(
    '--tool-names: unknown value; expected snake or dotted, got camel.',
  )
})

it('calls an action once for a key, joins the session, and says where a previewed one is', async () => {
  await using server = await hostileTaiga()
  const live = taiga({ baseUrl: server.baseUrl, project: 'billing', as: 'live' })
  const looked = taiga({ baseUrl: server.baseUrl, project: 'billing', as: 'looked', mode: 'preview' })
  const adapters = [live, looked]
  const tracker = await openTracker(adapters, { TAIGA_TOKEN: 'app-token' })
  const { call, close } = await connect({
    tracker,
    adapters,
    toolsets: ['session', 'review', 'live', 'looked'],
  })
  try {
    const session = await tracker.start({ goal: 'Charge once' })
    await tracker.drain()
    const comment = { body: 'Reproduced', key: 'c1', sessionId: session.id }
    const done = await call('live_comments_create', comment)
    expect(done.text).toMatch(/^live\.createComment is done\. The service gave \{.*\}\. Delivery c1\.$/)
    expect((await call('live_comments_create', comment)).text).toMatch(
      /^live\.createComment was done before\./,
    )
    expect((await call('live_comments_create', { ...comment, body: 'Else' })).text).toMatch(
      /^INVALID_INPUT: /,
    )
    const stories = await call('live_stories_list', {})
    expect(stories.data.items).toHaveLength(1)
    const planned = await call('looked_stories_create', { title: 'Later', key: 'p1' })
    expect(planned.text).toBe(
      'looked.createStory is planned and not sent: the adapter only previews. Release it with key p1.',
    )
    expect(server.items('userstory')).toHaveLength(1)
    expect((await call('release', { keys: ['p1'] })).text).toBe('p1: waiting.')
    await tracker.settled('p1')
    expect(server.items('userstory').map(({ subject }) => subject)).toContain('Later')
    const unknown = await call('release', { keys: ['nothing'] })
    expect(unknown.text).toBe('NO_SESSION: key: unknown delivery; got "nothing". List them with deliveries.')
    const listed = await call('deliveries', { sessionId: session.id, adapter: 'live', state: 'delivered' })
    expect(listed.text.split('\n')).toContain('c1: live createComment is delivered.')
    const previewed = await call('preview', { sessionId: session.id, as: 'curl' })
    expect(previewed.text).toContain('curl')
    // Without keys it is all that the session has planned; its card is only previewed by one of the two.
    const released = await call('release', { sessionId: session.id })
    expect(released.text).toMatch(/^\S+: waiting\.(?:\n\S+: waiting\.)*$/)
    expect((await call('release', { sessionId: session.id })).text).toBe('Nothing is planned.')
  } finally {
    await close()
    await tracker.close()
  }
})
