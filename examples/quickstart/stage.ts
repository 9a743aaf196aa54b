import type { AnyAdapter } from '@sessionwire/core/adapter'
import { createStage, type FastClock, type HostileServer, type Stage } from '@sessionwire/core/testing'
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

/** The adapters of a run, what else the tracker needs, and the services they meet. */
export type Setting = Readonly<{
  adapters: readonly AnyAdapter[]
  options: Partial<Stage>
  services: ReadonlyMap<string, HostileServer>
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
  ]
  const adapters = all.filter(adapter => adapter !== undefined)
  if (adapters.length > 0) return { adapters, options: {}, services: new Map() }
  throw new Error(
    '--live needs at least one service: set LINEAR_API_KEY and LINEAR_TEAM_ID, or SLACK_BOT_TOKEN and SLACK_CHANNEL, ' +
      'or what the README of another adapter names.',
  )
}

/** Services on this machine that behave like the real ones and then fail in many ways. Nothing leaves the machine. */
export const local = async (clock: FastClock): Promise<Setting> => {
  const { now } = clock
  const graph = await hostileNeo4j({ now })
  const chat = await hostileSlack({ now })
  const projects = await hostileOpsera({ now })
  const pairs: readonly (readonly [AnyAdapter, HostileServer])[] = [
    [
      linear({ teamId: 'BIL', statuses: { start: 'In Progress', close: 'Done' } }),
      await hostileLinear({ now }),
    ],
    [slack({ channel: 'C0123456789' }), chat],
    [
      jira({
        baseUrl: 'https://your-site.atlassian.net',
        projectKey: 'ENG',
        statuses: { start: 'In Progress', close: 'Done' },
      }),
      await hostileJira({ now }),
    ],
    [
      taiga({ project: 'billing', statuses: { start: 'in-progress', close: 'done' } }),
      await hostileTaiga({ now }),
    ],
    [opsera({ baseUrl: 'https://app.opsera.io', mode: 'execute' }), projects],
    [neo4j({ uri: 'http://localhost:7474' }), graph],
  ]
  const secrets = {
    ...{ LINEAR_API_KEY: 'lin_api_test', SLACK_BOT_TOKEN: chat.token, TAIGA_TOKEN: 'app-token' },
    ...{ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' },
    ...{ OPSERA_API_KEY: projects.token },
    ...{ NEO4J_USERNAME: graph.username, NEO4J_PASSWORD: graph.password },
  }
  const options = createStage(pairs, secrets, clock)
  const services = new Map(pairs.map(([adapter, service]) => [adapter.name, service]))
  return { adapters: pairs.map(([adapter]) => adapter), options, services }
}
