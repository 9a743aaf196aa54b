import { action, cleanText, omitUndefined, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call, linkName, nameOf, oneLine, pages } from './call.ts'
import { Issue, Line, OrSession, Plain } from './input.ts'

/** Adds a link to an issue, or changes the one of the same address. */
export const ATTACHMENT_CREATE = oneLine(`mutation AttachmentCreate($input: AttachmentCreateInput!) {
  attachmentCreate(input: $input) { success attachment { id url } }
}`)
const RELATION_CREATE = oneLine(`mutation IssueRelationCreate($input: IssueRelationCreateInput!) {
  issueRelationCreate(input: $input) { success issueRelation { id } }
}`)
// Relations have no list that can be filtered; those of one issue are few.
const RELATIONS = oneLine(`query FindRelation($issue: String!, $after: String) {
  issue(id: $issue) {
    id
    relations(first: 50, after: $after, includeArchived: true) {
      nodes { id }
      pageInfo { hasNextPage endCursor }
    }
  }
}`)

const WEB = 'expected a web address (http or https)'
const WebAddress = z
  .string(WEB)
  .refine(value => /^https?:\/\/[^\s\p{C}]+$/iu.test(value) && URL.canParse(value), WEB)

/** Links from an issue to addresses and to other issues. */
export const links = {
  addLink: action(
    'addLink',
    z.strictObject({
      issue: OrSession,
      url: WebAddress,
      title: Line,
      subtitle: Plain.optional(),
      iconUrl: WebAddress.optional(),
      /** Strings and numbers that Linear keeps and does not show. */
      metadata: z.record(z.string(), z.union([z.string().transform(cleanText), z.number()])).optional(),
    }),
    ({ issue, url, title, subtitle, iconUrl, metadata }, { config }: Here) => ({
      ...call(config, ATTACHMENT_CREATE, {
        input: omitUndefined({
          issueId: issue,
          url,
          title,
          subtitle,
          iconUrl,
          metadata,
        }),
      }),
      // The same address on the same issue is one attachment, which is updated.
      repeat: 'safe',
      coalesce: { name: nameOf(`link ${url}`, issue) },
    }),
    {
      about: 'Links an address to an issue; the same address again updates the link.',
      example: { issue: 'BIL-212', url: 'https://example.com/runs/17', title: 'Run 17', subtitle: 'passed' },
    },
  ),
  linkIssues: action(
    'linkIssues',
    z.strictObject({
      issue: OrSession,
      to: Issue,
      /** `blocks`: `issue` blocks `to`. Default `related`. */
      kind: z.literal(['blocks', 'duplicate', 'related', 'similar']).default('related'),
    }),
    ({ issue, to, kind }, { key, config }: Here) => {
      const id = uuidFrom(key)
      const name = linkName('relation', key)
      return {
        ...call(config, RELATION_CREATE, {
          input: { id, issueId: issue, relatedIssueId: to, type: kind },
        }),
        captures: { [name]: '/data/issueRelationCreate/issueRelation/id' },
        repeat: {
          by: 'id' as const,
          call: call(config, RELATIONS, { issue }),
          list: '/data/issue/relations/nodes',
          where: { pointer: '/id', equals: id },
          captures: { [name]: '/id' },
          next: pages('/data/issue/relations'),
        },
        asterisk:
          'The answer of Linear to an id that exists already, or to a second relation of the same issues, is not documented.',
      }
    },
    {
      about: 'Links two issues: one blocks, duplicates, resembles or relates to the other.',
      example: { issue: 'BIL-212', to: 'BIL-300', kind: 'blocks' },
    },
  ),
}
