import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Host } from '@sessionwire/core/testing'
import { labelBody, type Place, userBody } from './bodies.ts'

/** A comment as the hostile GitHub keeps it. */
export type StoredComment = { id: number; body: string; createdAt: number; updatedAt: number }

/** An issue or pull request as the hostile GitHub keeps it. */
export type StoredIssue = {
  id: number
  number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: string | null
  labels: string[]
  assignees: string[]
  milestone: number | null
  locked: boolean
  createdAt: number
  updatedAt: number
  comments: StoredComment[]
  /** Of a pull request. */
  pull?: { head: string; base: string; sha: string; draft: boolean; reviewers: string[] }
}

/** A check run as the hostile GitHub keeps it. */
export type StoredRun = {
  id: number
  name: string
  sha: string
  externalId: string
  status: string
  conclusion: string | null
  detailsUrl: string | null
  output: { title: string | null; summary: string | null }
  startedAt: string
  completedAt: string | null
}

/** A commit status as the hostile GitHub keeps it. */
export type StoredStatus = Readonly<{
  id: number
  sha: string
  state: string
  context: string
  description: string | null
  targetUrl: string | null
}>

/** Everything that is there. */
export type World = {
  readonly issues: StoredIssue[]
  readonly deleted: Set<number>
  readonly runs: StoredRun[]
  readonly statuses: StoredStatus[]
  readonly labels: Set<string>
  readonly files: Map<string, string>
}

/** The surroundings of one request, and how its answers are written. */
export type Desk = Readonly<{
  world: World
  place: () => Place
  login: string
  /** False: labels and assignees are dropped without an error. */
  mayWrite: boolean
  /** Whether the token is that of an app. */
  isApp: (authorization: string) => boolean
  /** Refuses content that comes too fast. */
  countContent: (host: Host) => Answer | undefined
}>

type Wrong = Readonly<{ resource: string; field?: string; code: string; message?: string }>

/** An error in GitHub's form. */
export const refuse = (status: number, message: string, errors?: readonly Wrong[]): Answer => ({
  status,
  body: {
    message,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
    ...(errors === undefined ? {} : { errors: errors as Json }),
  },
})
/** A validation error of one field. */
export const invalid = (resource: string, field: string, code = 'missing_field', message?: string): Answer =>
  refuse(422, 'Validation Failed', [{ resource, field, code, ...(message === undefined ? {} : { message }) }])
/** Answer for what is not there or not to be seen. */
export const notFound = (): Answer => refuse(404, 'Not Found')

const time = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

/** Number of an id, as GitHub has numbers. */
export const numberOf = (host: Host, what: string): number => Number(host.id(what).slice(what.length)) + 1_000

/** A comment in an answer. */
export const commentBody = (comment: StoredComment, issue: number, { place, login }: Desk): Json => {
  const at = place()
  const root = `${at.api}/repos/${at.repository}`
  return {
    id: comment.id,
    node_id: 'MDEyOklzc3VlQ29tbWVudDE=',
    url: `${root}/issues/comments/${comment.id}`,
    html_url: `${at.web}/${at.repository}/issues/${issue}#issuecomment-${comment.id}`,
    issue_url: `${root}/issues/${issue}`,
    body: comment.body,
    user: userBody(login, at),
    author_association: 'COLLABORATOR',
    created_at: time(comment.createdAt),
    updated_at: time(comment.updatedAt),
  }
}

/** An issue in an answer. */
export const issueBody = (issue: StoredIssue, { place, login }: Desk): Readonly<Record<string, Json>> => {
  const at = place()
  const own = `${at.api}/repos/${at.repository}/issues/${issue.number}`
  const page = `${at.web}/${at.repository}/${issue.pull === undefined ? 'issues' : 'pull'}/${issue.number}`
  const [assignee] = issue.assignees
  return {
    id: issue.id,
    node_id: 'MDU6SXNzdWUx',
    url: own,
    repository_url: `${at.api}/repos/${at.repository}`,
    labels_url: `${own}/labels{/name}`,
    comments_url: `${own}/comments`,
    events_url: `${own}/events`,
    html_url: page,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: userBody(login, at),
    labels: issue.labels.map(name => labelBody(name, at)),
    assignee: assignee === undefined ? null : userBody(assignee, at),
    assignees: issue.assignees.map(name => userBody(name, at)),
    milestone: null,
    locked: issue.locked,
    comments: issue.comments.length,
    author_association: 'COLLABORATOR',
    closed_at: issue.state === 'closed' ? time(issue.updatedAt) : null,
    created_at: time(issue.createdAt),
    updated_at: time(issue.updatedAt),
    ...(issue.pull === undefined
      ? {}
      : {
          pull_request: {
            ...{ url: own.replace('/issues/', '/pulls/'), html_url: page },
            ...{ diff_url: `${page}.diff`, patch_url: `${page}.patch` },
          },
        }),
  }
}

/** The mark of one of our texts: what may be there only once. */
export const markIn = (body: string | null): string | undefined =>
  /<!-- sessionwire ([0-9a-f-]{36}) -->/.exec(body ?? '')?.[1]
