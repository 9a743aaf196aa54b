import {
  continueAs,
  type Descriptor,
  fieldsOf,
  type HttpCall,
  type Json,
  omitUndefined,
  type Step,
  showValue,
  step,
} from '@sessionwire/core/adapter'
import type { JiraConfig } from '../config.ts'
import { type Block, type Content, markBlock, rich } from '../text.ts'
import { call, issuePath, markOf, markProperty, quietly } from './call.ts'
import { commentProperties, createComment, quietComment } from './comment.ts'

/*
 * Calls that only hooks send. People write into the description of an issue of ours too: the card is a block between two marks,
 * and an edit replaces that block alone.
 */

const blockOf = (sessionId: string, blocks: readonly Block[], config: JiraConfig) =>
  markBlock(config, blocks, markOf(`card/${sessionId}`))

/** The description of a new issue: the block alone. */
export const descriptionOf = (sessionId: string, blocks: readonly Block[], config: JiraConfig) => {
  const { put } = blockOf(sessionId, blocks, config)
  return typeof put === 'string' ? { wiki: put } : { adf: { version: 1, type: 'doc', content: put } }
}

/** Edits the status comment: that of a linked issue, or the one that carries `key` and its mark. */
const editComment = (body: Content, config: JiraConfig, key?: string) => {
  const mark = key === undefined ? undefined : markOf(key)
  const more = key === undefined || mark === undefined ? {} : markProperty(config, key, mark)
  return {
    ...call(config, 'PUT', issuePath(undefined, '/comment/{comment}'), {
      ...quietComment(config),
      payload: omitUndefined({
        body: rich(config, body, mark),
        properties: commentProperties(config, undefined, more),
      }),
    }),
    repeat: 'safe' as const,
  }
}

/** The card goes on as one comment where people removed its block from the description. */
const continueAsComment = (sessionId: string, blocks: readonly Block[], config: JiraConfig) => {
  const key = `${sessionId}/status`
  // Wiki text carries the mark, which is the same in both; a document does not, and is rendered once.
  const body = config.apiVersion === 3 ? { adf: rich(config, blocks) } : blocks
  return continueAs({
    create: createComment.step({ issue: undefined, body, keepAs: 'comment' })({ key, config }),
    edit: { key, action: 'editCardComment', ...editComment(body, config, key) },
  })
}

/** Edits the block of the session in the description of its own issue; `headed` is the card as a comment of its own. */
export const editCard =
  (sessionId: string, blocks: readonly Block[], headed: readonly Block[]): Step<JiraConfig> =>
  ({ key, config }) => {
    const { between, put } = blockOf(sessionId, blocks, config)
    const isText = typeof put === 'string'
    const edited: Json = { $ref: 'description', between, put }
    return {
      key,
      action: 'editCard',
      ...call(config, 'PUT', issuePath(undefined), {
        ...(config.notifyUsers ? {} : { query: quietly(config) }),
        payload: { fields: { description: isText ? edited : { version: 1, type: 'doc', content: edited } } },
      }),
      before: [
        {
          call: call(config, 'GET', issuePath(undefined), { query: { fields: 'description' } }),
          captures: {
            description: isText
              ? { pick: '/fields/description', otherwise: '' }
              : { pick: '/fields/description/content', otherwise: [] },
          },
          gone: true,
        },
      ],
      instead: continueAsComment(sessionId, headed, config),
      repeat: 'safe',
    }
  }

/** Edits the status comment of a session that is linked to an issue of people. */
export const editCardComment =
  (blocks: readonly Block[]): Step<JiraConfig> =>
  ({ key, config }) => ({ key, action: 'editCardComment', ...editComment(blocks, config) })

/** Gives the issue of the session another title. */
export const renameCard = (title: string): Step<JiraConfig> =>
  step('renameCard', ({ config }) => ({
    ...call(config, 'PUT', issuePath(undefined), {
      ...(config.notifyUsers ? {} : { query: quietly(config) }),
      payload: { fields: { summary: title } },
    }),
    repeat: 'safe',
  }))

/** The path of what was added to an issue: `issue/{issue}/comment`. */
const pathOf = (sent: Descriptor, end: string): string => {
  const { pathname } = new URL((sent as HttpCall & Descriptor).endpoint as string)
  const path = decodeURIComponent(pathname)
  return path.slice(path.lastIndexOf('/issue/') + 1, path.lastIndexOf(end) + end.length)
}

/** Deletes a comment that was added, from the issue it was added to. */
export const removeComment = (sent: Descriptor): Step<JiraConfig> =>
  step('removeComment', ({ config }) => {
    const [name = ''] = Object.keys(sent.captures ?? {})
    return { ...call(config, 'DELETE', `${pathOf(sent, '/comment')}/{${name}}`), repeat: 'safe' }
  })

/** Deletes a link that was added, from the issue it was added to. */
export const removeLink = (sent: Descriptor): Step<JiraConfig> =>
  step('removeLink', ({ config }) => {
    const { globalId } = fieldsOf(sent.payload ?? null)
    return {
      ...call(config, 'DELETE', pathOf(sent, '/remotelink'), { query: { globalId: globalId ?? '' } }),
      repeat: 'safe',
    }
  })

/** The text of a node of a document. */
const textIn = (node: Json): string => {
  const { type, text, content } = fieldsOf(node)
  if (Array.isArray(content)) return content.map(textIn).join('')
  return type === 'hardBreak' ? '\n' : String(text ?? '')
}

/** A body for people, wiki text or a document: its first line, and where that one is bold, the next line behind it. */
export const showBody = (body: Json | undefined): string => {
  const { content } = fieldsOf(body)
  if (!Array.isArray(content)) return showValue(String(body).replace(/^\*(.+)\*$/m, '**$1**'))
  const [first = '', ...more] = content.map(textIn)
  const isHeading = JSON.stringify(content[0] ?? '').includes('"strong"')
  return showValue([isHeading ? `**${first}**` : first, ...more].join('\n'))
}
