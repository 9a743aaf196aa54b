import {
  type Call,
  httpOutcome,
  type Json,
  type Outcome,
  type Reply,
  type Role,
  retryAfterMs,
  said,
} from '@sessionwire/core/adapter'

type Fields = Readonly<Record<string, Json>>
type Sent = Readonly<{ action: string; role: Role; call?: Call }>
type Answer = Extract<Reply, { kind: 'answer' }>
type Kind = 'throttled' | 'denied' | 'busy' | 'refused' | 'missing' | 'broken'
type Row = Readonly<{ kind: Kind; code?: string; type?: string; says?: RegExp }>

/**
 * What Linear's errors mean, by `extensions.code`, `extensions.type` (the words its own SDK knows) and message. The
 * first row that fits counts. Status alone says little: errors come with 200 and with 400, a rate limit with 400.
 * https://linear.app/developers/graphql, https://linear.app/developers/rate-limiting
 */
const ROWS: readonly Row[] = [
  { kind: 'throttled', code: 'RATELIMITED' },
  { kind: 'throttled', type: 'ratelimited' },
  { kind: 'denied', code: 'AUTHENTICATION_ERROR' },
  { kind: 'denied', type: 'authentication error' },
  { kind: 'busy', type: 'lock timeout' },
  { kind: 'missing', says: /^Entity not found/i },
  { kind: 'refused', code: 'FORBIDDEN' },
  { kind: 'refused', type: 'forbidden' },
  { kind: 'refused', code: 'FEATURE_NOT_ACCESSIBLE' },
  { kind: 'refused', type: 'feature not accessible' },
  { kind: 'refused', code: 'GRAPHQL_VALIDATION_FAILED' },
  { kind: 'refused', code: 'INPUT_ERROR' },
  { kind: 'refused', type: 'graphql error' },
  { kind: 'refused', type: 'invalid input' },
  { kind: 'refused', type: 'user error' },
  { kind: 'refused', type: 'usage limit exceeded' },
  { kind: 'refused', says: /^Argument Validation Error/i },
  { kind: 'broken', type: 'internal error' },
  { kind: 'broken', code: 'INTERNAL_SERVER_ERROR' },
]

/** Of several errors the one that forbids most is believed. */
const ORDER: readonly Kind[] = ['throttled', 'denied', 'busy', 'broken', 'missing', 'refused']

/** What a session does to its own card: for these a missing entity is the card itself. */
const OF_CARD = new Set(['editCard', 'editStatus', 'createEntry'])

const fields = (value: Json | undefined): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

const kindOf = (error: Json, status: number): Kind => {
  const { message, extensions } = fields(error)
  const { code, type, statusCode } = fields(extensions)
  const row = ROWS.find(
    each =>
      (each.code === undefined || each.code === code) &&
      (each.type === undefined || each.type === text(type).toLowerCase()) &&
      (each.says === undefined || each.says.test(text(message))),
  )
  if (row !== undefined) return row.kind
  const said = typeof statusCode === 'number' ? statusCode : status
  if (said === 429) return 'throttled'
  if (said === 401) return 'denied'
  // An error nobody knows, with a success by its status, says nothing of what was applied.
  return said >= 400 && said < 500 ? 'refused' : 'broken'
}

const reasonOf = (error: Json): string => {
  const { message, extensions } = fields(error)
  const { code, type, userPresentableMessage } = fields(extensions)
  const word = text(code) || text(type)
  const told = [text(message), text(userPresentableMessage)].filter(
    (part, place, all) => part !== '' && all.indexOf(part) === place,
  )
  return said([word, told.join(' ')].filter(part => part !== '').join(': ') || JSON.stringify(error))
}

/** Linear says which kind of thing it does not find, not which one: the one that was asked for is named beside. */
const naming = (reason: string, { call }: Sent): string => {
  const [, entity] = /\bEntity not found: (\w+)/i.exec(reason) ?? []
  if (entity === undefined || call?.kind !== 'http') return reason
  const variables = fields(fields(call.payload).variables)
  const kind = `${entity[0]?.toLowerCase()}${entity.slice(1)}`
  const asked = [fields(variables.input)[`${kind}Id`], variables[kind], variables.id].find(
    each => typeof each === 'string',
  )
  return asked === undefined ? reason : `${reason} (${kind} ${text(asked)})`
}

// ── waiting

/** Linear's own importer waits a minute when it is not told how long. */
const MINUTE_MS = 60_000
const LEAST_MS = 1_000
const MOST_MS = 3_600_000
const bounded = (ms: number): number => Math.min(MOST_MS, Math.max(LEAST_MS, Math.ceil(ms)))

/** Until the bucket has room for what was asked: it refills evenly, so this is less than until it is full. */
const untilRoom = (error: Json): number | undefined => {
  const { requested, remaining, duration, limit } = fields(
    fields(fields(fields(error).extensions).meta).rateLimitResult,
  )
  if (typeof duration !== 'number' || typeof limit !== 'number' || limit <= 0) return undefined
  if (typeof requested !== 'number' || typeof remaining !== 'number') return undefined
  return ((requested - remaining) * duration) / limit
}

const BUCKETS = ['endpoint-requests', 'requests', 'complexity'] as const

/** Until the empty bucket is full, by the answer's own clock: `*-Reset` is in epoch milliseconds. */
const untilReset = (headers: Answer['headers']): number | undefined => {
  const empty = BUCKETS.find(bucket => headers[`x-ratelimit-${bucket}-remaining`]?.trim() === '0')
  const reset = Number(headers[`x-ratelimit-${empty}-reset`])
  const now = Date.parse(headers.date ?? '')
  return Number.isNaN(reset) || Number.isNaN(now) ? undefined : reset - now
}

const throttled = (reason: string, { headers }: Answer, error: Json): Outcome => {
  const waitMs = bounded(retryAfterMs(headers) ?? untilRoom(error) ?? untilReset(headers) ?? MINUTE_MS)
  return { kind: 'retry', reason, throttled: true, waitMs }
}

// ── the table

const MEANINGS: Readonly<Record<Kind, (reason: string, answer: Answer, error: Json, sent: Sent) => Outcome>> =
  {
    throttled,
    denied: reason => ({ kind: 'denied', reason }),
    busy: reason => ({ kind: 'retry', reason }),
    broken: (reason, { status }, _, { role }) =>
      role === 'call'
        ? { kind: 'unknown', reason, ...(status >= 500 ? { down: true } : {}) }
        : { kind: 'retry', reason, ...(status >= 500 ? { down: true } : {}) },
    missing: (reason, _, __, sent) =>
      sent.role === 'look-up'
        ? { kind: 'delivered', empty: true }
        : {
            kind: 'rejected',
            reason: naming(reason, sent),
            ...(OF_CARD.has(sent.action) ? { gone: true } : {}),
          },
    refused: reason => ({ kind: 'rejected', reason }),
  }

/** The mutation each write sends, so that the answer to another one is not taken for its own. */
export const MUTATIONS: Readonly<Record<string, string>> = {
  createCard: 'issueCreate',
  editCard: 'issueUpdate',
  createStatus: 'commentCreate',
  editStatus: 'commentUpdate',
  createEntry: 'commentCreate',
  createIssue: 'issueCreate',
  createSubIssue: 'issueCreate',
  updateIssue: 'issueUpdate',
  setState: 'issueUpdate',
  createComment: 'commentCreate',
  updateComment: 'commentUpdate',
  addLabels: 'issueUpdate',
  removeLabels: 'issueUpdate',
  createLabel: 'issueLabelCreate',
  attachLink: 'attachmentCreate',
  createRelation: 'issueRelationCreate',
  postProjectUpdate: 'projectUpdateCreate',
  createDocument: 'documentCreate',
}

/** Whether a mutation says it was done; undefined when its payload is not there. */
const done = (data: Json | undefined, { action, role }: Sent): boolean | undefined => {
  if (role !== 'call') return undefined
  const success = fields(fields(data)[MUTATIONS[action] ?? '']).success
  return typeof success === 'boolean' ? success : undefined
}

const unclear = (answer: Answer, { role }: Sent): Outcome => {
  const reason = `${answer.status} ${said(answer.body)}`.trim()
  return role === 'call' ? { kind: 'unknown', reason } : { kind: 'retry', reason }
}

/** Without a word of Linear's own: a proxy's page, an empty answer. */
const byStatus = (answer: Answer, sent: Sent): Outcome => {
  const { status } = answer
  if (status === 429) return throttled(`429 ${said(answer.body)}`.trim(), answer, null)
  // Linear answers a missing entity with 200: a plain 404 or 403 is somebody else's and says nothing about a list.
  if (sent.role !== 'call' && status >= 400 && status < 500 && status !== 401) return unclear(answer, sent)
  return status >= 200 && status < 300 ? unclear(answer, sent) : httpOutcome(answer, sent)
}

/** What a reply of Linear means: by its body first, by HTTP where the body says nothing. */
export const outcome = (reply: Reply, sent: Sent): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  const { data, errors } = fields(reply.body)
  const success = done(data, sent)
  const fine = reply.status >= 200 && reply.status < 300
  // Done is done, even if part of what was asked about it could not be told.
  if (fine && success === true) return { kind: 'delivered' }
  const found = list(errors)
  if (found.length > 0) {
    const kinds = found.map(error => kindOf(error, reply.status))
    const kind = ORDER.find(each => kinds.includes(each)) ?? 'broken'
    const error = found[kinds.indexOf(kind)] ?? null
    return MEANINGS[kind](reasonOf(error), reply, error, sent)
  }
  if (fine && success === false)
    return { kind: 'rejected', reason: `Linear answered success: false to ${sent.action}` }
  const read = fine && sent.role !== 'call' && Object.keys(fields(data)).length > 0
  return read ? { kind: 'delivered' } : byStatus(reply, sent)
}
