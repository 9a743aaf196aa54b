import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Handler, Received } from '@sessionwire/core/testing'
import { bodyOf, fieldsOf, listOf, onlyQuery, pageOf, Refusal, refuse, refuseField } from './answers.ts'
import type { Desk } from './issues.ts'
import { findIssues } from './jql.ts'
import { issueOf, numberOf, projectOf, type StoredIssue, showIssue } from './world.ts'

/** The index of the search, which lags behind. */
export type Index = Readonly<{
  /** The issues as they were when they were indexed; one more search has been asked. */
  search: () => readonly StoredIssue[]
  issues: () => readonly StoredIssue[]
}>

const PERMISSIONS = ['BROWSE_PROJECTS', 'CREATE_ISSUES', 'EDIT_ISSUES', 'ADD_COMMENTS', 'TRANSITION_ISSUES']

const ok = (body: Json): Answer => ({ status: 200, body })

const selfOf = (rest: string) => `https://hostile.example/rest/api/3/${rest}`

const REMOVED =
  'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046'

const refuseRemoved = (): never => {
  throw new Refusal({ status: 410, body: { errorMessages: [REMOVED], errors: {} } })
}

/** The search of Cloud: a cursor, no total, only ids unless fields are named. */
const searchByCursor = (
  desk: Desk,
  index: Index,
  me: string,
  given: Readonly<Record<string, Json | undefined>>,
): Answer => {
  const { jql, fields, maxResults = 50, nextPageToken, reconcileIssues } = given
  const fresh = listOf(reconcileIssues).map(String)
  const known = index.search()
  const all = [
    ...known,
    ...desk.world.issues.filter(({ id }) => fresh.includes(id) && !known.some(each => each.id === id)),
  ]
  const hits = findIssues(desk.world, all, String(jql ?? ''), me)
  const names = listOf(fields).map(String)
  const start =
    nextPageToken === undefined
      ? 0
      : Number(/^page-(\d+)$/.exec(String(nextPageToken))?.[1] ?? refuse(400, 'The page token is not valid.'))
  const end = start + Math.min(Number(maxResults), 5_000)
  const isLast = end >= hits.length
  return ok({
    issues: hits
      .slice(start, end)
      .map(issue => (names.length === 0 ? { id: issue.id } : showIssue(desk.world, issue, names))),
    isLast,
    ...(isLast ? {} : { nextPageToken: `page-${end}` }),
  })
}

/** The search of Data Center: counted. */
const searchByCount = (
  desk: Desk,
  index: Index,
  me: string,
  request: Received,
  given: Readonly<Record<string, Json | undefined>>,
): Answer => {
  const names = listOf(given.fields).map(String)
  const hits = findIssues(desk.world, index.search(), String(given.jql ?? ''), me)
  const query = { startAt: String(given.startAt ?? 0), maxResults: String(given.maxResults ?? 50) }
  const { items, isLast: _, ...page } = pageOf({ ...request, query }, hits, 1_000)
  return ok({
    ...page,
    issues: items.map(issue => showIssue(desk.world, issue, names.length === 0 ? ['*navigable'] : names)),
  })
}

const queryOf = ({ query }: Received) => ({ ...query, fields: query.fields?.split(',') ?? [] })

const searchRoutes = (
  desk: Desk,
  index: Index,
  me: string,
  cloud: boolean,
): Readonly<Record<string, Handler>> =>
  cloud
    ? {
        'POST search/jql': request =>
          searchByCursor(
            desk,
            index,
            me,
            bodyOf(request, [
              'jql',
              'fields',
              'maxResults',
              'nextPageToken',
              'reconcileIssues',
              'properties',
              'expand',
              'fieldsByKeys',
            ]),
          ),
        'GET search/jql': request => searchByCursor(desk, index, me, queryOf(request)),
        'POST search': refuseRemoved,
        'GET search': refuseRemoved,
      }
    : {
        'POST search': request =>
          searchByCount(
            desk,
            index,
            me,
            request,
            bodyOf(request, ['jql', 'startAt', 'maxResults', 'fields', 'expand', 'validateQuery']),
          ),
        'GET search': request => searchByCount(desk, index, me, request, queryOf(request)),
      }

const linkIssues = (desk: Desk, request: Received, host: Parameters<Handler>[2]): Answer => {
  const body = bodyOf(request, ['type', 'inwardIssue', 'outwardIssue', 'comment'])
  const { name, id } = fieldsOf(body.type)
  const type = desk.world.linkTypes.find(each => (id === undefined ? each.name === name : each.id === id))
  if (type === undefined) return refuse(404, `No issue link type with name '${name ?? id}' found.`)
  const end = (value: Json | undefined) => {
    const { id, key } = fieldsOf(value)
    return issueOf(desk.world, String(key ?? id ?? ''))
  }
  const [inward, outward] = [end(body.inwardIssue), end(body.outwardIssue)]
  desk.wrote(inward)
  const { issueLinks } = desk.world
  // One that is there already is answered like a new one.
  if (
    !issueLinks.some(
      each => each.type === type.name && each.inward === inward.key && each.outward === outward.key,
    )
  ) {
    issueLinks.push({ type: type.name, inward: inward.key, outward: outward.key })
    host.effect('issue link', `${type.name} ${inward.key} ${outward.key}`)
  }
  return { status: 201 }
}

const makeVersion = (desk: Desk, request: Received, host: Parameters<Handler>[2]): Answer => {
  const { projectId, name, ...more } = bodyOf(request, [
    'projectId',
    'name',
    'description',
    'releaseDate',
    'startDate',
    'released',
    'archived',
  ])
  if (typeof projectId !== 'number') refuseField('projectId', 'The project must be a number.')
  const project = projectOf(desk.world, String(projectId))
  if (typeof name !== 'string' || name === '')
    return refuseField('name', 'You must specify a valid version name')
  if (project.versions.some(each => each.name === name)) {
    host.refuseRepeat('version', `${project.key} ${name}`)
    return refuseField('name', 'A version with this name already exists in this project.')
  }
  const version = { id: numberOf(host, 'version'), name, more: more as Json }
  project.versions.push(version)
  host.effect('version', `${project.key} ${name}`)
  return { status: 201, body: { id: version.id, name, projectId: Number(project.id), ...more } as Json }
}

/** The rules other than those of issues, below `/rest/api/{version}/`. */
export const otherRoutes = (desk: Desk, index: Index, cloud: boolean): Readonly<Record<string, Handler>> => {
  const { world } = desk
  const [me] = world.users
  const myself = cloud ? { accountId: me?.accountId ?? '' } : { name: me?.name ?? '', key: me?.name ?? '' }
  const showProject = ({ id, key, name }: Readonly<{ id: string; key: string; name: string }>): Json => ({
    id,
    key,
    name,
  })
  return {
    ...searchRoutes(desk, index, me?.accountId ?? '', cloud),
    'GET myself': () => ok({ ...myself, displayName: me?.displayName ?? '', active: true }),
    'GET mypermissions': request => {
      onlyQuery(request, ['projectKey', 'projectId', 'issueKey', 'issueId', 'permissions'])
      projectOf(world, request.query.projectKey ?? '')
      const names = request.query.permissions?.split(',') ?? []
      if (cloud && names.length === 0) refuse(400, "The 'permissions' query parameter is required.")
      const unknown = names.find(name => !PERMISSIONS.includes(name))
      if (unknown !== undefined) refuse(400, `Unrecognized permission ${unknown}.`)
      const shown = PERMISSIONS.filter(name => names.length === 0 || names.includes(name))
      return ok({
        permissions: Object.fromEntries(
          shown.map(key => [key, { key, type: 'PROJECT', havePermission: !desk.forbidden.has(key) }]),
        ),
      })
    },
    'GET serverInfo': () =>
      ok({ deploymentType: cloud ? 'Cloud' : 'Server', version: cloud ? '1001.0.0' : '10.3.0' }),
    'POST issueLink': (request, _, host) => linkIssues(desk, request, host),
    'GET issueLinkType': () => ok({ issueLinkTypes: world.linkTypes as Json }),
    'POST version': (request, _, host) => makeVersion(desk, request, host),
    'GET project/:project/versions': (_, { project = '' }) =>
      ok(
        projectOf(world, project).versions.map(
          ({ id, name, more }): Json => ({ id, name, ...fieldsOf(more) }) as Json,
        ),
      ),
    'GET project/:project/statuses': (_, { project = '' }) => {
      projectOf(world, project)
      const statuses = world.statuses.map(({ id, name }) => ({ id, name, self: selfOf(`status/${id}`) }))
      return ok(world.types.map(type => ({ ...type, self: selfOf(`issuetype/${type.id}`), statuses })))
    },
    ...(cloud
      ? {
          'GET project/search': request => {
            onlyQuery(request, ['query', 'maxResults', 'startAt', 'orderBy'])
            const part = (request.query.query ?? '').toLowerCase()
            const { items, ...page } = pageOf(
              request,
              world.projects.filter(each => `${each.key} ${each.name}`.toLowerCase().includes(part)),
              100,
            )
            return ok({ ...page, values: items.map(showProject) })
          },
        }
      : { 'GET project': () => ok(world.projects.map(showProject)) }),
    'GET project/:project': (_, { project = '' }) => ok(showProject(projectOf(world, project))),
    'GET issue/createmeta/:project/issuetypes': (request, { project = '' }) => {
      projectOf(world, project)
      const types = desk.forbidden.has('CREATE_ISSUES') ? [] : world.types
      const { items, isLast, ...page } = pageOf(request, types, 50)
      return ok(cloud ? { ...page, issueTypes: items as Json } : { ...page, isLast, values: items as Json })
    },
    'GET user/assignable/search': request => {
      onlyQuery(request, ['project', 'issueKey', cloud ? 'query' : 'username', 'maxResults', 'startAt'])
      projectOf(world, request.query.project ?? '')
      const part = (request.query[cloud ? 'query' : 'username'] ?? '').toLowerCase()
      const hits = world.users.filter(user => user.displayName.toLowerCase().startsWith(part))
      return ok(
        hits.map(({ accountId, name, ...user }) => ({ ...user, ...(cloud ? { accountId } : { name }) })),
      )
    },
  }
}

/** The rules of boards and sprints, below `/rest/agile/1.0/`. */
export const agileRoutes = (desk: Desk): Readonly<Record<string, Handler>> => ({
  'GET board': request => {
    onlyQuery(request, ['projectKeyOrId', 'maxResults', 'startAt', 'type', 'name'])
    projectOf(desk.world, request.query.projectKeyOrId ?? '')
    const { items, ...page } = pageOf(request, [{ id: 3, name: 'ENG board', type: 'scrum' }], 50)
    return ok({ ...page, values: items })
  },
  'GET board/:board/sprint': request => {
    onlyQuery(request, ['state', 'maxResults', 'startAt'])
    const all = [...desk.world.sprints.keys()].map(id => ({
      id: Number(id),
      name: `Sprint ${id}`,
      state: 'active',
    }))
    const {
      items,
      total: _,
      ...page
    } = pageOf(
      request,
      all.filter(({ state }) => request.query.state?.split(',').includes(state) ?? true),
      50,
    )
    return ok({ ...page, values: items })
  },
  'POST sprint/:sprint/issue': (request, { sprint = '' }, host) => {
    const inSprint = desk.world.sprints.get(sprint) ?? refuse(404, 'Sprint does not exist')
    const keys = listOf(
      bodyOf(request, ['issues', 'rankBeforeIssue', 'rankAfterIssue', 'rankCustomFieldId']).issues,
    )
    if (keys.length === 0 || keys.length > 50) refuse(400, 'Between 1 and 50 issues can be moved.')
    for (const issue of keys.map(key => issueOf(desk.world, String(key)))) {
      desk.wrote(issue)
      if (inSprint.includes(issue.key)) continue
      inSprint.push(issue.key)
      host.effect('sprint', `${sprint} ${issue.key}`)
    }
    return { status: 204 }
  },
  'PUT issue/:issue/estimation': (request, { issue = '' }, host) => {
    onlyQuery(request, ['boardId'])
    const found = issueOf(desk.world, issue)
    const { value } = bodyOf(request, ['value'])
    if (typeof value !== 'string') return refuse(400, 'value must be a string')
    desk.wrote(found)
    found.points.set(request.query.boardId ?? refuse(400, 'boardId is required'), value)
    host.effect('points', undefined, { key: found.key })
    return ok({ fieldId: 'customfield_10016', value: Number(value) })
  },
})
