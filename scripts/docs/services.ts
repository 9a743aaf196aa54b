import { files } from '../../packages/adapters/files/src/index.ts'
import { github } from '../../packages/adapters/github/src/index.ts'
import { jira } from '../../packages/adapters/jira/src/index.ts'
import { linear } from '../../packages/adapters/linear/src/index.ts'
import { neo4j } from '../../packages/adapters/neo4j/src/index.ts'
import { opsera } from '../../packages/adapters/opsera/src/index.ts'
import { otlp } from '../../packages/adapters/otlp/src/index.ts'
import { slack } from '../../packages/adapters/slack/src/index.ts'
import { taiga } from '../../packages/adapters/taiga/src/index.ts'
import { webhook } from '../../packages/adapters/webhook/src/index.ts'
import type { AnyAdapter } from '../../packages/core/src/adapter.ts'

/** One way to use an adapter. The first of a service is its default and has no name. */
export type Way = Readonly<{ name: string; adapter: AnyAdapter }>

/** A service as the tables show it. */
export type Service = Readonly<{
  title: string
  /** Its package's folder. */
  folder: string
  /** The form of a session there. */
  session: string
  /** The same for a reader who does not know this project. */
  sees: string
  ways: readonly [Way, ...Way[]]
}>

const by = (adapter: AnyAdapter, name = ''): Way => ({ name, adapter })

/** Every service, in the order of the tables. */
export const SERVICES: readonly Service[] = [
  {
    title: 'Linear',
    folder: 'packages/adapters/linear',
    session: 'an issue with comments, or one status comment on yours',
    sees: 'one issue with goal, progress and blockers; a comment for each decision and blocker',
    ways: [by(linear({ teamId: 'BIL', statuses: { start: 'In Progress', close: 'Done' } }))],
  },
  {
    title: 'Jira',
    folder: 'packages/adapters/jira',
    session: 'an issue with comments, or one status comment on yours',
    sees: 'one issue with goal, progress and blockers; a comment for each decision and blocker',
    ways: [
      by(
        jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG', statuses: { close: 'Done' } }),
      ),
      by(
        jira({ baseUrl: 'https://jira.example.com', projectKey: 'ENG', statuses: { close: 'Done' } }),
        'Data Center',
      ),
    ],
  },
  {
    title: 'Slack',
    folder: 'packages/adapters/slack',
    session: 'a message with a thread; with a webhook, messages',
    sees: 'one message that is edited, with a thread of decisions and blockers; by webhook, a few messages',
    ways: [by(slack({ channel: 'C0123456789' })), by(slack({ auth: 'webhook' }), 'webhook')],
  },
  {
    title: 'GitHub',
    folder: 'packages/adapters/github',
    session: 'an issue with comments, or one status comment on yours',
    sees: 'one issue, or one comment on your issue or pull request; a comment for each decision and blocker; a check',
    ways: [by(github({ owner: 'acme', repo: 'billing' }))],
  },
  {
    title: 'Taiga',
    folder: 'packages/adapters/taiga',
    session: 'a user story, task or issue with comments, or one status comment on yours',
    sees: 'one user story, task or issue; a comment for each decision and blocker',
    ways: [by(taiga({ project: 'billing', statuses: { close: 'done' } }))],
  },
  {
    title: 'Opsera',
    folder: 'packages/adapters/opsera',
    session: 'a project, or a place in the assets of one you share',
    sees: 'a project for the session, or its part of the assets of a project you share',
    ways: [by(opsera({ baseUrl: 'https://app.opsera.io' }))],
  },
  {
    title: 'Files',
    folder: 'packages/adapters/files',
    session: 'a Markdown note in a folder or an Obsidian vault, with lines in its log',
    sees: 'one Markdown note in a folder or an Obsidian vault; a line for each decision and blocker; decision records',
    ways: [by(files({ root: '/home/ada/vault', timeZone: 'UTC' }))],
  },
  {
    title: 'Webhook',
    folder: 'packages/adapters/webhook',
    session: 'a signed event for each step, at an address of yours',
    sees: 'whatever your receiver makes of the events: one for each step, signed, in order',
    ways: [by(webhook({}))],
  },
  {
    title: 'OTLP',
    folder: 'packages/adapters/otlp',
    session: 'log records, and the spans of a trace',
    sees: 'log records and spans while it goes on, its own span when it ends, in any OpenTelemetry backend',
    ways: [by(otlp({ endpoint: 'http://localhost:4318' }))],
  },
  {
    title: 'Neo4j',
    folder: 'packages/adapters/neo4j',
    session: 'a graph of sessions, progress, decisions, entities, blockers',
    sees: 'a graph of sessions, decisions, files and blockers, for questions across projects',
    ways: [by(neo4j({ uri: 'bolt://localhost:7687' }))],
  },
]
