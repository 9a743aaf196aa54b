import { action, defined, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { plain } from '../text.ts'
import { call, linkName, nameOf, oneLine, pages } from './call.ts'
import { Issue, Title } from './input.ts'

const ATTACHMENT_CREATE = oneLine(`mutation AttachmentCreate($input: AttachmentCreateInput!) {
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

const WebAddress = z
  .string()
  .refine(
    value => /^https?:\/\/\S+$/i.test(value) && URL.canParse(value),
    'must be a web address (http or https)',
  )

/** What leads from an issue to something else. */
export const links = {
  attachLink: action(
    'attachLink',
    z.strictObject({
      issue: Issue,
      url: WebAddress,
      title: Title,
      subtitle: z.string().optional(),
      iconUrl: WebAddress.optional(),
      /** Texts and numbers, shown nowhere but kept. */
      metadata: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    }),
    ({ issue, url, title, subtitle, iconUrl, metadata }, { config }: Here) => ({
      ...call(config, ATTACHMENT_CREATE, {
        input: defined({
          issueId: issue,
          url,
          title,
          subtitle: subtitle === undefined ? undefined : plain(subtitle),
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
  createRelation: action(
    'createRelation',
    z.strictObject({
      issue: Issue,
      /** `blocks`: `issue` blocks `relatedIssue`. */
      type: z.literal(['blocks', 'duplicate', 'related', 'similar']),
      relatedIssue: Issue,
    }),
    ({ issue, type, relatedIssue }, { key, config }: Here) => {
      const id = uuidFrom(key)
      const name = linkName('relation', key)
      return {
        ...call(config, RELATION_CREATE, {
          input: { id, issueId: issue, relatedIssueId: relatedIssue, type },
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
          'What Linear answers to an id it knows, or to a second relation of the same issues, is not documented.',
      }
    },
    {
      about: 'Relates two issues: one blocks, duplicates, resembles or has to do with the other.',
      example: { issue: 'BIL-212', type: 'blocks', relatedIssue: 'BIL-300' },
    },
  ),
}
