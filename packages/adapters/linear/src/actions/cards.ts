import {
  continueAs,
  type Descriptor,
  type Link,
  type Lookup,
  type provenance,
  replaceCard,
  type Step,
  step,
  uuidFrom,
  wrapCard,
} from '@sessionwire/core/adapter'
import type { LinearConfig } from '../config.ts'
import { call, create, linkName, oneLine } from './call.ts'
import { teamBy } from './choose.ts'
import { OWN } from './input.ts'
import { ATTACHMENT_CREATE } from './links.ts'

/*
 * Calls that hooks alone send. People write into the description of a session's own issue too: the card is a block between
 * two marks, and an edit replaces that block alone.
 */

/** Changes the given fields of an issue, and nothing else. */
export const ISSUE_UPDATE = oneLine(`mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { success issue { id } }
}`)
/** Changes the text of a comment. */
export const COMMENT_UPDATE = oneLine(`mutation CommentUpdate($id: String!, $input: CommentUpdateInput!) {
  commentUpdate(id: $id, input: $input) { success comment { id } }
}`)

type Origin = Parameters<typeof provenance>[0]

/** Creates a session's own issue, in the configured team and project. */
export const createCard = (title: string, text: string, origin: Origin): Step<LinearConfig> =>
  step('createCard', at => {
    const { teamId, projectId, priority } = at.config
    const team = teamBy(at.config, teamId)
    return {
      ...create(
        'issue',
        at,
        { teamId: team.id, title, description: wrapCard(text, origin), projectId, priority },
        { issueId: '/id', identifier: '/identifier', url: '/url' },
      ),
      ...(team.before.length > 0 ? { before: team.before } : {}),
    }
  })

const DESCRIPTION = 'query CardDescription($id: String!) { issue(id: $id) { id description } }'

/** Adds the one comment that has a session's card to an issue: one that people linked, or the session's own. */
export const createCardComment = (issue: typeof OWN | string, body: string): Step<LinearConfig> =>
  step('createCardComment', at =>
    create(
      'cardComment',
      at,
      { issueId: issue, body },
      { issueId: '/issue/id', commentId: '/id', identifier: '/issue/identifier', url: '/issue/url' },
    ),
  )

/** Edits that comment. */
export const editCardComment = (body: string): Step<LinearConfig> =>
  step('editCardComment', ({ config }) => ({
    ...call(config, COMMENT_UPDATE, { id: { $ref: 'commentId' }, input: { body } }),
    repeat: 'safe',
  }))

/**
 * Edits the session's block in the description of its own issue. Where people removed the block it stays removed, and the
 * card goes on as one comment with the text `comment`.
 */
export const editCard = (text: string, comment: string, origin: Origin): Step<LinearConfig> =>
  step('editCard', ({ config }) => {
    // The key is of the session and not of the event, so that each edit finds the same comment.
    const at = { key: `${origin.session.id}/status`, config }
    return {
      ...call(config, ISSUE_UPDATE, {
        id: OWN,
        input: { description: replaceCard('description', text, origin) },
      }),
      before: [
        {
          call: call(config, DESCRIPTION, { id: OWN }),
          captures: { description: { pick: '/data/issue/description', otherwise: '' } },
          gone: true,
        },
      ],
      instead: continueAs({
        create: createCardComment(OWN, comment)(at),
        edit: editCardComment(comment)(at),
      }),
      repeat: 'safe',
    }
  })

/** Adds a comment below the card: a decision, a blocker, its end, the summary. */
export const createEntry = (body: string): Step<LinearConfig> =>
  step('createEntry', at =>
    create('comment', at, { issueId: OWN, body }, { [linkName('entry', at.key)]: '/url' }),
  )

/** Gives the session's own issue another title. */
export const renameCard = (title: string): Step<LinearConfig> =>
  step('renameCard', ({ config }) => ({
    ...call(config, ISSUE_UPDATE, { id: OWN, input: { title } }),
    repeat: 'safe',
  }))

const ATTACHMENT_DELETE = 'mutation LinkDelete($id: String!) { attachmentDelete(id: $id) { success } }'

/** The name under which the link to an address is captured. */
const linkIdOf = (url: string): string => `link-${uuidFrom(url)}`

/** Links the session's issue to another card of the session. */
export const linkCard = ({ link, title }: Readonly<{ link: Link; title: string }>): Step<LinearConfig> =>
  step('linkCard', ({ config }) => ({
    ...call(config, ATTACHMENT_CREATE, { input: { issueId: OWN, url: link.url, title } }),
    captures: { [linkIdOf(link.url)]: '/data/attachmentCreate/attachment/id' },
    // The same address on the same issue is one attachment, which is updated.
    repeat: 'safe',
  }))

/** Deletes the link to an address from the session's issue. */
export const removeLink = (url: string): Step<LinearConfig> =>
  step('removeLink', ({ config }) => ({
    ...call(config, ATTACHMENT_DELETE, { id: { $ref: linkIdOf(url) } }),
    repeat: 'safe',
  }))

/** Deletes the link that was added to another card of the session. */
export const removeCardLink = ({ links = [] }: Descriptor): Step<LinearConfig> =>
  removeLink(links[0]?.url ?? '')

const COMMENT_DELETE = 'mutation CommentDelete($id: String!) { commentDelete(id: $id) { success } }'

/** Deletes a comment that was added; its id was made of the key. */
export const removeComment = ({ key: added }: Descriptor): Step<LinearConfig> =>
  step('removeComment', ({ config }) => ({
    ...call(config, COMMENT_DELETE, { id: uuidFrom(added) }),
    repeat: 'safe',
  }))

/** Reads of the session's card: the comment where it is one, else the issue. */
export const cardLookups = (config: LinearConfig): readonly Lookup[] => [
  {
    call: call(config, 'query CardComment($id: String!) { comment(id: $id) { id } }', {
      id: { $ref: 'commentId' },
    }),
  },
  { call: call(config, 'query Card($id: String!) { issue(id: $id) { id } }', { id: OWN }) },
]
