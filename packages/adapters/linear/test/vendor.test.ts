import { LinearClient } from '@linear/sdk'
import { type Descriptor, type Json, type Step, uuidFrom } from '@sessionwire/core/adapter'
import type { Received } from '@sessionwire/core/testing'
import { parse } from 'graphql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LinearConfig } from '../src/config.ts'
import { linear } from '../src/index.ts'
import { type HostileLinear, hostileLinear } from '../src/testing.ts'
import { carrier, refusalOf } from './carrier.ts'

const KEY = '01990000-0000-7000-8000-00000000e001/linear/0'

type Sent = Readonly<{
  method: string
  path: string
  authorization: string | undefined
  contentType: string | undefined
  kind: string
  field: string
  variables: Json
}>

const summarize = ({ method, path, headers, body }: Received): Sent => {
  const { query, variables } = body as Readonly<{ query: string; variables: Json }>
  const [operation] = parse(query).definitions
  if (operation?.kind !== 'OperationDefinition') throw new Error(`no operation: ${query}`)
  const [field] = operation.selectionSet.selections
  return {
    method,
    path,
    authorization: headers.authorization,
    contentType: headers['content-type']?.split(';')[0],
    kind: operation.operation,
    field: field?.kind === 'Field' ? field.name.value : '',
    variables,
  }
}

describe("Linear's own client and ours", () => {
  let server: HostileLinear
  beforeEach(async () => {
    server = await hostileLinear()
  })
  afterEach(() => server.close())

  const adapterOf = (auth: 'apiKey' | 'oauth') =>
    linear({ teamId: server.idOf('team:BIL'), baseUrl: server.url, auth })
  const clientOf = (auth: 'apiKey' | 'oauth') =>
    new LinearClient({
      apiUrl: `${server.url}/graphql`,
      ...(auth === 'oauth' ? { accessToken: 'lin_oauth_test' } : { apiKey: 'lin_api_test' }),
    })
  /** The last request the service got of each. */
  const both = async (
    auth: 'apiKey' | 'oauth',
    run: (client: LinearClient) => Promise<unknown>,
    step: Step<LinearConfig>,
  ) => {
    await run(clientOf(auth))
    const theirs = server.requests().at(-1)
    await server.catchUp()
    const adapter = adapterOf(auth)
    const descriptor: Descriptor = step({ key: KEY, config: adapter.config })
    const { outcome } = await carrier(adapter, server).send(descriptor)
    const ours = server.requests().at(-1)
    if (theirs === undefined || ours === undefined) throw new Error('nothing was sent')
    return { theirs: summarize(theirs), ours: summarize(ours), outcome }
  }

  test.for(['apiKey', 'oauth'] as const)('create the same issue with %s', async auth => {
    const { createIssue } = adapterOf(auth).actions
    const input = { title: 'Lock per invoice', description: 'Two at once', priority: 2 }
    const { theirs, ours } = await both(
      auth,
      client =>
        client.createIssue({
          id: '9c3d6a52-0d0e-4f0b-9d2c-3f5f7f2f0a11',
          teamId: server.idOf('team:BIL'),
          ...input,
        }),
      createIssue({ title: input.title, body: input.description, priority: input.priority }),
    )
    expect(theirs).toMatchObject({ method: 'POST', path: '/graphql', kind: 'mutation', field: 'issueCreate' })
    expect(theirs.authorization).toBe(auth === 'oauth' ? 'Bearer lin_oauth_test' : 'lin_api_test')
    const id = uuidFrom(KEY)
    const variables = theirs.variables as Readonly<{ input: Readonly<Record<string, Json>> }>
    expect(ours).toEqual({ ...theirs, variables: { input: { ...variables.input, id } } })
    expect(
      server
        .issues()
        .slice(-2)
        .map(({ title, description, priority }) => ({ title, description, priority })),
    ).toEqual([input, input])
  })

  test('comment alike', async () => {
    const { theirs, ours, outcome } = await both(
      'apiKey',
      client => client.createComment({ issueId: 'BIL-212', body: 'Reproduced' }),
      adapterOf('apiKey').actions.createComment({ issue: 'BIL-212', body: 'Reproduced' }),
    )
    expect(outcome).toEqual({ kind: 'delivered' })
    expect(theirs.variables).toEqual({ input: { issueId: 'BIL-212', body: 'Reproduced' } })
    expect(ours).toEqual({
      ...theirs,
      variables: { input: { issueId: 'BIL-212', body: 'Reproduced', id: uuidFrom(KEY) } },
    })
  })

  test('move an issue alike, by UUID and by name', async () => {
    const done = server.idOf('state:BIL/Done')
    const run = (client: LinearClient) => client.updateIssue('BIL-212', { stateId: done })
    const { setStatus } = adapterOf('apiKey').actions
    for (const state of [done, 'Done']) {
      const { theirs, ours } = await both('apiKey', run, setStatus({ issue: 'BIL-212', status: state }))
      expect(theirs.variables).toEqual({ id: 'BIL-212', input: { stateId: done } })
      expect(ours).toEqual(theirs)
      expect(server.stateOf('BIL-212')).toBe('Done')
    }
  })

  test('add labels, link and relate alike', async () => {
    const { addLabels, addLink, linkIssues } = adapterOf('apiKey').actions
    const bug = server.idOf('label:Bug')
    const labelled = await both(
      'apiKey',
      client => client.updateIssue('BIL-212', { addedLabelIds: [bug] }),
      addLabels({ issue: 'BIL-212', labels: ['Bug'] }),
    )
    expect(labelled.ours).toEqual(labelled.theirs)
    const link = {
      issueId: 'BIL-212',
      url: 'https://example.com/runs/17',
      title: 'Run 17',
      subtitle: 'passed',
    }
    const { issueId: issue, ...rest } = link
    const linked = await both('apiKey', client => client.createAttachment(link), addLink({ issue, ...rest }))
    expect(linked.ours).toEqual(linked.theirs)
    expect(server.attachments()).toHaveLength(1)
    const related = await both(
      'apiKey',
      client =>
        client.createIssueRelation({
          issueId: 'BIL-212',
          relatedIssueId: 'BIL-300',
          type: 'blocks' as never,
        }),
      linkIssues({ issue: 'BIL-212', to: 'BIL-300', kind: 'blocks' }),
    )
    expect(related.ours.variables).toMatchObject(related.theirs.variables as object)
  })

  test('understand the same errors', async () => {
    const wrong = new LinearClient({ apiUrl: `${server.url}/graphql`, apiKey: 'lin_api_wrong' })
    await expect(wrong.createComment({ issueId: 'BIL-212', body: 'x' })).rejects.toMatchObject({
      type: 'AuthenticationError',
    })
    const client = clientOf('apiKey')
    await expect(client.updateIssue('BIL-999', { title: 'x' })).rejects.toMatchObject({
      type: 'InvalidInput',
    })
    await expect(client.updateIssue('BIL-212', { stateId: 'Done' })).rejects.toMatchObject({
      type: 'InvalidInput',
    })
    server.fail({ failure: { kind: 'throttle', waitSeconds: 30 } })
    await expect(client.updateIssue('BIL-212', { title: 'x' })).rejects.toMatchObject({ type: 'Ratelimited' })
    server.fail({ failure: { kind: 'error', applied: false } })
    await expect(client.updateIssue('BIL-212', { title: 'x' })).rejects.toMatchObject({
      type: 'InternalError',
    })
    expect(
      await refusalOf(adapterOf('apiKey'), server, actions =>
        actions.setStatus({ issue: 'BIL-999', status: 'Done' }),
      ),
    ).toMatch('no workflow state "Done"; there is: nothing')
  })
})
