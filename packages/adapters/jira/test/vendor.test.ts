import type { Descriptor, HttpCall, Json } from '@sessionwire/core/adapter'
import { type Logged, plainSender } from '@sessionwire/core/testing'
import { createAgileClient, createCloudClient } from 'jira.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jira } from '../src/index.ts'
import { type HostileJira, hostileJira } from '../src/testing.ts'

/*
 * Atlassian has no client of its own; jira.js is made from Atlassian's OpenAPI file and checked against live sites. It
 * is run against the hostile Jira, which it must find a Jira, and its requests are compared with ours.
 */

const secrets = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }

let service: HostileJira
beforeEach(async () => {
  service = await hostileJira({ searchLag: 0 })
})
afterEach(() => service.close())

const clients = () => {
  const config = {
    host: service.url,
    auth: { type: 'basic', email: secrets.JIRA_EMAIL, apiToken: secrets.JIRA_API_TOKEN },
    // A reply that is not as Atlassian describes it fails the test: the hostile Jira must answer like a Jira.
    onSchemaMismatch: 'throw',
  } as const
  return { cloud: createCloudClient(config), agile: createAgileClient(config) }
}

const ours = (extra: Readonly<Record<string, Json>> = {}) => {
  const adapter = jira({ baseUrl: service.url, apiVersion: 3, projectKey: 'ENG' })
  const { actions } = adapter
  const transport = plainSender(secrets)
  /** Sends one of our calls, its placeholders filled by hand. */
  const send = async (step: (at: { key: string; config: typeof adapter.config }) => Descriptor) => {
    const { payload, ...call } = step({ key: 'event/jira/0', config: adapter.config }) as Descriptor &
      HttpCall
    const filled = JSON.parse(JSON.stringify(payload ?? null), (_, value) => extra[value?.$ref] ?? value)
    return transport.send({ ...call, payload: filled } as HttpCall, { timeoutMs: 5_000 })
  }
  return { actions, send }
}

/** What matters of a request, decoded. */
const decoded = ({ method, path, query, headers, body }: Logged) => ({
  method,
  path,
  query,
  authorization: headers.authorization,
  accept: headers.accept,
  type: headers['content-type']?.split(';')[0],
  body,
})
const last = () => {
  const request = service.requests().at(-1)
  if (request === undefined) throw new Error('nothing was asked')
  return request
}

/** The vendor's request must be in ours: the same call, and its arguments a part of our arguments. */
const compare = async (vendor: () => Promise<unknown>, own: () => Promise<unknown>) => {
  await vendor()
  const theirs = decoded(last())
  await own()
  const mine = last()
  expect(mine.answer?.status, JSON.stringify(mine.answer)).toBeLessThan(300)
  expect(decoded(mine)).toMatchObject(theirs)
}

const document = (text: string) => ({
  version: 1 as const,
  type: 'doc' as const,
  content: [{ type: 'paragraph' as const, content: [{ type: 'text' as const, text }] }],
})

test('create an issue', async () => {
  const { cloud } = clients()
  const { actions, send } = ours({ issueType: 'Task' })
  const fields = {
    project: { key: 'ENG' },
    issuetype: { name: 'Task' },
    summary: 'Session: fix retry queue',
    description: document('make retries durable'),
    priority: { name: 'High' },
  }
  await compare(
    () => cloud.issues.createIssue({ fields }),
    () =>
      send(
        actions.createIssue({
          title: 'Session: fix retry queue',
          body: 'make retries durable',
          priority: 'High',
        }),
      ),
  )
})

test('edit, assign, label and mark an issue', async () => {
  const key = service.addIssue('An issue')
  const { cloud } = clients()
  const { actions, send } = ours()
  await compare(
    () => cloud.issues.editIssue({ issueIdOrKey: key, fields: { duedate: '2026-12-31' } }),
    () => send(actions.updateIssue({ issue: key, dueDate: '2026-12-31' })),
  )
  await compare(
    () => cloud.issues.editIssue({ issueIdOrKey: key, update: { labels: [{ add: 'agent-session' }] } }),
    () => send(actions.addLabels({ issue: key, labels: ['agent-session'] })),
  )
  await compare(
    () => cloud.issues.assignIssue({ issueIdOrKey: key, accountId: '5b10a2844c20165700ede21g' }),
    () => send(actions.assign({ issue: key, assignee: '5b10a2844c20165700ede21g' })),
  )
  await compare(
    () =>
      cloud.issueProperties.setIssueProperty({
        issueIdOrKey: key,
        propertyKey: 'agent.session',
        body: { id: '4f1c' },
      }),
    () => send(actions.setProperty({ issue: key, property: 'agent.session', value: { id: '4f1c' } })),
  )
})

test('comment, and read the comments', async () => {
  const key = service.addIssue('An issue')
  const { cloud } = clients()
  const { actions, send } = ours()
  const text = 'Decision: use a write-ahead queue'
  await compare(
    () => cloud.issueComments.addComment({ issueIdOrKey: key, body: document(text) }),
    () => send(actions.createComment({ issue: key, body: text })),
  )
  const { comments, total } = await cloud.issueComments.getComments({
    issueIdOrKey: key,
    orderBy: '-created',
  })
  expect([total, comments?.length]).toEqual([2, 2])
  await compare(
    () =>
      cloud.issueComments.updateComment({
        issueIdOrKey: key,
        id: comments?.[0]?.id ?? '',
        body: { body: document('Better') },
      } as never),
    () => send(actions.editComment({ issue: key, comment: comments?.[0]?.id ?? '', body: 'Better' })),
  )
})

test('move an issue', async () => {
  const [one, two] = [service.addIssue('One'), service.addIssue('Two')]
  const { cloud } = clients()
  const { transitions } = await cloud.issues.getTransitions({
    issueIdOrKey: one,
    expand: 'transitions.fields',
  })
  const id = transitions?.find(({ to }) => to?.name === 'In Progress')?.id ?? ''
  await cloud.issues.doTransition({ issueIdOrKey: one, transition: { id } })
  const theirs = decoded(last())
  const { actions, send } = ours({ transition: id })
  await send(actions.setStatus({ issue: two, status: 'In Progress' }))
  expect(decoded(last())).toMatchObject({ ...theirs, path: theirs.path.replace(one, two) })
  expect(service.issues().map(({ status }) => status)).toEqual(['In Progress', 'In Progress'])
})

test('link an issue to an address and to another issue', async () => {
  const [one, two] = [service.addIssue('One'), service.addIssue('Two')]
  const { cloud } = clients()
  const { actions, send } = ours({ linkType: 'Blocks' })
  const object = { url: 'https://example.com/s/4f1c2a9e', title: 'Session log' }
  await compare(
    () =>
      cloud.issueRemoteLinks.createOrUpdateRemoteIssueLink({
        issueIdOrKey: one,
        globalId: 'agent-session=4f1c2a9e',
        object,
      }),
    () => send(actions.addLink({ issue: one, globalId: 'agent-session=4f1c2a9e', ...object })),
  )
  expect(service.issues()[0]?.links).toHaveLength(1)
  await compare(
    () =>
      cloud.issueLinks.linkIssues({
        type: { name: 'Blocks' },
        inwardIssue: { key: one },
        outwardIssue: { key: two },
      }),
    () => send(actions.linkIssues({ issue: one, kind: 'Blocks', to: two })),
  )
  const issue = await cloud.issues.getIssue({ issueIdOrKey: one, fields: ['issuelinks'] })
  expect(JSON.stringify(issue.fields)).toContain(`"outwardIssue":{"key":"${two}"}`)
})

test('log work', async () => {
  const key = service.addIssue('An issue')
  const { cloud } = clients()
  const { actions, send } = ours()
  await compare(
    () =>
      cloud.issueWorklogs.addWorklog({
        issueIdOrKey: key,
        adjustEstimate: 'leave',
        comment: document('session'),
        started: '2026-11-20T07:30:00.000+0000',
        timeSpentSeconds: 1800,
      } as never),
    () =>
      send(
        actions.logWork({
          issue: key,
          startedAt: '2026-11-20T07:30:00Z',
          seconds: 1800,
          body: 'session',
        }),
      ),
  )
})

test('create a version, move into a sprint, estimate', async () => {
  const key = service.addIssue('An issue')
  const { cloud, agile } = clients()
  const { actions, send } = ours()
  await cloud.projectVersions.createVersion({
    projectId: 10000,
    name: '2.0',
    releaseDate: '2026-12-31',
  } as never)
  const theirs = decoded(last())
  await send(actions.createVersion({ projectId: 10000, name: '2.1', releaseDate: '2026-12-31' }))
  expect(decoded(last())).toMatchObject({ ...theirs, body: { ...(theirs.body as object), name: '2.1' } })
  await compare(
    () => agile.sprint.moveIssuesToSprintAndRank({ sprintId: 7, issues: [key] }),
    () => send(actions.addToSprint({ sprint: 7, issues: [key] })),
  )
  await compare(
    () => agile.issue.estimateIssueForBoard({ issueIdOrKey: key, boardId: 3, value: '5' }),
    () => send(actions.setStoryPoints({ issue: key, board: 3, points: 5 })),
  )
})

test('search, and the other reads', async () => {
  const key = service.addIssue('An issue')
  const { cloud } = clients()
  const transport = plainSender(secrets)
  const adapter = jira({ baseUrl: service.url, apiVersion: 3, projectKey: 'ENG' })
  const { actions } = adapter
  const at = { key: 'read', config: adapter.config }
  const read =
    ({ call }: { call: unknown }) =>
    () =>
      transport.send(call as HttpCall, { timeoutMs: 5_000 })

  await compare(
    () =>
      cloud.issueSearch.searchAndReconsileIssuesUsingJqlPost({
        jql: 'project = ENG',
        fields: ['summary', 'status'],
        maxResults: 50,
      }),
    read(actions.search.build({ query: 'project = ENG', fields: ['summary', 'status'], limit: 50 }, at)),
  )
  await compare(
    () => cloud.issues.getIssue({ issueIdOrKey: key, fields: ['summary'] }),
    read(actions.getIssue.build({ issue: key, fields: ['summary'] }, at)),
  )
  await compare(
    () => cloud.issues.getTransitions({ issueIdOrKey: key, expand: 'transitions.fields' }),
    read(actions.listTransitions.build({ issue: key }, at)),
  )
  await compare(
    () => cloud.projects.getAllStatuses({ projectIdOrKey: 'ENG' }),
    read(actions.listStatuses.build({}, at)),
  )
  await compare(
    () => cloud.projects.searchProjects({ query: 'en' }),
    read(actions.listProjects.build({ query: 'en' }, at)),
  )
  await compare(
    () => cloud.userSearch.findAssignableUsers({ project: 'ENG', query: 'mia' }),
    read(actions.findUsers.build({ query: 'mia', limit: 50 }, at)),
  )
  await compare(() => cloud.issueLinkTypes.getIssueLinkTypes(), read(actions.listLinkTypes.build({}, at)))
  await compare(() => cloud.myself.getCurrentUser(), read(adapter.check))
  await compare(
    () => cloud.issues.bulkFetchIssues({ issueIdsOrKeys: [key], fields: ['status'] }),
    read(
      (actions.setStatus({ issue: key, status: 'Done' })(at) as Descriptor & { repeat: { call: HttpCall } })
        .repeat,
    ),
  )
})
