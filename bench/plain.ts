import { type AnyAdapter, card, type Session, type SessionEvent } from '@sessionwire/core/adapter'
import type { LinearConfig } from '../packages/adapters/linear/src/config.ts'
import { cardText } from '../packages/adapters/linear/src/text.ts'
import type { SlackConfig } from '../packages/adapters/slack/src/config.ts'
import { cardMessage } from '../packages/adapters/slack/src/text.ts'
import type { PlainPlan } from './planning.ts'

type Event = SessionEvent<'update'>
type Build = (config: never) => (event: Event, session: Session) => unknown

const coalesce = { name: 'card', everyMs: 5000 }

/** One object literal for each adapter: the words come from its text, nothing else does. */
const BUILDS: Readonly<Record<string, Build>> = {
  slack: (config: SlackConfig) => (event, session) => ({
    key: `${event.id}/slack/0`,
    action: 'editCard',
    kind: 'http',
    endpoint: `${config.baseUrl}/chat.update`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.secret },
    limit: 'chat.update',
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: {
      channel: config.channel,
      ts: { $ref: 'thread' },
      ...cardMessage(card(session)),
      parse: 'none',
    },
    repeat: 'safe',
    coalesce,
  }),
  linear: (config: LinearConfig) => (event, session) => ({
    key: `${event.id}/linear/0`,
    action: 'editCard',
    kind: 'http',
    method: 'POST',
    endpoint: `${config.baseUrl}/graphql`,
    auth: { header: 'Authorization', secret: config.secret },
    limit: 'requests',
    payload: {
      query:
        'mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success issue { id } } }',
      variables: { id: { $ref: 'issueId' }, input: { description: cardText(card(session), config) } },
    },
    repeat: 'safe',
    coalesce,
  }),
}

/** The plain function of an adapter. */
export const plainPlans = (adapter: AnyAdapter): PlainPlan => {
  const build = BUILDS[adapter.name]
  if (build === undefined) throw new Error(`there is no floor for ${adapter.name}: write it in plain.ts`)
  const one = build(adapter.config as never)
  return (event, session) => [one(event, session)]
}
