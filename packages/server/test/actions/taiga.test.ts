import { taiga } from '@sessionwire/taiga'
import { type HostileTaiga, hostileTaiga } from '@sessionwire/taiga/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENDPOINTS } from '../../src/actions/taiga.ts'
import { ACCESS, KEY, openStage, type Stage } from '../http/stage.ts'

let service: HostileTaiga
let stage: Stage
/** Ids that rows name. */
const ids = { epic: 0, story: 0, task: 0, issue: 0, doomed: 0 }

beforeAll(async () => {
  service = await hostileTaiga()
  stage = await openStage({
    adapters: [taiga({ project: 'billing', baseUrl: service.baseUrl, allowDestructive: true })],
    secrets: { TAIGA_TOKEN: 'app-token' },
    allowDestructive: true,
    access: { ...ACCESS, apiKey: { value: KEY, scopes: ['read', 'act', 'destructive'] } },
  })
  ids.epic = service.add('epic', { subject: 'Payments' }).id
  ids.story = service.add('userstory', { subject: 'Charge once', tags: ['money'] }).id
  ids.task = service.add('task', { subject: 'Write a test' }).id
  ids.issue = service.add('issue', { subject: 'Charged twice' }).id
})
afterAll(async () => {
  await stage.end()
  await service[Symbol.asyncDispose]()
})

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
const TIMES = { created_date: TIME, modified_date: TIME }
const ID = expect.any(Number)
const MARK = [expect.stringMatching(/^evt-/), null]
const PROJECTS = [
  { id: 7, name: 'Billing', slug: 'billing', description: 'Billing', is_private: true },
  { id: 8, name: 'Mobile', slug: 'mobile', description: 'Mobile', is_private: true },
]
const status = (id: number, name: string, order: number, isClosed = false) => ({
  ...{ id, name, slug: name.toLowerCase().replaceAll(' ', '-'), order },
  is_closed: isClosed,
})
const STATUSES = [
  ...[status(101, 'New', 0), status(102, 'Ready', 1), status(103, 'In progress', 2)],
  ...[status(104, 'Ready for test', 3), status(105, 'Done', 4, true), status(106, 'Archived', 5, true)],
]
const made = (fields: object) => ({
  ...{ id: ID, ref: ID, project: 7, description: '', assigned_to: null, tags: [MARK], ...TIMES },
  ...fields,
})
const shown = (fields: object) => made({ tags: [], ...fields })
const whole = { project: expect.objectContaining({ id: 7, slug: 'billing', us_statuses: STATUSES }) }

type Row = readonly [
  endpoint: string,
  what: string,
  given: () => string | Readonly<Record<string, unknown>>,
  status: number,
  answer: (ids_: typeof ids) => unknown,
]
const error = (text: string) => () => ({ error: text })

const ROWS: readonly Row[] = [
  ['list_projects', 'all of the member', () => '', 200, () => ({ projects: PROJECTS })],
  ['list_projects', 'by words', () => 'search=BILL', 200, () => ({ projects: [PROJECTS[0]] })],
  ['list_projects', 'of nobody', () => 'member=x', 400, error('member must be an integer')],
  ['get_project', 'by id', () => 'project_id=7', 200, () => whole],
  ['get_project', 'without an id', () => '', 400, error("Field 'project_id' is required")],
  [
    'get_project',
    'that nobody may see',
    () => 'project_id=999',
    400,
    error(
      'taiga.getProject: 404 No Project matches the given query. Check the input, and what the credential may see.',
    ),
  ],
  ['get_project_by_slug', 'by slug', () => 'slug=billing', 200, () => whole],
  ['get_project_by_slug', 'without one', () => '', 400, error('slug is required')],
  [
    'list_epics',
    'of two projects',
    () => 'project_id=7&project_id=8',
    200,
    ({ epic: id }) => ({
      epics: [{ id, ref: ID, subject: 'Payments', ...TIMES, status: 131, project_id: 7 }],
    }),
  ],
  ['list_epics', 'of none', () => '', 400, error('At least one project_id is required')],
  ['list_epics', 'of a word', () => 'project_id=billing', 400, error('project_id must be an integer')],
  [
    'list_stories',
    'by words and tag',
    () => 'project_id=7&search=charge&tag=money&page=1&page_size=10',
    200,
    ({ story: id }) => ({
      stories: [
        {
          ...{ id, ref: ID, subject: 'Charge once', project: 7, status: 101, assigned_to: null, ...TIMES },
          tags: [['money', null]],
          status_extra_info: { name: 'New', color: '#70728f', is_closed: false },
        },
      ],
    }),
  ],
  ['list_stories', 'without a project', () => '', 400, error("Field 'project_id' is required")],
  ['list_stories', 'on no page', () => 'project_id=7&page=x', 400, error('page must be an integer')],
  ['statuses', 'of a project', () => 'project_id=7', 200, () => ({ statuses: STATUSES })],
  ['statuses', 'of a word', () => 'project_id=x', 400, error('project_id must be an integer')],
  [
    'create_story',
    'with everything',
    () => ({
      ...{ project_id: '7', subject: 'A', description: 'a_b **c**', status: 'in-progress' },
      ...{ tags: ['X'], assigned_to: 6 },
    }),
    200,
    () => ({
      story: made({
        ...{ subject: 'A', description: 'a_b **c**', status: 103, assigned_to: 6 },
        tags: [['x', null], MARK],
      }),
    }),
  ],
  ['create_story', 'without a subject', () => ({ project_id: 7 }), 400, error("Field 'subject' is required")],
  [
    'create_story',
    'with tags in one string',
    () => ({ project_id: 7, subject: 'A', tags: 'x' }),
    400,
    error('tags must be a list'),
  ],
  [
    'create_story',
    'with a status that is not there',
    () => ({ project_id: 7, subject: 'A', status: 'nope' }),
    400,
    () => ({
      error: expect.stringMatching(
        /^taiga\.createStory is dead: no status "nope"; there is: New, Ready, In progress, Ready for test, Done, Archived\. Its delivery is key:default\/[0-9a-f-]{36}\.$/,
      ),
    }),
  ],
  [
    'update_story',
    'by name of the status',
    () => ({
      story_id: ids.story,
      project_id: 7,
      status: 'done',
      description: 'x',
      assigned_to: 6,
      tags: null,
    }),
    200,
    ({ story: id }) => ({
      story: shown({ id, subject: 'Charge once', status: 105, description: 'x', assigned_to: 6 }),
    }),
  ],
  [
    'update_story',
    'with fields that are emptied',
    () => ({ story_id: ids.story, description: null, assigned_to: null }),
    200,
    ({ story: id }) => ({ story: shown({ id, subject: 'Charge once', status: 105 }) }),
  ],
  [
    'update_story',
    'of another project',
    () => ({ story_id: ids.story, project_id: 8, subject: 'B' }),
    400,
    error('project_id must be 7: a story is not moved to another project'),
  ],
  [
    'update_story',
    'with no status',
    () => ({ story_id: 1, status: null }),
    400,
    error('status cannot be null'),
  ],
  [
    'update_story',
    'with nothing',
    () => ({ story_id: ids.story }),
    400,
    error('At least one field must be provided to update'),
  ],
  ['update_story', 'of none', () => ({ subject: 'B' }), 400, error("Field 'story_id' is required")],
  [
    'add_story_to_epic',
    'once and again',
    () => ({ epic_id: ids.epic, user_story_id: ids.story }),
    200,
    ({ epic, story }) => ({ link: { epic, user_story: story, order: 0 } }),
  ],
  [
    'add_story_to_epic',
    'of no epic',
    () => ({ user_story_id: 1 }),
    400,
    error("Field 'epic_id' is required"),
  ],
  [
    'delete_story',
    'by id',
    () => ({ story_id: ids.story }),
    200,
    ({ story }) => ({ deleted: { story_id: story } }),
  ],
  ['delete_story', 'of a word', () => ({ story_id: 'x' }), 400, error('story_id must be an integer')],
  [
    'create_epic',
    'with a colour',
    () => ({ project_id: 7, subject: 'E', color: '#83b1d1', description: null }),
    200,
    () => ({ epic: made({ subject: 'E', status: 131, color: '#83b1d1' }) }),
  ],
  [
    'create_epic',
    'without a project',
    () => ({ subject: 'E' }),
    400,
    error("Field 'project_id' is required"),
  ],
  [
    'update_epic',
    'by id of the status',
    () => ({ epic_id: ids.epic, status: 135 }),
    200,
    ({ epic: id }) => ({ epic: shown({ id, subject: 'Payments', status: 135, color: expect.any(String) }) }),
  ],
  ['update_epic', 'of none', () => ({ status: 135 }), 400, error("Field 'epic_id' is required")],
  [
    'delete_epic',
    'by id',
    () => ({ epic_id: ids.epic }),
    200,
    ({ epic }) => ({ deleted: { epic_id: epic } }),
  ],
  ['delete_epic', 'of none', () => ({}), 400, error("Field 'epic_id' is required")],
  [
    'create_task',
    'of no story',
    () => ({ project_id: 7, subject: 'T', tags: [] }),
    200,
    () => ({ task: made({ subject: 'T', status: 111, user_story: null }) }),
  ],
  [
    'create_task',
    'of a story that is a word',
    () => ({ project_id: 7, subject: 'T', user_story_id: 'x' }),
    400,
    error('user_story_id must be an integer'),
  ],
  [
    'update_task',
    'by its subject',
    () => ({ task_id: ids.task, subject: 'Write two tests' }),
    200,
    ({ task: id }) => ({ task: shown({ id, subject: 'Write two tests', status: 111, user_story: null }) }),
  ],
  ['update_task', 'of none', () => ({ subject: 'x' }), 400, error("Field 'task_id' is required")],
  [
    'delete_task',
    'by id',
    () => ({ task_id: ids.task }),
    200,
    ({ task }) => ({ deleted: { task_id: task } }),
  ],
  ['delete_task', 'of none', () => ({}), 400, error("Field 'task_id' is required")],
  [
    'create_issue',
    'by names and ids',
    () => ({ project_id: 7, subject: 'I', type: 'Bug', severity: 165, priority: 'High' }),
    200,
    () => ({ issue: made({ subject: 'I', status: 121, type: 141, severity: 165, priority: 153 }) }),
  ],
  [
    'create_issue',
    'with a list for a type',
    () => ({ project_id: 7, subject: 'I', type: [] }),
    400,
    error('type must be an integer or string'),
  ],
  [
    'update_issue',
    'by its tags',
    () => ({ issue_id: ids.issue, tags: ['a'] }),
    200,
    ({ issue: id }) => ({
      issue: shown({
        ...{ id, subject: 'Charged twice', status: 121, tags: [['a', null]] },
        ...{ type: ID, severity: ID, priority: ID },
      }),
    }),
  ],
  ['update_issue', 'of none', () => ({ tags: [] }), 400, error("Field 'issue_id' is required")],
  [
    'delete_issue',
    'by id',
    () => ({ issue_id: ids.issue }),
    200,
    ({ issue }) => ({ deleted: { issue_id: issue } }),
  ],
  ['delete_issue', 'of none', () => ({}), 400, error("Field 'issue_id' is required")],
]

describe('every endpoint against the hostile Taiga', () => {
  test.for(ROWS)('%s %s', async ([endpoint, , given, expected, answer]) => {
    const asked = given()
    const got =
      typeof asked === 'string'
        ? await stage.send(`/actions/${endpoint}?${asked}`)
        : await stage.send(`/actions/${endpoint}`, { body: asked })
    expect([got.status, got.json]).toEqual([expected, answer(ids)])
  })

  test('each has a row that succeeds and one that is refused', () => {
    const tried = (code: number) => new Set(ROWS.flatMap(([name, , , each]) => (each === code ? [name] : [])))
    const names = ENDPOINTS.map(({ name }) => name)
    expect(names).toHaveLength(19)
    expect(names.filter(name => !tried(200).has(name))).toEqual([])
    // Statuses, links and lists may be asked for twice; a refusal of each is here too.
    expect(names.filter(name => !tried(400).has(name))).toEqual([])
  })

  test.for(ENDPOINTS.map(({ method, name }) => [method, name] as const))(
    'nobody calls %s %s without a key, with a wrong one, or by another method',
    async ([method, name]) => {
      const body = method === 'POST' ? { body: {} } : {}
      const tell = async (sent: object) => {
        const { status: code, json } = await stage.send(`/actions/${name}`, { ...body, ...sent })
        return [code, json]
      }
      expect(await tell({ key: false })).toEqual([401, { error: 'Missing X-Api-Key header.' }])
      expect(await tell({ key: false, headers: { 'x-api-key': 'no' } })).toEqual([
        401,
        { error: 'Invalid API key.' },
      ])
      const other = await stage.send(`/actions/${name}`, method === 'POST' ? {} : { body: {} })
      expect([other.status, other.json, other.headers.allow]).toEqual([
        405,
        { error: `This path takes ${method}.` },
        method,
      ])
    },
  )
})

test('a key of the caller makes a creation once', async () => {
  const create = (headers = {}) =>
    stage.send('/actions/create_story', { body: { project_id: 7, subject: 'Once' }, headers })
  const first = await create({ 'idempotency-key': 'k-1' })
  const second = await create({ 'idempotency-key': 'k-1' })
  expect([first.status, second.status, second.json.story.id]).toEqual([200, 200, first.json.story.id])
  expect(service.items('userstory').filter(({ subject }) => subject === 'Once')).toHaveLength(1)
})
