import { isTrackerError } from '@sessionwire/core'
import { omitUndefined } from '@sessionwire/core/adapter'
import { Refused, refuse } from '../access/refusal.ts'
import type { Asked, Route } from '../http/route.ts'
import type { Scope } from '../operations/operation.ts'
import { type Performed, performRead } from '../operations/perform.ts'
import { type Kind, parse, schemas } from '../taiga/endpoint-inputs.ts'
import { inputOf, newInputOf, pick, type Row, SHOWN } from '../taiga/fields.ts'
import { type ActionContext, actionsOf, callWrite } from './call.ts'

/** Taiga as the endpoints use it. */
type Taiga = Readonly<{
  read: (action: string, input: object) => Promise<unknown>
  write: (action: string, input: object, key?: string) => Promise<Performed>
}>

type Body = Row

/** One endpoint: what it takes from a request, and the name of what it answers with. */
type Endpoint = Readonly<{
  method: 'GET' | 'POST'
  name: string
  needs: Scope
  run: (taiga: Taiga, asked: Asked) => Promise<Body>
}>

const rowsOf = (value: unknown): readonly Row[] => value as readonly Row[]
const one = (query: URLSearchParams, ...names: readonly string[]): string | undefined =>
  names.map(name => query.get(name)).find(value => value !== null && value !== '') ?? undefined
const many = (query: URLSearchParams, ...names: readonly string[]): readonly string[] =>
  names.map(name => query.getAll(name)).find(values => values.length > 0) ?? []
const paging = (query: URLSearchParams) => ({
  page: one(query, 'page'),
  page_size: one(query, 'page_size'),
})

const get = (name: string, run: Endpoint['run']): Endpoint => ({ method: 'GET', name, needs: 'read', run })
const post = (name: string, run: Endpoint['run'], needs: Scope = 'act'): Endpoint => ({
  method: 'POST',
  name,
  needs,
  run,
})

const listing: readonly Endpoint[] = [
  get('list_projects', async (taiga, { query }) => {
    const given = parse(schemas.projects, {
      search: one(query, 'search'),
      member: one(query, 'member'),
      ...paging(query),
    })
    const { search, page, page_size: pageSize } = given
    const member = given.member ?? ((await taiga.read('whoAmI', {})) as Row).id
    const found = rowsOf(await taiga.read('listProjects', omitUndefined({ member, page, pageSize })))
    const named = found.filter(
      ({ name }) => search === undefined || String(name).toLowerCase().includes(search.toLowerCase()),
    )
    return { projects: named.map(each => pick(each, SHOWN.project)) }
  }),
  get('get_project', async (taiga, { query }) => {
    const { project_id: id } = parse(schemas.project, { project_id: one(query, 'project_id') })
    return { project: await taiga.read('getProject', { id }) }
  }),
  get('get_project_by_slug', async (taiga, { query }) => ({
    project: await taiga.read('findProject', parse(schemas.slug, { slug: one(query, 'slug') ?? '' })),
  })),
  get('list_epics', async (taiga, { query }) => {
    const { project_id: ids } = parse(schemas.epics, { project_id: many(query, 'project_id') })
    const epics: Body[] = []
    for (const project of ids) {
      const rows = rowsOf(await taiga.read('listEpics', { project }))
      epics.push(...rows.map(each => ({ ...pick(each, SHOWN.epics), project_id: project })))
    }
    return { epics }
  }),
  get('list_stories', async (taiga, { query }) => {
    const tags = many(query, 'tag', 'tags')
    const given = parse(schemas.stories, {
      ...{ project_id: one(query, 'project_id'), epic_id: one(query, 'epic_id', 'epic') },
      ...{ search: one(query, 'search', 'q'), ...paging(query) },
      ...(tags.length === 0 ? {} : { tags }),
    })
    const { project_id: project, epic_id: epic, search, tags: labels, page, page_size: pageSize } = given
    const input = omitUndefined({ project, epic, query: search, labels, page, pageSize })
    const rows = rowsOf(await taiga.read('listStories', input))
    return { stories: rows.map(each => pick(each, SHOWN.stories)) }
  }),
  get('statuses', async (taiga, { query }) => {
    const { project_id: project } = parse(schemas.project, { project_id: one(query, 'project_id') })
    const rows = rowsOf(await taiga.read('listStatuses', { kind: 'userstory', project }))
    return { statuses: rows.map(each => pick(each, SHOWN.status)) }
  }),
]

/** The answer to a write that Taiga has not answered. */
const refusalOf = ({ state, reason, key }: Performed): Refused =>
  state === 'planned'
    ? new Refused(
        refuse(409, 'PLANNED', `Taiga is in mode preview, so the call is only planned (delivery ${key}).`),
      )
    : new Refused(
        refuse(
          504,
          'WAITING',
          `Taiga has not answered yet${reason === undefined ? '' : `: ${reason}`}. The call stays in the queue (delivery ${key}).`,
        ),
      )

const demandDelivered = (written: Performed): Performed => {
  if (written.state === 'delivered') return written
  throw refusalOf(written)
}

const ACTIONS = {
  story: { create: 'createStory', update: 'updateStory', remove: 'deleteStory', get: 'getStory' },
  epic: { create: 'createEpic', update: 'updateEpic', remove: 'deleteEpic', get: 'getEpic' },
  task: { create: 'createTask', update: 'updateTask', remove: 'deleteTask', get: 'getTask' },
  issue: { create: 'createIssue', update: 'updateIssue', remove: 'deleteIssue', get: 'getIssue' },
} as const

const showItem = async (taiga: Taiga, kind: Kind, id: unknown): Promise<Body> => ({
  [kind]: pick(await taiga.read(ACTIONS[kind].get, { issue: id as never }), SHOWN[kind]),
})

/** An item stays in its project: moving it takes rights that a change does not. */
const checkProject = async (taiga: Taiga, kind: Kind, id: unknown, project: unknown): Promise<void> => {
  const { project: actual } = (await taiga.read(ACTIONS[kind].get, { issue: id as never })) as Row
  if (actual !== project)
    throw new Refused(
      refuse(
        400,
        'INVALID_INPUT',
        `project_id must be ${String(actual)}: a ${kind} is not moved to another project`,
      ),
    )
}

const creating = (kind: Kind): Endpoint =>
  post(`create_${kind}`, async (taiga, { body, headers }) => {
    const given = parse(schemas.create[kind], body)
    const key = given.idempotency_key ?? headers['idempotency-key']
    const input = {
      project: given.project_id,
      ...newInputOf(given),
    }
    const written = demandDelivered(await taiga.write(ACTIONS[kind].create, input, key))
    const [id] = Object.values(written.captures)
    return showItem(taiga, kind, id)
  })

const updating = (kind: Kind): Endpoint =>
  post(`update_${kind}`, async (taiga, { body }) => {
    const { [`${kind}_id`]: id, project_id: project, ...rest } = parse(schemas.update[kind], body) as Body
    const input = inputOf(rest)
    if (Object.keys(input).length === 0 && project === undefined)
      throw new Refused(refuse(400, 'INVALID_INPUT', 'At least one field must be provided to update'))
    if (project !== undefined) await checkProject(taiga, kind, id, project)
    if (Object.keys(input).length > 0)
      demandDelivered(await taiga.write(ACTIONS[kind].update, { issue: id, ...input }))
    return showItem(taiga, kind, id)
  })

const deleting = (kind: Kind): Endpoint =>
  post(
    `delete_${kind}`,
    async (taiga, { body }) => {
      const { [`${kind}_id`]: id } = parse(schemas.remove(kind), body) as Body
      demandDelivered(await taiga.write(ACTIONS[kind].remove, { issue: id }))
      return { deleted: { [`${kind}_id`]: id } }
    },
    'destructive',
  )

const KINDS: readonly Kind[] = ['story', 'epic', 'task', 'issue']

/** Every endpoint, in the order of the service that it stands in for. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...listing,
  post('add_story_to_epic', async (taiga, { body }) => {
    const { epic_id: epic, user_story_id: story } = parse(schemas.link, body)
    demandDelivered(await taiga.write('addStoryToEpic', { epic, story }))
    const rows = rowsOf(await taiga.read('listEpicStories', { epic }))
    const link = rows.find(each => each.user_story === story)
    return { link: link ?? { epic, user_story: story } }
  }),
  ...KINDS.flatMap(kind => [creating(kind), updating(kind), deleting(kind)]),
]

/** The adapter for Taiga: by its name, else the first that can link stories to epics. */
const nameOf = ({ adapters }: Pick<ActionContext, 'adapters'>): string => {
  const found =
    adapters.find(({ name }) => name === 'taiga') ??
    adapters.find(adapter => Object.hasOwn(actionsOf(adapter), 'addStoryToEpic'))
  if (found !== undefined) return found.name
  throw new Refused(
    refuse(404, 'NOT_FOUND', 'No adapter for Taiga is set up in this workspace. See: sessionwire doctor'),
  )
}

/** A call that Taiga refuses is the caller's to fix. */
const asCallers = (thrown: unknown): unknown =>
  isTrackerError(thrown) && thrown.code === 'ADAPTER'
    ? new Refused(refuse(400, 'ADAPTER', thrown.message))
    : thrown

/** Makes the routes `/actions/list_projects` and so on. */
export const taigaRoutes = (context: ActionContext): readonly Route[] =>
  ENDPOINTS.map(({ method, name, needs, run }) => ({
    method,
    path: `/actions/${name}`,
    needs,
    shape: 'error',
    answer: async asked => {
      const mine = { ...context, subject: asked.subject }
      const adapter = nameOf(context)
      const taiga: Taiga = {
        read: (action, input) => performRead(mine, adapter, action, input),
        write: (action, input, key) => callWrite(mine, adapter, action, input, { key }),
      }
      try {
        return { status: 200, body: await run(taiga, asked) }
      } catch (thrown) {
        throw asCallers(thrown)
      }
    },
  }))
