import type { Tracker } from '@sessionwire/core'
import { taiga } from '@sessionwire/taiga'
import { type HostileTaiga, hostileTaiga } from '@sessionwire/taiga/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Connected, connect, openTracker } from './connect.ts'

let server: HostileTaiga
let tracker: Tracker
let connected: Connected

const PROJECT = 7

beforeEach(async () => {
  server = await hostileTaiga()
  const adapters = [taiga({ baseUrl: server.baseUrl, project: 'billing' })]
  tracker = await openTracker(adapters, { TAIGA_TOKEN: 'app-token' })
  connected = await connect({ tracker, adapters, toolsets: ['taiga'], toolNames: 'dotted' })
})

afterEach(async () => {
  await connected.close()
  await tracker.close()
  await server.close()
})

const call = async (name: string, input: object = {}) => {
  const called = await connected.call(name, input)
  if (called.isError) throw new Error(`${name}: ${called.text}`)
  return called.data as Readonly<Record<string, never>>
}

const FOURTEEN = [
  'echo',
  ...['projects.list', 'projects.get', 'epics.list', 'epics.add_user_story'].map(name => `taiga.${name}`),
  ...['stories.list', 'stories.create', 'stories.update'].map(name => `taiga.${name}`),
  ...['tasks.list', 'tasks.create', 'tasks.update', 'users.list'].map(name => `taiga.${name}`),
  ...['milestones.list', 'diagnostics'].map(name => `taiga.${name}`),
]

it('offers the fourteen under their names and argument names', async () => {
  const { tools } = await connected.client.listTools()
  const names = tools.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter(name => FOURTEEN.includes(name)).sort()).toEqual([...FOURTEEN].sort())
  const fields = Object.fromEntries(
    tools
      .filter(({ name }) => FOURTEEN.includes(name))
      .map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]),
  )
  expect(fields).toEqual({
    echo: ['message'],
    'taiga.projects.list': ['search'],
    'taiga.projects.get': ['project_id', 'slug'],
    'taiga.epics.list': ['project_id'],
    'taiga.stories.list': ['project_id', 'search', 'epic_id', 'tags', 'page', 'page_size'],
    'taiga.stories.create': ['project_id', 'subject', 'description', 'status', 'tags', 'assigned_to', 'key'],
    'taiga.stories.update': [
      ...['user_story_id', 'subject', 'description', 'status', 'tags', 'assigned_to', 'epic_id'],
      ...['milestone_id', 'custom_attributes', 'version'],
    ],
    'taiga.epics.add_user_story': ['epic_id', 'user_story_id'],
    'taiga.tasks.create': [
      ...['user_story_id', 'subject', 'description', 'assigned_to', 'status', 'tags', 'due_date'],
      'idempotency_key',
    ],
    'taiga.tasks.update': [
      ...['task_id', 'subject', 'description', 'assigned_to', 'status', 'tags', 'due_date', 'version'],
    ],
    'taiga.tasks.list': [
      ...['project_id', 'user_story_id', 'assigned_to', 'search', 'status', 'page', 'page_size'],
    ],
    'taiga.users.list': ['project_id', 'search'],
    'taiga.milestones.list': ['project_id', 'search'],
    'taiga.diagnostics': ['project_slug'],
  })
  expect(tools.filter(({ annotations }) => annotations?.destructiveHint)).toEqual([])
})

it('echoes', async () => {
  const { text, data } = await connected.call('echo', { message: 'Grüße 🚲' })
  expect({ text, data }).toEqual({ text: 'Grüße 🚲', data: { message: 'Grüße 🚲' } })
})

it('reads projects, users and milestones', async () => {
  const { projects } = await call('taiga.projects.list', { search: 'BILL' })
  expect(projects).toEqual([expect.objectContaining({ id: PROJECT, slug: 'billing' })])
  expect((await call('taiga.projects.list', { search: 'nothing' })).projects).toEqual([])
  expect((await call('taiga.projects.get', { slug: 'billing' })).id).toBe(PROJECT)
  expect((await call('taiga.projects.get', { project_id: PROJECT })).slug).toBe('billing')
  expect((await connected.call('taiga.projects.get', {})).text).toBe(
    'INVALID_INPUT: taiga.projects.get: give either project_id or slug.',
  )
  const users = (await call('taiga.users.list', { project_id: PROJECT, search: 'BOB' }))
    .users as unknown as readonly unknown[]
  expect(users).toEqual([expect.objectContaining({ username: 'bob' })])
  const { milestones } = await call('taiga.milestones.list', { project_id: PROJECT })
  expect(Array.isArray(milestones)).toBe(true)
  expect(await call('taiga.diagnostics', { project_slug: 'billing' })).toMatchObject({
    matched_project: { id: PROJECT, slug: 'billing' },
  })
})

it('creates a story once for a key, changes it, and puts it into an epic', async () => {
  const epic = server.add('epic', { subject: 'Payments' })
  const given = {
    project_id: PROJECT,
    subject: 'Charge once',
    description: 'With *care*',
    status: 'in-progress',
    tags: ['payments'],
    key: 's1',
  }
  const story = await call('taiga.stories.create', given)
  expect(story).toMatchObject({ subject: 'Charge once', project: PROJECT, description: 'With *care*' })
  expect((await call('taiga.stories.create', given)).id).toBe(story.id)
  expect(server.items('userstory')).toHaveLength(1)
  const changed = await call('taiga.stories.update', {
    user_story_id: story.id,
    subject: 'Charge exactly once',
    tags: ['payments', 'urgent'],
    epic_id: epic.id,
    version: story.version,
  })
  expect(changed).toMatchObject({ id: story.id, subject: 'Charge exactly once' })
  const late = await connected.call('taiga.stories.update', {
    user_story_id: story.id,
    subject: 'Too late',
    version: story.version,
  })
  expect(late.isError).toBe(true)
  expect(late.text).toBe(
    `INVALID_INPUT: version: conflict; the latest version is ${String(changed.version)}. Read it again and repeat the change.`,
  )
  const other = server.add('userstory', { subject: 'Another' })
  expect(
    await call('taiga.epics.add_user_story', { epic_id: epic.id, user_story_id: other.id }),
  ).toMatchObject({ epic: epic.id, user_story: other.id, state: 'delivered' })
  const { stories } = await call('taiga.stories.list', { project_id: PROJECT, epic_id: epic.id })
  expect((stories as unknown as readonly { id: number }[]).map(({ id }) => id).sort()).toEqual(
    [story.id, other.id].sort(),
  )
  expect((await call('taiga.epics.list', { project_id: PROJECT })).epics).toEqual([
    expect.objectContaining({ id: epic.id, subject: 'Payments' }),
  ])
  expect((await connected.call('taiga.stories.update', { user_story_id: story.id })).text).toBe(
    'INVALID_INPUT: taiga.stories.update: no field to change.',
  )
})

it('creates, changes and lists tasks', async () => {
  const story = server.add('userstory', { subject: 'Charge once' })
  const given = {
    user_story_id: story.id,
    subject: 'Test two webhooks',
    due_date: '2026-12-24',
    idempotency_key: 't1',
  }
  const task = await call('taiga.tasks.create', given)
  expect(task).toMatchObject({ subject: 'Test two webhooks', user_story: story.id, due_date: '2026-12-24' })
  expect((await call('taiga.tasks.create', given)).id).toBe(task.id)
  expect(server.items('task')).toHaveLength(1)
  const done = await call('taiga.tasks.update', { task_id: task.id, status: 'Closed', due_date: null })
  expect(done).toMatchObject({ id: task.id, due_date: null })
  expect(await call('taiga.tasks.list', { project_id: PROJECT, status: 'closed' })).toMatchObject({
    tasks: [{ id: task.id }],
    pagination: { page: 1, page_size: null, count: 1 },
  })
  expect((await call('taiga.tasks.list', { user_story_id: story.id, search: 'nothing' })).tasks).toEqual([])
  expect((await connected.call('taiga.tasks.list', { project_id: PROJECT, status: 'no such' })).text).toMatch(
    /^INVALID_INPUT: status: unknown status "no such"; expected one of /,
  )
})

it('answers with the reason of the service, and creates once what it answers with an error', async () => {
  const refused = await connected.call('taiga.stories.create', {
    project_id: PROJECT,
    subject: 'x',
    status: 'no such status',
  })
  expect(refused.isError).toBe(true)
  expect(refused.text).toMatch(/^ADAPTER: taiga\.createStory is dead: .*no such status/)
  server.breakCreate('task')
  const story = server.add('userstory', { subject: 'Charge once' })
  const task = await call('taiga.tasks.create', { user_story_id: story.id, subject: 'Once' })
  expect(task).toMatchObject({ subject: 'Once' })
  expect(server.items('task')).toHaveLength(1)
})
