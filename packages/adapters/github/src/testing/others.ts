import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Handler } from '@sessionwire/core/testing'
import { checkBody, pullBody, repositoryBody, userBody } from './bodies.ts'
import { fieldsIn, isAnswer, page } from './issues.ts'
import {
  type Desk,
  invalid,
  issueBody,
  markIn,
  notFound,
  numberOf,
  refuse,
  type StoredIssue,
  type StoredRun,
} from './world.ts'

const SHA = /^[0-9a-f]{40}$/
const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** Routes of pull requests, checks, statuses, commits and files, below the repository. */
export const otherRoutes = (desk: Desk): Readonly<Record<string, Handler>> => {
  const { world, place, countContent, isApp, login } = desk
  const pullOf = (number: string | undefined) =>
    world.issues.find(
      (each): each is StoredIssue & { pull: NonNullable<StoredIssue['pull']> } =>
        each.number === Number(number) && each.pull !== undefined,
    )
  const showPull = (issue: StoredIssue & { pull: NonNullable<StoredIssue['pull']> }, whole: boolean) =>
    pullBody(issueBody(issue, desk), { ...issue.pull, number: issue.number }, place(), whole)
  const pulls = () => world.issues.flatMap(each => pullOf(String(each.number)) ?? [])
  const [owner = ''] = place().repository.split('/')
  const labelOf = (head: string) => (head.includes(':') ? head : `${owner}:${head}`)

  const outputOf = (value: Json | undefined): StoredRun['output'] | Answer => {
    if (value === undefined) return { title: null, summary: null }
    const { title, summary } = value as Readonly<Record<string, Json>>
    if (typeof title !== 'string' || typeof summary !== 'string') return invalid('CheckRun', 'output')
    return summary.length > 65_535 ? invalid('CheckRun', 'summary', 'custom') : { title, summary }
  }
  const changeRun = (
    run: StoredRun,
    fields: Readonly<Record<string, Json>>,
    at: string,
  ): Answer | undefined => {
    const output = outputOf(fields.output)
    if ('status' in output && 'body' in output) return output as Answer
    if (fields.output !== undefined) run.output = output as StoredRun['output']
    run.detailsUrl = text(fields.details_url) ?? run.detailsUrl
    run.status = text(fields.status) ?? run.status
    const conclusion = text(fields.conclusion)
    run.conclusion = conclusion ?? (fields.status === undefined ? run.conclusion : null)
    if (conclusion !== undefined) run.status = 'completed'
    run.completedAt = run.status === 'completed' ? at : null
    return undefined
  }

  return {
    'GET ': (_, __, host) => ({
      status: 200,
      body: repositoryBody(place(), new Date(host.now()).toISOString(), desk.mayWrite),
    }),
    'GET /pulls': request => {
      const { state = 'open', head, base } = request.query
      const listed = pulls().filter(
        issue =>
          (state === 'all' || issue.state === state) &&
          (head === undefined || labelOf(issue.pull.head) === head) &&
          (base === undefined || issue.pull.base === base),
      )
      return page(
        listed.reverse().map(issue => showPull(issue, false)),
        request,
        place().api,
      )
    },
    'POST /pulls': (request, _, host) => {
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { title, head, base, body = null, draft = false } = fields
      if (typeof title !== 'string' || typeof head !== 'string' || typeof base !== 'string')
        return invalid('PullRequest', 'head')
      const same = pulls().some(
        issue =>
          issue.state === 'open' && labelOf(issue.pull.head) === labelOf(head) && issue.pull.base === base,
      )
      if (same) {
        const mark = markIn(text(body) ?? null)
        if (mark !== undefined) host.refuseRepeat('pull', mark)
        return refuse(422, 'Validation Failed', [
          {
            resource: 'PullRequest',
            code: 'custom',
            message: `A pull request already exists for ${labelOf(head)}.`,
          },
        ])
      }
      const refused = countContent(host)
      if (refused !== undefined) return refused
      const issue = {
        id: numberOf(host, 'issue'),
        number: world.issues.length + world.deleted.size + 1,
        title,
        body: text(body) ?? null,
        ...{ state: 'open' as const, stateReason: null, locked: false, milestone: null },
        ...{ labels: [], assignees: [], comments: [], createdAt: host.now(), updatedAt: host.now() },
        pull: {
          head,
          base,
          sha: host.uuid().replaceAll('-', '').padEnd(40, '0'),
          draft: draft === true,
          reviewers: [],
        },
      }
      world.issues.push(issue)
      host.effect('pull', markIn(issue.body))
      return { status: 201, body: showPull(issue, true) }
    },
    'GET /pulls/:number': (_, { number }) => {
      const found = pullOf(number)
      return found === undefined ? notFound() : { status: 200, body: showPull(found, true) }
    },
    'POST /pulls/:number/requested_reviewers': (request, { number }) => {
      const found = pullOf(number)
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      if (found === undefined) return notFound()
      const { reviewers = [] } = fields as Readonly<{ reviewers?: string[] }>
      found.pull.reviewers = [...new Set([...found.pull.reviewers, ...reviewers])]
      return { status: 201, body: showPull(found, false) }
    },
    'POST /check-runs': (request, _, host) => {
      if (!isApp(request.headers.authorization ?? ''))
        return refuse(403, 'You must authenticate via a GitHub App.')
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { name, head_sha: sha, external_id: externalId = '' } = fields
      if (typeof name !== 'string' || name === '') return invalid('CheckRun', 'name')
      if (typeof sha !== 'string' || !SHA.test(sha)) return refuse(422, `No commit found for SHA: ${sha}`)
      const at = new Date(host.now()).toISOString()
      const run: StoredRun = {
        id: numberOf(host, 'run'),
        ...{
          name,
          sha,
          externalId: String(externalId),
          status: 'queued',
          conclusion: null,
          detailsUrl: null,
        },
        ...{ output: { title: null, summary: null }, startedAt: at, completedAt: null },
      }
      const refused = changeRun(run, fields, at)
      if (refused !== undefined) return refused
      world.runs.push(run)
      host.effect('check run', run.externalId)
      return { status: 201, body: checkBody(run, place()) }
    },
    'PATCH /check-runs/:id': (request, { id }, host) => {
      if (!isApp(request.headers.authorization ?? ''))
        return refuse(403, 'You must authenticate via a GitHub App.')
      const run = world.runs.find(each => each.id === Number(id))
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      if (run === undefined) return notFound()
      const refused = changeRun(run, fields, new Date(host.now()).toISOString())
      return refused ?? { status: 200, body: checkBody(run, place()) }
    },
    'GET /commits/:sha/check-runs': (request, { sha }) => {
      const { check_name: name } = request.query
      const runs = world.runs.filter(run => run.sha === sha && (name === undefined || run.name === name))
      const listed = page(
        runs.map(run => checkBody(run, place())),
        request,
        place().api,
      )
      return { ...listed, body: { total_count: runs.length, check_runs: listed.body ?? [] } }
    },
    'POST /statuses/:sha': (request, { sha = '' }, host) => {
      const fields = fieldsIn(request)
      if (isAnswer(fields)) return fields
      const { state, context = 'default', description = null, target_url: target = null } = fields
      if (!SHA.test(sha)) return refuse(422, `No commit found for SHA: ${sha}`)
      if (!['error', 'failure', 'pending', 'success'].includes(String(state)))
        return invalid('Status', 'state', 'custom', 'state is not included in the list')
      if (String(description ?? '').length > 140)
        return invalid(
          'Status',
          'description',
          'custom',
          'description is too long (maximum is 140 characters)',
        )
      const at = new Date(host.now()).toISOString()
      const status = {
        id: numberOf(host, 'status'),
        ...{ sha, state: String(state), context: String(context) },
        ...{ description: text(description) ?? null, targetUrl: text(target) ?? null },
      }
      world.statuses.push(status)
      const { api, repository } = place()
      return {
        status: 201,
        body: {
          ...{ id: status.id, node_id: 'MDY6U3RhdHVzMQ==', state: status.state, context: status.context },
          ...{ description: status.description, target_url: status.targetUrl, avatar_url: null },
          ...{ url: `${api}/repos/${repository}/statuses/${sha}`, created_at: at, updated_at: at },
          creator: userBody(login, place()),
        },
      }
    },
    'GET /commits': request => page([], request, place().api),
  }
}

/** A file, which the path names with its slashes. */
export const fileRoute = (desk: Desk, path: string): Answer => {
  const found = desk.world.files.get(path)
  if (found === undefined) return notFound()
  const { api, web, repository } = desk.place()
  const own = `${api}/repos/${repository}/contents/${path}`
  return {
    status: 200,
    body: {
      ...{
        type: 'file',
        encoding: 'base64',
        size: Buffer.byteLength(found),
        name: path.replace(/^.*\//, ''),
        path,
      },
      ...{
        content: `${Buffer.from(found).toString('base64').replace(/.{60}/g, '$&\n')}\n`,
        sha: '3d21ec53a331a6f037a91c368710b99387d012c1',
      },
      ...{ url: own, git_url: own, html_url: `${web}/${repository}/blob/main/${path}`, download_url: null },
      _links: { self: own, git: own, html: `${web}/${repository}/blob/main/${path}` },
    },
  }
}
