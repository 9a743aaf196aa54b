import {
  type AnyAdapter,
  card,
  plan,
  provenance,
  provenanceText,
  replaceCard,
  type Session,
  type SessionEvent,
  uuidFrom,
} from '@sessionwire/core/adapter'

import { neo4j } from '@sessionwire/neo4j'
import type { JiraConfig } from '../packages/adapters/jira/src/config.ts'
import { cardBlocks, markBlock, rich } from '../packages/adapters/jira/src/text.ts'
import type { LinearConfig } from '../packages/adapters/linear/src/config.ts'
import { cardComment, cardText } from '../packages/adapters/linear/src/text.ts'
import type { Neo4jConfig } from '../packages/adapters/neo4j/src/config.ts'
import { clean } from '../packages/adapters/neo4j/src/text.ts'
import type { OpseraConfig } from '../packages/adapters/opsera/src/config.ts'
import { cardFields, nameOf } from '../packages/adapters/opsera/src/text.ts'
import type { SlackConfig } from '../packages/adapters/slack/src/config.ts'
import { cardContent } from '../packages/adapters/slack/src/text.ts'
import type { TaigaConfig } from '../packages/adapters/taiga/src/config.ts'
import { markdown as taigaMarkdown } from '../packages/adapters/taiga/src/text.ts'
import { type PlainPlan, updates } from './updates.ts'

type Event = SessionEvent<'update'>
type Build = (config: never) => (event: Event, session: Session) => unknown

/** The adapter's own statement, read once: the floor pastes it, as a plain function would. */
const STATEMENT = (
  plan(
    neo4j({ uri: 'bolt://localhost:7687' }),
    updates()[0].event,
    updates()[0].session,
  )[0] as unknown as Readonly<{
    payload: Readonly<{ statement: string }>
  }>
).payload.statement

/** Library and version, which Jira keeps with a comment. */
const WRITTEN_BY = provenance({ session: { id: '' }, event: { id: '' } }).by

const coalesce = { name: 'card', everyMs: 5000 }

/** One object literal for each adapter: the words come from its text, nothing else does. */
const BUILDS: Readonly<Record<string, Build>> = {
  slack: (config: SlackConfig) => (event, session) => ({
    key: `${event.id}/slack/0`,
    action: 'editCard',
    kind: 'http',
    endpoint: `${config.baseUrl}/chat.update`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.secrets.SLACK_BOT_TOKEN },
    limit: 'chat.update',
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: {
      channel: config.channel,
      ts: { $ref: 'thread' },
      ...cardContent(card(session)),
      parse: 'none',
    },
    repeat: 'safe',
    coalesce,
  }),
  linear: (config: LinearConfig) => (event, session) => {
    const shown = card(session)
    const sent = {
      kind: 'http',
      method: 'POST',
      endpoint: `${config.baseUrl}/graphql`,
      auth: { header: 'Authorization', secret: config.secrets.LINEAR_API_KEY },
      limit: 'requests',
    }
    const id = { $ref: 'issueId' }
    const commentId = uuidFrom(`${session.id}/status`)
    const body = cardComment(shown, { session, event }, config)
    return {
      key: `${event.id}/linear/0`,
      action: 'editCard',
      ...sent,
      payload: {
        query:
          'mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success issue { id } } }',
        variables: {
          id,
          input: { description: replaceCard('description', cardText(shown, config), { session, event }) },
        },
      },
      before: [
        {
          call: {
            ...sent,
            payload: {
              query: 'query CardDescription($id: String!) { issue(id: $id) { id description } }',
              variables: { id },
            },
          },
          captures: { description: { pick: '/data/issue/description', otherwise: '' } },
          gone: true,
        },
      ],
      instead: {
        find: {
          call: {
            ...sent,
            payload: {
              query:
                'query FindComments($id: ID!) { comments(first: 1, includeArchived: true, filter: { id: { eq: $id } }) { nodes { id issue { id identifier url } } } }',
              variables: { id: commentId },
            },
          },
          list: '/data/comments/nodes',
          where: { pointer: '/id', equals: commentId },
          captures: {
            ...{ issueId: '/issue/id', commentId: '/id' },
            ...{ identifier: '/issue/identifier', url: '/issue/url' },
          },
        },
        create: {
          ...sent,
          payload: {
            query:
              'mutation CommentCreate($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id issue { id identifier url } } } }',
            variables: { input: { id: commentId, issueId: id, body } },
          },
        },
        edit: {
          ...sent,
          payload: {
            query:
              'mutation CommentUpdate($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success comment { id } } }',
            variables: { id: { $ref: 'commentId' }, input: { body } },
          },
        },
      },
      repeat: 'safe',
      coalesce,
    }
  },
  jira: (config: JiraConfig) => (event, session) => {
    const shown = card(session)
    const sent = {
      kind: 'http',
      auth: { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] },
      headers: { accept: 'application/json' },
    }
    const issue = 'https://your-site.atlassian.net/rest/api/3/issue/{issue}'
    const markOf = (key: string): string => `sw-${uuidFrom(key).replaceAll('-', '').slice(0, 16)}`
    const { between, put } = markBlock(config, cardBlocks(shown, false), markOf(`card/${session.id}`))
    const key = `${session.id}/status`
    const mark = markOf(key)
    const comment = {
      body: rich(config, cardBlocks(shown, true)),
      properties: [
        { key: 'sessionwire', value: { key, mark, by: WRITTEN_BY } },
        { key: 'sd.public.comment', value: { internal: true } },
      ],
    }
    return {
      key: `${event.id}/jira/0`,
      action: 'editCard',
      ...sent,
      method: 'PUT',
      endpoint: issue,
      limit: 'write',
      payload: {
        fields: {
          description: { version: 1, type: 'doc', content: { $ref: 'description', between, put } },
        },
      },
      before: [
        {
          call: { ...sent, method: 'GET', endpoint: issue, limit: 'read', query: { fields: 'description' } },
          captures: { description: { pick: '/fields/description/content', otherwise: [] } },
          gone: true,
        },
      ],
      instead: {
        find: {
          call: {
            ...sent,
            method: 'GET',
            endpoint: `${issue}/comment`,
            limit: 'read',
            query: { expand: 'properties', maxResults: 100, orderBy: '-created' },
          },
          list: '/comments',
          where: { pointer: '', contains: mark },
          captures: { comment: '/id' },
          next: { cursor: '/total', into: '/query/startAt', counted: true },
        },
        create: { ...sent, method: 'POST', endpoint: `${issue}/comment`, limit: 'write', payload: comment },
        edit: {
          ...sent,
          method: 'PUT',
          endpoint: `${issue}/comment/{comment}`,
          limit: 'write',
          payload: comment,
        },
      },
      repeat: 'safe',
      coalesce,
    }
  },
  taiga: (config: TaigaConfig) => (event, session) => {
    const shown = card(session)
    const name = `\`session-${session.id}\``
    const comment = `${taigaMarkdown.card(shown, config, { isHeaded: true })}\n\n${provenanceText({ session, event })}\n\n${name}`
    const marked = `${comment}\n\n\`evt-${uuidFrom(`${session.id}/status`)}\``
    const history = `${config.baseUrl}/history/userstory/{storyId}`
    const place = {
      kind: 'http',
      endpoint: `${config.baseUrl}/userstories/{storyId}`,
      auth: { header: 'Authorization', prefix: 'Application ', secret: 'TAIGA_TOKEN' },
      headers: { 'accept-language': 'en' },
    }
    return {
      key: `${event.id}/taiga/0`,
      action: 'editCard',
      ...place,
      method: 'PATCH',
      payload: {
        description: replaceCard('description', taigaMarkdown.card(shown, config), { session, event }),
        version: { $ref: 'version' },
      },
      before: [
        {
          call: { ...place, method: 'GET' },
          captures: { version: '/version', description: { pick: '/description', otherwise: '' } },
          noun: 'user story of the session',
          gone: true,
        },
      ],
      instead: {
        find: {
          call: { ...place, method: 'GET', endpoint: history, query: { type: 'comment', page_size: 100 } },
          list: '',
          where: { pointer: '/comment', contains: name },
          captures: { statusId: '/id' },
        },
        create: { ...place, method: 'PATCH', payload: { comment: marked, version: 1 } },
        edit: {
          ...place,
          method: 'POST',
          endpoint: `${history}/edit_comment`,
          query: { id: { $ref: 'statusId' } },
          payload: { comment },
        },
      },
      repeat: 'safe',
      coalesce,
    }
  },
  opsera: (config: OpseraConfig) => (event, session) => {
    const sent = {
      kind: 'http',
      auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'OPSERA_API_KEY' },
      limit: 'requests',
    }
    const projectId = `session-${session.id}`
    const shown = card(session)
    return {
      key: `${event.id}/opsera/0`,
      action: 'editCard',
      ...sent,
      method: 'PUT',
      endpoint: `${config.baseUrl}/api/v2/data/project/{project}`,
      payload: {
        projectId,
        projectName: nameOf(shown, session.id),
        externalId: session.id,
        assets: {
          $ref: 'assets',
          with: {
            [projectId]: { ...cardFields(shown, session.id), Source: provenanceText({ session, event }) },
          },
        },
      },
      before: [
        {
          call: { ...sent, method: 'GET', endpoint: `${config.baseUrl}/api/v2/data/projects` },
          list: '/data',
          where: { pointer: '/projectId', equals: projectId },
          captures: { assets: { pick: '/assets', otherwise: {} } },
          noun: 'project',
          offer: '/projectId',
          gone: true,
        },
      ],
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 30_000 },
      asterisk:
        "Opsera documents neither the path of a project's update nor whether it replaces or merges; what we own is sent whole.",
    }
  },
  neo4j: (config: Neo4jConfig) => (event, session) => ({
    key: `${event.id}/neo4j/0`,
    action: 'recordProgress',
    kind: 'custom',
    target: 'bolt',
    auth: { basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'] },
    endpoint: config.uri,
    payload: {
      database: 'neo4j',
      statement: STATEMENT,
      parameters: {
        ...{ sessionId: session.id, project: clean(session.project), eventId: event.id, at: event.time },
        ...{ seq: event.sequence, message: clean(event.payload.description) },
        ...{ tags: event.payload.tags.map(clean), nextSteps: [], progress: event.payload.progress ?? null },
        ...{ usage: null, total: null },
      },
    },
    repeat: 'safe',
  }),
}

/** The plain function of an adapter. */
export const plainPlans = (adapter: AnyAdapter): PlainPlan => {
  const build = BUILDS[adapter.name]
  if (build === undefined) throw new Error(`there is no floor for ${adapter.name}: write it in plain.ts`)
  const one = build(adapter.config as never)
  return (event, session) => [one(event, session)]
}
