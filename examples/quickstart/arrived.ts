import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldsOf, type Json } from '@sessionwire/core/adapter'
import type { HostileGithub } from '@sessionwire/github/testing'
import type { HostileJira } from '@sessionwire/jira/testing'
import type { HostileLinear } from '@sessionwire/linear/testing'
import type { HostileNeo4j } from '@sessionwire/neo4j/testing'
import type { HostileOpsera } from '@sessionwire/opsera/testing'
import { attributeOf, type HostileCollector } from '@sessionwire/otlp/testing'
import type { HostileSlack } from '@sessionwire/slack/testing'
import type { HostileTaiga } from '@sessionwire/taiga/testing'
import type { HostileReceiver } from '@sessionwire/webhook/testing'

/** The part of a session that a service has, and the cards in other services that it names. */
export type Arrived = Readonly<{ tool: string; what: string; links: readonly string[] }>

type Services = Readonly<{
  linear: HostileLinear
  slack: HostileSlack
  jira: HostileJira
  github: HostileGithub
  taiga: HostileTaiga
  opsera: HostileOpsera
  webhook: HostileReceiver
  otlp: HostileCollector
  neo4j: HostileNeo4j
  /** The folder of the notes. */
  notes: string
}>

const count = (items: readonly unknown[] | number, noun: string): string => {
  const n = typeof items === 'number' ? items : items.length
  return `${n} ${n === 1 ? noun : noun.replace(/y$/, 'ie').concat('s')}`
}

/** Names of the links in the line of Markdown that shows them. */
const inMarkdown = (text: string | null): readonly string[] =>
  [...(/^\*\*Also in:\*\* (.*)$/m.exec(text ?? '')?.[1] ?? '').matchAll(/\[([^\]]+)\]/g)].map(
    ([, name = '']) => name.replace(/[`\\]/g, ''),
  )

/** Texts of the links in rich text. */
const inBlocks = (value: Json): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(inBlocks)
  const { type, text, elements } = fieldsOf(value)
  return type === 'link' ? [String(text)] : inBlocks(elements ?? [])
}

const nameOf = (link: Json | undefined): string => {
  const { adapter, name } = fieldsOf(link)
  return name === adapter ? String(adapter) : `${String(adapter)} ${String(name)}`
}

/** Makes what reads from each service what it has of the session with this title. */
export const createReader =
  (on: Services) =>
  (sessionId: string, title: string): readonly Arrived[] => {
    const issue = on.linear.issues().find(each => each.title === title)
    const message = on.slack.roots().find(({ text }) => text.includes(title))
    const ticket = on.jira.issues().find(({ summary }) => summary === title)
    const own = on.github.issues().find(each => each.title === title)
    const story = on.taiga.items('userstory').find(({ subject }) => subject === title)
    const [project = {}] = on.opsera.projects().filter(each => String(each.projectName).startsWith(title))
    const slots = Object.values(fieldsOf(project.assets))
    const also = slots.map(slot => fieldsOf(slot)['Also in']).find(Array.isArray) ?? []
    const events = on.webhook.events().filter(({ data }) => fieldsOf(fieldsOf(data).session).id === sessionId)
    const logs = on.otlp.logs().filter(log => attributeOf(log, 'sessionwire.session.id') === sessionId)
    const [note = ''] = readdirSync(join(on.notes, 'Sessions'))
    const text = readFileSync(join(on.notes, 'Sessions', note), 'utf8')
    const isLink = ({ eventName }: (typeof logs)[number]) => eventName === 'sessionwire.session.linked'
    return [
      {
        tool: 'linear',
        what: `issue ${issue?.identifier}, ${count(on.linear.comments(issue?.id), 'comment')}`,
        links: on.linear
          .attachments()
          .filter(({ issueId }) => issueId === issue?.id)
          .map(each => each.title),
      },
      {
        tool: 'slack',
        what: `message, ${count(on.slack.replies(message?.ts ?? ''), 'reply')} in its thread`,
        links: inBlocks(message?.blocks ?? []),
      },
      {
        tool: 'jira',
        what: `issue ${ticket?.key}, ${count(ticket?.comments ?? [], 'comment')}`,
        links: (ticket?.links ?? []).map(link => String(fieldsOf(fieldsOf(link as Json).object).title)),
      },
      {
        tool: 'github',
        what: `issue #${own?.number}, ${count(own?.comments ?? [], 'comment')}`,
        links: inMarkdown(own?.body ?? ''),
      },
      {
        tool: 'taiga',
        what: `user story #${story?.ref}, ${count(story?.comments ?? [], 'comment')}`,
        links: inMarkdown(story?.description ?? ''),
      },
      {
        tool: 'opsera',
        what: 'project with the state of the session',
        links: also.map(each => String(each).replace(/: https:.*/, '')),
      },
      {
        tool: 'webhook',
        what: count(events, 'signed event'),
        links: events.flatMap(({ type, data }) =>
          type.endsWith('.linked') ? [nameOf(fieldsOf(data).link)] : [],
        ),
      },
      {
        tool: 'otlp',
        what: `trace of ${count(on.otlp.spans(), 'span')}, ${count(logs, 'log record')}`,
        links: logs.flatMap(log =>
          isLink(log)
            ? [
                nameOf({
                  adapter: String(attributeOf(log, 'sessionwire.link.adapter')),
                  name: String(attributeOf(log, 'sessionwire.link.name')),
                }),
              ]
            : [],
        ),
      },
      {
        tool: 'neo4j',
        what: `graph of ${count(on.neo4j.listApplied('recordDecision'), 'decision')} and ${count(on.neo4j.listApplied('recordEntity'), 'file')}`,
        links: on.neo4j.listApplied('linkCard').map(each => nameOf(each)),
      },
      {
        tool: 'files',
        what: `note ${note.length > 30 ? `${note.slice(0, 29)}…` : note}`,
        links: inMarkdown(text),
      },
    ]
  }
