import type { AnyAdapter } from '@sessionwire/core/adapter'
import { files } from '@sessionwire/files'
import { github } from '@sessionwire/github'
import { jira } from '@sessionwire/jira'
import { linear } from '@sessionwire/linear'
import { neo4j } from '@sessionwire/neo4j'
import { opsera } from '@sessionwire/opsera'
import { otlp } from '@sessionwire/otlp'
import { slack } from '@sessionwire/slack'
import { taiga } from '@sessionwire/taiga'
import { webhook } from '@sessionwire/webhook'

/** The adapters that are measured, Slack and Linear first. */
export const benchAdapters = (): readonly AnyAdapter[] => [
  slack({ channel: 'C0123456789' }),
  linear({ teamId: '9cfb482a-81e3-4154-b5b9-2c805e70a02d' }),
  jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG' }),
  taiga({ project: 'billing' }),
  opsera({ baseUrl: 'https://app.opsera.io', mode: 'execute' }),
  neo4j({ uri: 'bolt://localhost:7687' }),
]

/** All adapters: those, and the four that have no floor for their planning alone. Nothing of them is sent. */
export const everyAdapter = (): readonly AnyAdapter[] => [
  ...benchAdapters(),
  github({ owner: 'acme', repo: 'billing' }),
  files({ root: '/srv/vault' }),
  webhook({}),
  otlp({ endpoint: 'http://localhost:4318' }),
]
