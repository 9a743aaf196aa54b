import {
  httpOutcome,
  type Json,
  type Outcome,
  type Reply,
  type Role,
  retryAfterMs,
  said,
} from '@sessionwire/core/adapter'

type Sent = Readonly<{ action: string; role: Role }>
type Answer = Extract<Reply, { kind: 'answer' }>
type Fields = Readonly<Record<string, Json>>

const isFields = (body: Json): body is Fields =>
  body !== null && typeof body === 'object' && !Array.isArray(body)

/** Calls whose end is that something is no longer there. */
const REMOVES = new Set(['deleteStory', 'deleteTask', 'deleteIssue', 'deleteEpic', 'removeStoryFromEpic'])
/** Calls that speak of a session's own card: when it is gone, the lane stops. */
const OF_CARD = new Set(['editCard', 'editStatus', 'moveCard', 'blockCard'])
/** Calls that Taiga answers with nothing at all. */
const SAYS_NOTHING = new Set([...REMOVES, 'editStatus', 'watch', 'unwatch'])

type Shape = (body: Json) => boolean
const isName = (value: Json | undefined) => typeof value === 'number' || typeof value === 'string'
/** A story, task, issue, epic or page, as it is now: Taiga answers every change of one with the whole of it. */
const isItem: Shape = body => isFields(body) && isName(body.id) && isName(body.version)
/** What Taiga answers where it is no item. */
const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['addStoryToEpic', body => isFields(body) && isName(body.user_story)],
  ['setCustomAttributes', body => isFields(body) && isFields(body.attributes_values ?? null)],
  ['findStatus', Array.isArray],
])

/** How long Taiga asked to wait, ms. It has a header of its own; a proxy before it may use the usual one. */
const waitOf = (headers: Answer['headers']): number | undefined => {
  const seconds = headers['x-throttle-wait-seconds']?.trim() ?? ''
  return /^\d+(\.\d+)?$/.test(seconds) ? Math.ceil(Number(seconds) * 1000) : retryAfterMs(headers)
}

/** A success that is not Taiga's, or none at all: a page of a proxy, half an answer, an error under another status. */
const isStrange = ({ status, body }: Answer, { action, role }: Sent): boolean => {
  if (isFields(body) && typeof body._error_message === 'string') return true
  if (role === 'call' && SAYS_NOTHING.has(action)) return body !== '' && (body !== null || status !== 204)
  if (role === 'call') return !(SHAPES.get(action) ?? isItem)(body)
  return body === null || typeof body !== 'object'
}

const TABLE: Readonly<Record<number, (answer: Answer, sent: Sent, reason: string) => Outcome | undefined>> = {
  400: ({ body }, { action }, reason) => {
    if (!isFields(body)) return undefined
    // Somebody was faster (the text is a string here; in bad input it is a list): read again, send again.
    if (typeof body.version === 'string') return { kind: 'retry', reason }
    if (action === 'addStoryToEpic' && '__all__' in body) return { kind: 'delivered' }
    // There is a page of this slug: the look-up says whether it is ours to use.
    if (action === 'createPage' && '__all__' in body) return { kind: 'unknown', reason }
    if (action === 'editStatus' && typeof body.error === 'string')
      return { kind: 'rejected', reason: `the status comment was deleted: ${reason}`, gone: true }
    return undefined
  },
  // The transport makes this of a 403 to a PATCH or DELETE of something that is not there.
  404: (_, { action, role }, reason) => {
    if (role === 'check')
      return { kind: 'rejected', reason: `this is not the root of Taiga's API: ${reason}` }
    if (OF_CARD.has(action))
      return { kind: 'rejected', reason: `the card was deleted: ${reason}`, gone: true }
    return role === 'call' && REMOVES.has(action) ? { kind: 'delivered' } : undefined
  },
  429: ({ headers }, _, reason) => {
    const waitMs = waitOf(headers)
    return { kind: 'retry', reason, throttled: true, ...(waitMs === undefined ? {} : { waitMs }) }
  },
  451: (_, __, reason) => ({ kind: 'rejected', reason: `the project is blocked: ${reason}` }),
}

/** What a reply of Taiga means. */
export const outcome = (reply: Reply, sent: Sent): Outcome => {
  if (reply.kind === 'failure')
    // Comments are read whole to look one up: more of them than we take in can only be looked up by a person.
    return reply.code === 'too-large' && sent.role === 'look-up'
      ? { kind: 'rejected', reason: reply.reason }
      : httpOutcome(reply, sent)
  const { status, body } = reply
  if (status >= 200 && status < 300)
    return isStrange(reply, sent)
      ? { kind: 'unknown', reason: `${status}, but not Taiga's answer: ${said(body)}` }
      : { kind: 'delivered' }
  return TABLE[status]?.(reply, sent, `${status} ${said(body)}`.trim()) ?? httpOutcome(reply, sent)
}
