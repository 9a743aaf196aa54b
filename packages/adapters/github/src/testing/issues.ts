import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Handler, Host, Received } from '@sessionwire/core/testing'
import { labelBody } from './bodies.ts'
import {
  commentBody,
  type Desk,
  invalid,
  issueBody,
  markIn,
  notFound,
  numberOf,
  refuse,
  type StoredIssue,
} from './world.ts'

type Fields = Readonly<Record<string, Json>>
/** The fields of a body, or the answer that refuses it. */
export const fieldsIn = ({ encoding, body }: Received): Fields | Answer =>
  encoding === 'json' && body !== null && typeof body === 'object' && !Array.isArray(body)
    ? (body as Fields)
    : encoding === 'none'
      ? {}
      : refuse(400, 'Problems parsing JSON')
/** Whether it is the answer of `fieldsIn`. */
export const isAnswer = (value: Fields | Answer): value is Answer =>
  typeof value.status === 'number' && 'body' in value

/** A page of a list, with the `Link` header that leads on. */
export const page = (
  items: readonly Json[],
  request: Received,
  api: string,
  from: number | null = null,
): Answer => {
  const size = Math.min(100, Math.max(1, Number(request.query.per_page ?? 30)))
  const number = Math.max(1, Number(request.query.page ?? 1))
  const slice = items.slice((number - 1) * size, number * size)
  const next = new URL(request.url, api)
  next.searchParams.set('page', String(number + 1))
  return {
    status: 200,
    body: slice,
    ...(items.length > number * size && from === null
      ? { headers: { link: `<${next.href}>; rel="next"` } }
      : {}),
  }
}

/** GitHub cuts nothing: what is longer is refused. */
const MOST = 65_536
const tooLong = (resource: string, body: string): Answer | undefined =>
  Array.from(body).length > MOST
    ? invalid(resource, 'body', 'custom', `body is too long (maximum is ${MOST} characters)`)
    : undefined

const strings = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value : []).flatMap(each => (typeof each === 'string' ? [each] : []))

/** Routes of issues and comments, below the repository. */
export const issueRoutes = (desk: Desk): Readonly<Record<string, Handler>> => {
  const { world, place, countContent, mayWrite } = desk
  const find = (number: string | undefined): StoredIssue | Answer => {
    if (world.deleted.has(Number(number))) return refuse(410, 'This issue was deleted')
    return world.issues.find(each => each.number === Number(number)) ?? notFound()
  }
  const isRefused = (found: StoredIssue | Answer): found is Answer => !('number' in found)
  const findComment = (id: string | undefined) => {
    for (const issue of world.issues) {
      const comment = issue.comments.find(each => each.id === Number(id))
      if (comment !== undefined) return { issue, comment }
    }
    return undefined
  }
  const report = (what: string, body: string | null, host: Host) => host.effect(what, markIn(body))
  const since = ({ query }: Received) => (query.since === undefined ? 0 : Date.parse(query.since))

  return {
    'GET /issues': request => {
      const { state = 'open', sort = 'created', direction = 'desc' } = request.query
      const from = since(request)
      if (Number.isNaN(from)) return invalid('Issue', 'since', 'invalid')
      const listed = world.issues
        .filter(issue => (state === 'all' || issue.state === state) && issue.updatedAt >= from)
        .sort((left, right) =>
          sort === 'updated' ? left.updatedAt - right.updatedAt : left.number - right.number,
        )
      const ordered = direction === 'asc' ? listed : listed.reverse()
      return page(
        ordered.map(issue => issueBody(issue, desk)),
        request,
        place().api,
      )
    },
    'POST /issues': (request, _, host) => {
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { title, body = null } = fields
      if (typeof title !== 'string' || title.trim() === '') return invalid('Issue', 'title')
      if (body !== null && typeof body !== 'string') return refuse(422, 'Invalid request.')
      const refused = tooLong('Issue', body ?? '') ?? countContent(host)
      if (refused !== undefined) return refused
      const number = world.issues.length + world.deleted.size + 1
      const issue: StoredIssue = {
        id: numberOf(host, 'issue'),
        number,
        title,
        body,
        ...{ state: 'open', stateReason: null, locked: false, milestone: null },
        labels: mayWrite ? strings(fields.labels) : [],
        assignees: mayWrite ? strings(fields.assignees) : [],
        ...{ createdAt: host.now(), updatedAt: host.now(), comments: [] },
      }
      for (const label of issue.labels) world.labels.add(label)
      world.issues.push(issue)
      report('issue', body, host)
      return {
        status: 201,
        headers: { location: `${place().api}/repos/${place().repository}/issues/${number}` },
        body: issueBody(issue, desk),
      }
    },
    'GET /issues/:number': (_, { number }) => {
      const issue = find(number)
      return isRefused(issue) ? issue : { status: 200, body: issueBody(issue, desk) }
    },
    'PATCH /issues/:number': (request, { number }, host) => {
      const issue = find(number)
      if (isRefused(issue)) return issue
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { title, body, state, state_reason: why, labels, assignees } = fields
      if (title !== undefined && (typeof title !== 'string' || title.trim() === ''))
        return invalid('Issue', 'title')
      if (state !== undefined && state !== 'open' && state !== 'closed')
        return invalid('Issue', 'state', 'invalid')
      if (why !== undefined && !['completed', 'not_planned', 'duplicate', 'reopened'].includes(String(why)))
        return invalid('Issue', 'state_reason', 'invalid')
      const refused = tooLong('Issue', typeof body === 'string' ? body : '')
      if (refused !== undefined) return refused
      if (typeof title === 'string') issue.title = title
      if (body === null || typeof body === 'string') issue.body = body
      if (state !== undefined) {
        issue.state = state as 'open' | 'closed'
        issue.stateReason = state === 'closed' ? String(why ?? 'completed') : null
      }
      if (mayWrite && Array.isArray(labels)) issue.labels = strings(labels)
      if (mayWrite && Array.isArray(assignees)) issue.assignees = strings(assignees)
      issue.updatedAt = host.now()
      host.effect('issue edited')
      return { status: 200, body: issueBody(issue, desk) }
    },
    'GET /issues/:number/comments': (request, { number }) => {
      const issue = find(number)
      if (isRefused(issue)) return issue
      const from = since(request)
      const listed = issue.comments.filter(({ updatedAt }) => updatedAt >= from)
      return page(
        listed.map(comment => commentBody(comment, issue.number, desk)),
        request,
        place().api,
      )
    },
    'POST /issues/:number/comments': (request, { number }, host) => {
      const issue = find(number)
      if (isRefused(issue)) return issue
      if (issue.locked) return refuse(403, 'Unable to create comment because issue is locked.')
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { body } = fields
      if (typeof body !== 'string' || body.trim() === '') return invalid('IssueComment', 'body')
      const refused = tooLong('IssueComment', body) ?? countContent(host)
      if (refused !== undefined) return refused
      const comment = { id: numberOf(host, 'comment'), body, createdAt: host.now(), updatedAt: host.now() }
      issue.comments.push(comment)
      issue.updatedAt = host.now()
      report('comment', body, host)
      return { status: 201, body: commentBody(comment, issue.number, desk) }
    },
    'POST /issues/:number/labels': (request, { number }, host) => {
      const issue = find(number)
      if (isRefused(issue)) return issue
      if (!mayWrite) return refuse(403, 'Resource not accessible by personal access token')
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const labels = strings(fields.labels)
      if (labels.length === 0) return invalid('Label', 'labels')
      issue.labels = [...new Set([...issue.labels, ...labels])]
      for (const label of labels) world.labels.add(label)
      host.effect('labels')
      return { status: 200, body: issue.labels.map(name => labelBody(name, place())) }
    },
    'GET /issues/comments/:id': (_, { id }) => {
      const found = findComment(id)
      return found === undefined
        ? notFound()
        : { status: 200, body: commentBody(found.comment, found.issue.number, desk) }
    },
    'PATCH /issues/comments/:id': (request, { id }, host) => {
      const found = findComment(id)
      if (found === undefined) return notFound()
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { body } = fields
      if (typeof body !== 'string' || body.trim() === '') return invalid('IssueComment', 'body')
      const refused = tooLong('IssueComment', body)
      if (refused !== undefined) return refused
      found.comment.body = body
      found.comment.updatedAt = host.now()
      host.effect('comment edited')
      return { status: 200, body: commentBody(found.comment, found.issue.number, desk) }
    },
    'DELETE /issues/comments/:id': (_, { id }, host) => {
      const found = findComment(id)
      if (found === undefined) return notFound()
      found.issue.comments.splice(found.issue.comments.indexOf(found.comment), 1)
      host.effect('comment deleted')
      return { status: 204 }
    },
    'GET /labels': request =>
      page(
        [...world.labels].map(name => labelBody(name, place())),
        request,
        place().api,
      ),
    'GET /labels/:name': (_, { name = '' }) =>
      world.labels.has(name) ? { status: 200, body: labelBody(name, place()) } : notFound(),
  }
}
