import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Handler, Host, Received } from '@sessionwire/core/testing'
import { bodyOf, onlyQuery, pageOf, refuse, refuseField } from './answers.ts'
import { readProperties, richText } from './fields.ts'
import { type Desk, markIn } from './issues.ts'
import {
  issueOf,
  jiraTime,
  numberOf,
  type StoredComment,
  type StoredWorklog,
  showProperties,
} from './world.ts'

const answerCreated = (body: Json): Answer => ({ status: 201, body })
const ok = (body: Json): Answer => ({ status: 200, body })

const showComment = (comment: StoredComment, expanded: boolean): Json => ({
  id: comment.id,
  body: comment.body,
  created: comment.created,
  updated: comment.updated,
  ...(comment.visibility === undefined ? {} : { visibility: comment.visibility }),
  ...(expanded ? { properties: showProperties(comment.properties) } : {}),
})

const addComment = (desk: Desk, request: Received, id: string, host: Host): Answer => {
  const manner = desk.mannerOf(request)
  const issue = issueOf(desk.world, id)
  if (desk.forbidden.has('ADD_COMMENTS'))
    refuse(400, `You do not have the permission to comment on this issue.`)
  const body = bodyOf(request, ['body', 'visibility', 'properties'])
  const at = jiraTime(host.now())
  const comment: StoredComment = {
    id: numberOf(host, 'comment'),
    body: richText(body.body, 'comment', manner),
    created: at,
    updated: at,
    ...(body.visibility === undefined ? {} : { visibility: body.visibility }),
    properties: readProperties(body.properties),
  }
  desk.wrote(issue)
  issue.comments.push(comment)
  host.effect('comment', markIn([showProperties(comment.properties), comment.body]), { key: issue.key })
  return answerCreated(showComment(comment, false))
}

const editComment = (
  desk: Desk,
  request: Received,
  params: Readonly<Record<string, string>>,
  host: Host,
): Answer => {
  onlyQuery(request, ['notifyUsers', 'overrideEditableFlag', 'expand'])
  const issue = issueOf(desk.world, params.issue ?? '')
  const comment = issue.comments.find(each => each.id === params.comment)
  if (comment === undefined) return refuse(404, `Can not find a comment for the id: ${params.comment}.`)
  const body = bodyOf(request, ['body', 'visibility', 'properties'])
  const text = richText(body.body, 'comment', desk.mannerOf(request))
  desk.wrote(issue)
  for (const [key, value] of readProperties(body.properties)) comment.properties.set(key, value)
  comment.body = text
  comment.updated = jiraTime(host.now())
  host.effect('comment edit', undefined, { key: issue.key, comment: comment.id })
  return ok(showComment(comment, false))
}

const removeComment = (
  desk: Desk,
  request: Received,
  params: Readonly<Record<string, string>>,
  host: Host,
): Answer => {
  onlyQuery(request, [])
  const issue = issueOf(desk.world, params.issue ?? '')
  const place = issue.comments.findIndex(each => each.id === params.comment)
  if (place < 0) return refuse(404, `Can not find a comment for the id: ${params.comment}.`)
  desk.wrote(issue)
  issue.comments.splice(place, 1)
  host.effect('comment removal', undefined, { key: issue.key, comment: params.comment ?? '' })
  return { status: 204 }
}

const listComments = (desk: Desk, request: Received, id: string): Answer => {
  onlyQuery(request, ['startAt', 'maxResults', 'orderBy', 'expand'])
  const issue = issueOf(desk.world, id)
  const { orderBy = 'created', expand = '' } = request.query
  if (!/^[-+]?created$/.test(orderBy)) refuse(400, `Cannot order by ${orderBy}`)
  const all = orderBy.startsWith('-') ? issue.comments.toReversed() : issue.comments
  const { items, isLast: _, ...page } = pageOf(request, all, 100)
  return ok({
    ...page,
    comments: items.map(each => showComment(each, expand.split(',').includes('properties'))),
  })
}

const showWorklog = (worklog: StoredWorklog, expanded: boolean): Json => ({
  id: worklog.id,
  started: worklog.started,
  timeSpentSeconds: worklog.seconds,
  ...(worklog.comment === undefined ? {} : { comment: worklog.comment }),
  ...(expanded ? { properties: showProperties(worklog.properties) } : {}),
})

const addWorklog = (desk: Desk, request: Received, id: string, host: Host): Answer => {
  const manner = desk.mannerOf(request)
  onlyQuery(request, ['adjustEstimate', 'notifyUsers', 'newEstimate', 'reduceBy'])
  const issue = issueOf(desk.world, id)
  if (!desk.timeTracking) refuse(400, 'Time Tracking is not enabled.')
  const body = bodyOf(request, [
    'started',
    'timeSpentSeconds',
    'comment',
    ...(manner.cloud ? ['properties'] : []),
  ])
  const { started, timeSpentSeconds: seconds } = body
  if (typeof started !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(started))
    return { status: 500, body: { errorMessages: ['Internal server error'], errors: {} } }
  if (typeof seconds !== 'number' || seconds < 60)
    return refuseField('timeSpentSeconds', 'Worklog must not be null.')
  const worklog: StoredWorklog = {
    id: numberOf(host, 'worklog'),
    started,
    seconds,
    ...(body.comment === undefined ? {} : { comment: richText(body.comment, 'comment', manner) }),
    properties: readProperties(body.properties),
  }
  desk.wrote(issue)
  issue.worklogs.push(worklog)
  host.effect('worklog', markIn([showProperties(worklog.properties), worklog.comment ?? null]), {
    key: issue.key,
  })
  return answerCreated(showWorklog(worklog, false))
}

const listWorklogs = (desk: Desk, request: Received, id: string): Answer => {
  const { cloud } = desk.mannerOf(request)
  onlyQuery(
    request,
    cloud ? ['startAt', 'maxResults', 'startedAfter', 'startedBefore', 'expand'] : ['startAt', 'maxResults'],
  )
  const { startedAfter = '0', startedBefore = '9e15', expand = '' } = request.query
  const all = issueOf(desk.world, id).worklogs.filter(({ started }) => {
    const at = Date.parse(started)
    return at >= Number(startedAfter) && at < Number(startedBefore)
  })
  const { items, isLast: _, ...page } = pageOf(request, all, 5_000)
  return ok({ ...page, worklogs: items.map(each => showWorklog(each, expand === 'properties')) })
}

/** The rules of comments and logged work. */
export const commentRoutes = (desk: Desk): Readonly<Record<string, Handler>> => ({
  'GET issue/:issue/comment': (request, { issue = '' }) => listComments(desk, request, issue),
  'POST issue/:issue/comment': (request, { issue = '' }, host) => addComment(desk, request, issue, host),
  'PUT issue/:issue/comment/:comment': (request, params, host) => editComment(desk, request, params, host),
  'DELETE issue/:issue/comment/:comment': (request, params, host) =>
    removeComment(desk, request, params, host),
  'GET issue/:issue/worklog': (request, { issue = '' }) => listWorklogs(desk, request, issue),
  'POST issue/:issue/worklog': (request, { issue = '' }, host) => addWorklog(desk, request, issue, host),
})
