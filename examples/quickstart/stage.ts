import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { createStage, type FastClock, type HostileServer, type Stage } from '@sessionwire/core/testing'
import { files } from '@sessionwire/files'
import { github } from '@sessionwire/github'
import { hostileGithub } from '@sessionwire/github/testing'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import { neo4j } from '@sessionwire/neo4j'
import { hostileNeo4j } from '@sessionwire/neo4j/testing'
import { opsera } from '@sessionwire/opsera'
import { hostileOpsera } from '@sessionwire/opsera/testing'
import { otlp } from '@sessionwire/otlp'
import { hostileCollector } from '@sessionwire/otlp/testing'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'

import { webhook } from '@sessionwire/webhook'
import { hostileReceiver } from '@sessionwire/webhook/testing'
import { type Arrived, createReader } from './arrived.ts'

/** Where the notes of a run on this machine are. */
const NOTES = '.sessionwire/notes'

/** The adapters of a run, what else the tracker needs, and the services they meet. */
export type Setting = Readonly<{
  adapters: readonly AnyAdapter[]
  options: Partial<Stage>
  services: ReadonlyMap<string, HostileServer>
  /** Reads from the services what arrived of a session, by adapter; nothing of the real ones. */
  readArrived: (sessionId: string, title: string) => readonly Arrived[]
}>

/** The real services, configured by the environment. */
export const real = (): Setting => {
  const all = [
    linear.fromEnv(),
    slack.fromEnv(),
    jira.fromEnv(),
    taiga.fromEnv(),
    opsera.fromEnv(),
    neo4j.fromEnv(),
    github.fromEnv(),
    files.fromEnv(),
    webhook.fromEnv(),
    otlp.fromEnv(),
  ]
  const adapters = all.filter(adapter => adapter !== undefined)
  if (adapters.length > 0) return { adapters, options: {}, services: new Map(), readArrived: () => [] }
  throw new Error(
    '--live needs at least one service: set LINEAR_API_KEY and LINEAR_TEAM_ID, or SLACK_BOT_TOKEN and SLACK_CHANNEL, ' +
      'or what the README of another adapter names.',
  )
}

/** Services on this machine that behave like the real ones and then fail in many ways. Nothing leaves the machine. */
export const local = async (clock: FastClock): Promise<Setting> => {
  const { now } = clock
  const linearService = await hostileLinear({ now })
  const jiraService = await hostileJira({ now })
  const taigaService = await hostileTaiga({ now })
  const graph = await hostileNeo4j({ now })
  const chat = await hostileSlack({ now })
  const projects = await hostileOpsera({ now })
  const code = await hostileGithub({ now })
  const receiver = await hostileReceiver({ now, toleranceMs: Number.POSITIVE_INFINITY })
  const collector = await hostileCollector({ now })
  const pairs: readonly (readonly [AnyAdapter, HostileServer])[] = [
    [linear({ teamId: 'BIL', statuses: { start: 'In Progress', close: 'Done' } }), linearService],
    [slack({ channel: 'C0123456789' }), chat],
    [
      jira({
        baseUrl: 'https://your-site.atlassian.net',
        projectKey: 'ENG',
        statuses: { start: 'In Progress', close: 'Done' },
      }),
      jiraService,
    ],
    [github({ owner: 'acme', repo: 'billing' }), code],
    [taiga({ project: 'billing', statuses: { start: 'in-progress', close: 'done' } }), taigaService],
    [opsera({ baseUrl: 'https://app.opsera.io', mode: 'execute' }), projects],
    [webhook({}), receiver],
    [otlp({ endpoint: 'http://localhost:4318', content: true }), collector],
    [neo4j({ uri: 'http://localhost:7474' }), graph],
  ]
  const secrets = {
    ...{ LINEAR_API_KEY: 'lin_api_test', SLACK_BOT_TOKEN: chat.token, TAIGA_TOKEN: 'app-token' },
    ...{ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token', GITHUB_TOKEN: code.token },
    ...{ OPSERA_API_KEY: projects.token, SESSIONWIRE_WEBHOOK_URL: receiver.address },
    ...{ SESSIONWIRE_WEBHOOK_SECRET: receiver.secret },
    ...{ NEO4J_USERNAME: graph.username, NEO4J_PASSWORD: graph.password },
  }
  await rm(NOTES, { recursive: true, force: true })
  await mkdir(NOTES, { recursive: true })
  const notes = files({ root: resolve(NOTES) })
  const services = new Map(pairs.map(([adapter, service]) => [adapter.name, service]))
  const adapters = [...pairs.map(([adapter]) => adapter), notes]
  return {
    adapters,
    options: createStage(pairs, secrets, clock),
    services,
    readArrived: createReader({
      ...{ linear: linearService, slack: chat, jira: jiraService, github: code, taiga: taigaService },
      ...{ opsera: projects, webhook: receiver, otlp: collector, neo4j: graph, notes: NOTES },
    }),
  }
}
