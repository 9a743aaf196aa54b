import { createTracker, memoryStore } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { HostileServer } from '@sessionwire/core/testing'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import { neo4j } from '@sessionwire/neo4j'
import { hostileNeo4j } from '@sessionwire/neo4j/testing'
import { opsera } from '@sessionwire/opsera'
import { hostileOpsera } from '@sessionwire/opsera/testing'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { expect, test } from 'vitest'

/** A service, what it shows people, and what `forget` leaves there and names: actions of `remaining`, in order. */
type Place = Readonly<{
  server: HostileServer
  adapter: AnyAdapter
  secrets: Readonly<Record<string, string>>
  shown: () => unknown
  deletes: number
  remaining: readonly string[]
}>

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  linear: async () => {
    const server = await hostileLinear({ apiKey: 'lin_api_test' })
    const adapter = linear({ teamId: 'BIL', baseUrl: server.url, statuses: { close: 'Done' } })
    const shown = () => [server.issues(), server.comments()]
    // The address of an issue has its title, and the store keeps it.
    const remaining = ['createCard']
    return { server, adapter, secrets: { LINEAR_API_KEY: 'lin_api_test' }, shown, deletes: 5, remaining }
  },
  jira: async () => {
    const server = await hostileJira({ lockDone: false })
    const adapter = jira({
      baseUrl: server.address,
      projectKey: 'ENG',
      deployment: 'cloud',
      statuses: { close: 'Done' },
    })
    const secrets = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }
    return { server, adapter, secrets, shown: server.issues, deletes: 5, remaining: [] }
  },
  slack: async () => {
    const server = await hostileSlack({ token: 'xoxb-test' })
    const adapter = slack({ channel: 'C0123456789', baseUrl: server.api })
    const shown = () => [server.roots(), server.roots().flatMap(({ ts }) => server.replies(ts))]
    return { server, adapter, secrets: { SLACK_BOT_TOKEN: 'xoxb-test' }, shown, deletes: 5, remaining: [] }
  },
  // Taiga keeps the text of a deleted comment, so its comments are named.
  taiga: async () => {
    const server = await hostileTaiga({ applicationTokens: { token: 'mirror-bot' } })
    const adapter = taiga({ project: 'billing', baseUrl: server.baseUrl })
    const shown = () => server.items('userstory').map(({ comments: _, ...item }) => item)
    const remaining = [...Array.from({ length: 5 }, () => 'createComment')]
    return { server, adapter, secrets: { TAIGA_TOKEN: 'token' }, shown, deletes: 0, remaining }
  },
  opsera: async () => {
    const server = await hostileOpsera({ token: 'canary' })
    const adapter = opsera({ baseUrl: server.url, mode: 'execute', put: 'merge' })
    return {
      ...{ server, adapter, secrets: { OPSERA_API_KEY: 'canary' }, shown: server.projects },
      ...{ deletes: 0, remaining: [] },
    }
  },
  neo4j: async () => {
    const server = await hostileNeo4j({ username: 'user', password: 'password' })
    const adapter = neo4j({ uri: server.url })
    // One statement deletes all of a session: the action `forgetSession`.
    const remaining = [
      'startSession',
      'recordProgress',
      'recordDecision',
      'openBlocker',
      'resolveBlocker',
      'endSession',
    ]
    const secrets = { NEO4J_USERNAME: 'user', NEO4J_PASSWORD: 'password' }
    return { server, adapter, secrets, shown: () => [], deletes: 0, remaining }
  },
}

test.for(Object.keys(PLACES))('%s shows nothing of a forgotten session, or forget names it', async name => {
  const { server, adapter, secrets, shown, deletes, remaining } = await (
    PLACES[name] as () => Promise<Place>
  )()
  const store = memoryStore()
  const tracker = await createTracker({
    project: 'billing',
    user: 'ada',
    store,
    adapters: [adapter],
    secrets: each => secrets[each],
    drainOnClose: 0,
    policy: { afterMs: 0, backoffMs: 1, backoffMaxMs: 5 },
  })
  const session = await tracker.start({ goal: 'Okapi one' })
  await tracker.drain({ timeoutMs: 60_000 })
  await session.update('Okapi two', { nextSteps: ['Okapi'], progress: 20 })
  await session.decide('Okapi three', { rationale: 'Okapi' })
  const blocker = await session.block('Okapi four')
  await blocker.resolve('Okapi five')
  if ('createComment' in adapter.actions || 'createMessage' in adapter.actions) {
    const act = tracker.act as (...given: readonly unknown[]) => Promise<unknown>
    const issue = name === 'taiga' ? { kind: 'userstory', issue: 'session' } : {}
    const thread = name === 'slack' ? { thread: 'session' } : {}
    await act(
      adapter.name,
      'createComment' in adapter.actions ? 'createComment' : 'createMessage',
      { body: 'Okapi six', ...issue, ...thread },
      { sessionId: session.id },
    )
  }
  await session.close({ summary: 'Okapi seven' })
  await tracker.drain({ timeoutMs: 60_000 })
  expect((await tracker.deliveries({ state: 'dead' })).map(({ key, reason }) => [key, reason])).toEqual([])
  if (name !== 'neo4j') expect(JSON.stringify(shown())).toContain('Okapi')
  const forgotten = await tracker.forget(session.id)
  expect(forgotten.remaining.map(({ action }) => action)).toEqual(remaining)
  expect(forgotten.deleting).toHaveLength(deletes)
  await tracker.drain({ timeoutMs: 60_000 })
  expect((await tracker.deliveries({ state: 'dead' })).map(({ key, reason }) => [key, reason])).toEqual([])
  expect(JSON.stringify(shown())).not.toContain('Okapi')
  expect(
    JSON.stringify([await store.list({ lane: session.id }), await store.events(session.id)]),
  ).not.toContain('Okapi')
  // A second call finds nothing left to do but the edit.
  expect(await tracker.forget(session.id)).toMatchObject({ deleting: [], remaining: [] })
  await tracker.close()
  await server.close()
})
