import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Handler, Host, Received } from '@sessionwire/core/testing'
import { bodyOf, type Fields, fieldsOf, listOf, onlyQuery, refuse, refuseField } from './answers.ts'
import {
  assertRequired,
  changeLabels,
  type Manner,
  notOnScreen,
  readProperties,
  setFields,
  userOf,
} from './fields.ts'
import {
  issueOf,
  numberOf,
  projectOf,
  type StoredIssue,
  showIssue,
  showWay,
  type World,
  waysOf,
} from './world.ts'

/** The parts that the rules of issues use. */
export type Desk = Readonly<{
  world: World
  mannerOf: (request: Received) => Manner
  /** Fields that are on no screen. */
  hidden: ReadonlySet<string>
  /** Permissions the user lacks, such as `ADD_COMMENTS`. */
  forbidden: ReadonlySet<string>
  timeTracking: boolean
  /** Issues that are done cannot be edited, only commented on and moved (`jira.issue.editable`). */
  lockDone: boolean
  /** Counts a write to an issue, and refuses one too many. */
  wrote: (issue: StoredIssue) => void
  /** The issue has changed: the search will know, later. */
  markChanged: (issue: StoredIssue) => void
}>

const answerCreated = (body: Json): Answer => ({ status: 201, body })
const ok = (body: Json): Answer => ({ status: 200, body })
const done: Answer = { status: 204 }

/** Our mark, wherever it stands: in a label, a property, or a text. A call without one may be repeated. */
export const markIn = (value: Json): string | undefined => /sw-[0-9a-f]{16}/.exec(JSON.stringify(value))?.[0]

const makeIssue = (desk: Desk, request: Received, host: Host): Answer => {
  const manner = desk.mannerOf(request)
  if (desk.forbidden.has('CREATE_ISSUES')) refuseField('project', 'You cannot create issues in this project.')
  const body = bodyOf(request, manner.cloud ? ['fields', 'update', 'properties'] : ['fields', 'update'])
  const { project, issuetype, ...fields } = setFields(desk.world, manner, body.fields, desk.hidden)
  assertRequired(desk.world, manner, {
    ...fields,
    ...(project ? { project } : {}),
    ...(issuetype ? { issuetype } : {}),
  })
  const home = projectOf(desk.world, String(fieldsOf(project).id))
  const id = numberOf(host, 'issue')
  const issue: StoredIssue = {
    id,
    key: `${home.key}-${home.next}`,
    formerKeys: [],
    fields: { labels: [], ...fields, project: { id: home.id, key: home.key }, issuetype: issuetype as Json },
    statusId: '1',
    properties: readProperties(body.properties),
    comments: [],
    worklogs: [],
    links: [],
    points: new Map(),
  }
  home.next += 1
  desk.world.issues.push(issue)
  desk.markChanged(issue)
  host.effect('issue', markIn(issue.fields.labels ?? null), { key: issue.key })
  return answerCreated({ id, key: issue.key, self: `https://hostile.example/rest/api/3/issue/${id}` })
}

const isDone = ({ statuses }: World, { statusId }: StoredIssue): boolean =>
  statuses.find(({ id }) => id === statusId)?.category === 'Done'

const editIssue = (desk: Desk, request: Received, id: string, host: Host): Answer => {
  const manner = desk.mannerOf(request)
  onlyQuery(request, ['notifyUsers', 'returnIssue'])
  const issue = issueOf(desk.world, id)
  const body = bodyOf(request, ['fields', 'update', ...(manner.cloud ? ['properties'] : [])])
  const update = fieldsOf(body.update)
  const both = Object.keys(fieldsOf(body.fields)).find(name => update[name] !== undefined)
  if (both !== undefined) refuseField(both, `Field '${both}' cannot appear in both 'fields' and 'update'`)
  if (desk.lockDone && isDone(desk.world, issue))
    for (const name of Object.keys({ ...fieldsOf(body.fields), ...update })) notOnScreen(name)
  const fields = setFields(desk.world, manner, body.fields, desk.hidden)
  const strange = Object.keys(update).find(name => name !== 'labels')
  if (strange !== undefined) refuseField(strange, 'Field does not support update')
  const labels =
    update.labels === undefined ? {} : { labels: changeLabels(issue.fields.labels, update.labels) }
  desk.wrote(issue)
  Object.assign(issue.fields, fields, labels)
  for (const [key, value] of readProperties(body.properties)) issue.properties.set(key, value)
  desk.markChanged(issue)
  host.effect('edit', undefined, { key: issue.key, fields: Object.keys({ ...fields, ...labels }) })
  return done
}

const move = (desk: Desk, request: Received, id: string, host: Host): Answer => {
  const issue = issueOf(desk.world, id)
  const body = bodyOf(request, ['transition', 'fields', 'update'])
  const wanted = fieldsOf(body.transition).id
  if (!/^\d+$/.test(String(wanted ?? ''))) refuse(400, "'transition' identifier must be an integer")
  const way = waysOf(desk.world, issue).find(each => each.id === String(wanted))
  if (way === undefined)
    return refuse(
      400,
      `It seems that you have tried to perform a workflow operation (${wanted}) that is not valid for the current state of this issue.`,
    )
  const given = fieldsOf(body.fields)
  for (const name of Object.keys(given))
    if (!way.screen?.includes(name))
      refuseField(name, `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`)
  for (const name of way.requires ?? [])
    if (given[name] === undefined)
      refuseField(name, `${name.charAt(0).toUpperCase()}${name.slice(1)} is required.`)
  const fields = setFields(desk.world, desk.mannerOf(request), body.fields, desk.hidden)
  desk.wrote(issue)
  Object.assign(issue.fields, fields)
  issue.statusId = way.to
  desk.markChanged(issue)
  host.effect('transition', undefined, { key: issue.key, to: way.to })
  return done
}

const linkAddress = (desk: Desk, request: Received, id: string, host: Host): Answer => {
  const issue = issueOf(desk.world, id)
  const body = bodyOf(request, ['globalId', 'application', 'relationship', 'object'])
  const object = fieldsOf(body.object)
  const { globalId } = body
  if (typeof object.url !== 'string' || !URL.canParse(object.url)) refuseField('url', "'url' is required.")
  if (typeof object.title !== 'string' || object.title === '') refuseField('title', "'title' is required.")
  if (globalId !== undefined && (typeof globalId !== 'string' || globalId.length > 255))
    return refuseField('globalId', "'globalId' must be at most 255 characters.")
  desk.wrote(issue)
  const known = globalId === undefined ? undefined : issue.links.find(link => link.globalId === globalId)
  const value = body as Json
  if (known !== undefined) {
    // Jira sets fields that an update leaves out to null.
    known.value = value
    return ok({ id: Number(known.id), self: `https://hostile.example/remotelink/${known.id}` })
  }
  const link = { id: numberOf(host, 'link'), globalId, value }
  issue.links.push(link)
  host.effect('link', `${issue.key} ${globalId ?? link.id}`, { key: issue.key })
  return answerCreated({ id: Number(link.id), self: `https://hostile.example/remotelink/${link.id}` })
}

const keepProperty = (desk: Desk, request: Received, params: Readonly<Record<string, string>>): Answer => {
  const issue = issueOf(desk.world, params.issue ?? '')
  if (request.encoding !== 'json') refuse(415, 'Unsupported Media Type')
  if (request.raw === 'null' || request.raw === '""' || request.raw.length > 32_768)
    refuse(400, 'The property value must be non-empty JSON of at most 32768 characters.')
  const property = params.property ?? ''
  const status = issue.properties.has(property) ? 200 : 201
  desk.wrote(issue)
  issue.properties.set(property, request.body)
  return { status }
}

const assign = (desk: Desk, request: Received, id: string, host: Host): Answer => {
  const manner = desk.mannerOf(request)
  const issue = issueOf(desk.world, id)
  const body = bodyOf(request, manner.cloud ? ['accountId'] : ['name'])
  const who = manner.cloud ? body.accountId : body.name
  if (who === undefined) refuse(400, 'No user was named.')
  desk.wrote(issue)
  issue.fields.assignee = who === null || who === '-1' ? null : userOf(body as Fields, desk.world, manner)
  desk.markChanged(issue)
  host.effect('assign', undefined, { key: issue.key })
  return done
}

const getIssue = (desk: Desk, request: Received, id: string): Answer => {
  onlyQuery(request, ['fields', 'properties', 'expand'])
  return ok(showIssue(desk.world, issueOf(desk.world, id), (request.query.fields ?? '*all').split(',')))
}

const bulkFetch = (desk: Desk, request: Received): Answer => {
  const { issueIdsOrKeys, fields } = bodyOf(request, ['issueIdsOrKeys', 'fields', 'properties', 'expand'])
  const names = listOf(fields).map(String)
  const asked = listOf(issueIdsOrKeys).map(String)
  if (asked.length === 0 || asked.length > 100) refuse(400, 'Between 1 and 100 issues can be asked for.')
  const there = asked.flatMap(each => {
    const found = desk.world.issues.find(({ id, key, formerKeys }) =>
      [id, key, ...formerKeys].includes(each.toUpperCase()),
    )
    return found === undefined ? [] : [found]
  })
  return ok({ issues: there.map(issue => showIssue(desk.world, issue, names)), issueErrors: [] })
}

/** The rules of issues and of what belongs to them, below `/rest/api/{version}/`. */
export const issueRoutes = (desk: Desk): Readonly<Record<string, Handler>> => {
  const { world } = desk
  return {
    'POST issue': (request, _, host) => makeIssue(desk, request, host),
    'POST issue/bulkfetch': request => bulkFetch(desk, request),
    'GET issue/:issue': (request, { issue = '' }) => getIssue(desk, request, issue),
    'PUT issue/:issue': (request, { issue = '' }, host) => editIssue(desk, request, issue, host),
    'PUT issue/:issue/assignee': (request, { issue = '' }, host) => assign(desk, request, issue, host),
    'GET issue/:issue/transitions': (request, { issue = '' }) => {
      onlyQuery(request, ['expand', 'transitionId'])
      const ways = waysOf(world, issueOf(world, issue))
      const expanded = request.query.expand === 'transitions.fields'
      return ok({ expand: 'transitions', transitions: ways.map(way => showWay(world, way, expanded)) })
    },
    'POST issue/:issue/transitions': (request, { issue = '' }, host) => move(desk, request, issue, host),
    'POST issue/:issue/remotelink': (request, { issue = '' }, host) =>
      linkAddress(desk, request, issue, host),
    'DELETE issue/:issue/remotelink': (request, { issue = '' }, host) => {
      const { links } = issueOf(world, issue)
      const place = links.findIndex(({ globalId }) => globalId === request.query.globalId)
      if (place < 0) refuse(404, 'The remote issue link does not exist.')
      links.splice(place, 1)
      host.effect('unlink', undefined, { key: issue })
      return { status: 204 }
    },
    'PUT issue/:issue/properties/:property': (request, params) => keepProperty(desk, request, params),
    'GET issue/:issue/properties/:property': (_, { issue = '', property = '' }) => {
      const value = issueOf(world, issue).properties.get(property)
      return value === undefined
        ? refuse(404, `The property ${property} is not set.`)
        : ok({ key: property, value })
    },
  }
}
