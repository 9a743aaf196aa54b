import {
  type Answer,
  type Fields,
  isFields,
  type Json,
  type Outcome,
  type OutcomeTable,
  type Reply,
  readOutcome,
  type SentCall,
} from '@sessionwire/core/adapter'

/** Calls whose end is that something is no longer there. */
const REMOVES = new Set(['deleteStory', 'deleteTask', 'deleteIssue', 'deleteEpic', 'removeStoryFromEpic'])
/** Calls that Taiga answers with an empty body. */
const EMPTY = new Set([...REMOVES, 'editCardComment', 'watch', 'unwatch'])

type Shape = (body: Json) => boolean
const isName = (value: Json | undefined) => typeof value === 'number' || typeof value === 'string'
/** A story, task, issue, epic or page as it is now: Taiga answers every change of one with the whole of it. */
const isItem: Shape = body => isFields(body) && isName(body.id) && isName(body.version)
/** Shapes of answers other than an item, by action. */
const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['addStoryToEpic', body => isFields(body) && isName(body.user_story)],
  ['setCustomAttributes', body => isFields(body) && isFields(body.attributes_values)],
  ['findCardComment', Array.isArray],
])

/** Taiga's errors: generic ones, those of its tokens (401), and a map of fields (400). */
const isError = (status: number, body: Fields): boolean => {
  if (typeof body._error_message === 'string') return true
  if (status === 401) return typeof body.detail === 'string' && typeof body.code === 'string'
  if (status === 500) return typeof body.error === 'string'
  if (status !== 400) return false
  return [body.error, body.version].some(isName) || Object.values(body).every(Array.isArray)
}

/**
 * Whether an answer is in Taiga's own form. Its middleware names its headers of pages in every answer
 * (https://github.com/taigaio/taiga-back/blob/main/taiga/base/middleware/cors.py); only that tells an empty 404 of Taiga from
 * one of a proxy.
 */
export const isOwn = ({ status, headers, body }: Answer): boolean => {
  if (status >= 300 && status < 400) return false
  const isSuccess = status >= 200 && status < 300
  if (body === '' || body === null)
    return isSuccess || (headers['access-control-expose-headers'] ?? '').includes('x-pagination')
  if (typeof body === 'string' || !/\bjson\b/i.test(headers['content-type'] ?? 'application/json'))
    return false
  return isSuccess || (isFields(body) && isError(status, body))
}

/** How long Taiga asks to wait, ms. It has a header of its own; a proxy before it may use the usual one. */
const waitOf = ({ headers }: Answer): number | undefined => {
  const seconds = headers['x-throttle-wait-seconds']?.trim() ?? ''
  return /^\d+(\.\d+)?$/.test(seconds) ? Math.ceil(Number(seconds) * 1000) : undefined
}

/** Whether a success is the answer to this call: not half an answer, nor an error under another status. */
const isDone = ({ status, body }: Answer, { action, role }: SentCall): boolean => {
  if (isFields(body) && typeof body._error_message === 'string') return false
  if (role === 'call' && EMPTY.has(action)) return body === '' || (body === null && status === 204)
  if (role === 'call') return (SHAPES.get(action) ?? isItem)(body)
  return body !== null && typeof body === 'object'
}

const judgeComment = (reason: string): Outcome => ({
  kind: 'rejected',
  reason: `the status comment was deleted: ${reason}`,
  gone: true,
})

const MEANINGS: OutcomeTable['meanings'] = {
  400: ({ body }, { action }, reason) => {
    if (!isFields(body)) return undefined
    // Another edit was faster (a string here, a list in bad input): the version is read again, and the call sent again.
    if (typeof body.version === 'string') return { kind: 'retry', reason }
    if (action === 'addStoryToEpic' && '__all__' in body) return { kind: 'delivered' }
    // There is a page of this slug: the look-up says whether it is ours to use.
    if (action === 'createDocument' && '__all__' in body) return { kind: 'unknown', reason }
    return action === 'editCardComment' && typeof body.error === 'string' ? judgeComment(reason) : undefined
  },
  // Taiga answers so to a change of what is not there, too; the look-up of the card tells.
  403: (_, { role }, reason) => ({ kind: 'rejected', reason, ...(role === 'call' ? { missing: true } : {}) }),
  404: (_, { action, role }, reason) => {
    if (role === 'check')
      return { kind: 'rejected', reason: `this is not the root of Taiga's API: ${reason}` }
    if (role !== 'call') return undefined
    if (REMOVES.has(action)) return { kind: 'delivered' }
    // The status comment is the card of a linked item, and the look-up of the card finds the item alone.
    return action === 'editCardComment' ? judgeComment(reason) : { kind: 'rejected', reason, missing: true }
  },
  451: (_, __, reason) => ({ kind: 'rejected', reason: `the project is blocked: ${reason}` }),
}

/** Maps a reply of Taiga to an outcome. */
export const outcome = (reply: Reply, given: SentCall): Outcome => {
  // Where people removed its block, an edit of the card edits a comment instead.
  const isComment = JSON.stringify(given.call?.endpoint ?? '').includes('/edit_comment')
  const sent = isComment ? { ...given, action: 'editCardComment' } : given
  // A look-up reads all comments: more of them than we take in can only be looked up by a person.
  if (reply.kind === 'failure' && reply.code === 'too-large' && sent.role === 'look-up')
    return { kind: 'rejected', reason: reply.reason }
  const reason = ({ body }: Answer) => (isFields(body) ? body._error_message : undefined)
  return readOutcome({ meanings: MEANINGS, reason, waitMs: waitOf, isDone }, reply, sent)
}
