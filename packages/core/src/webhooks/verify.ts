import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { hasKey, mac, standardKey, toBase64 } from './sign.ts'

/** A way to sign webhooks. */
export type WebhookScheme = 'standard' | 'github' | 'slack' | 'pagerduty' | 'linear' | 'notion'

/** A request as it arrived. */
export type WebhookRequest = Readonly<{
  /** `Headers`, or an object whose names may be in any case, as Node has it. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The raw body, before it was parsed: a parsed and rewritten one has other bytes. */
  body: string | Uint8Array
}>

/**
 * Why a request is not to be trusted. `missing`: it lacks a header. `malformed`: a header or the body is not as the scheme has
 * it. `signature`: none of the secrets made it. `expired`: it is too old, or too far in the future.
 */
export type WebhookProblem = 'missing' | 'malformed' | 'signature' | 'expired'

/** The result of a verification. */
export type WebhookVerdict =
  | Readonly<{
      ok: true
      /** The sender's id of the delivery, the same when it is repeated. Absent: the scheme has none. */
      id?: string
      /** When it was signed, epoch ms. Absent: the scheme signs no time, so that an old request can be replayed. */
      at?: number
    }>
  | Readonly<{
      ok: false
      /** The kind of problem. */
      problem: WebhookProblem
      /** For people: the header or field that is wrong, never a signature. */
      reason: string
    }>

/** Options of a verification. */
export type VerifyOptions = Readonly<{
  /** Epoch ms. Default: now. */
  now?: number
  /** Greatest age and greatest distance into the future, ms. Default: five minutes, for Linear one. */
  toleranceMs?: number
}>

type Read = (name: string) => string | undefined
type Given = Readonly<{
  read: Read
  body: Uint8Array
  secrets: readonly string[]
  now: number
  toleranceMs?: number
}>

const refuse = (problem: WebhookProblem, reason: string): WebhookVerdict => ({ ok: false, problem, reason })

/** Compares texts in a time that depends on their length alone. */
const isSame = (left: string, right: string): boolean => {
  let difference = left.length ^ right.length
  for (let place = 0; place < left.length; place++)
    difference |= left.charCodeAt(place) ^ right.charCodeAt(place % Math.max(1, right.length))
  return difference === 0
}
/** No sender has so many secrets; a header may be as long as a host lets it be. */
const SIGNATURES_MOST = 64

/** Whether any signature is any of those that are right; every pair of the first 64 is compared. */
const isAny = (given: readonly string[], right: readonly string[]): boolean => {
  let found = false
  for (const one of right)
    for (const each of given.slice(0, SIGNATURES_MOST)) found = isSame(one, each) || found
  return found
}

const hexOf = ({ secrets, body }: Given, ...before: readonly Uint8Array[]) =>
  secrets.map(secret => bytesToHex(mac(utf8ToBytes(secret), ...before, body)))

const MINUTE_MS = 60_000

/** Whether a time lies within the tolerance of now. */
const isFresh = (at: number, { now, toleranceMs }: Given, usualMs: number): boolean =>
  Math.abs(now - at) <= (toleranceMs ?? usualMs)

const secondsIn = (text: string): number | undefined =>
  /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : undefined

const standard = (given: Given): WebhookVerdict => {
  const id = given.read('webhook-id')
  const timestamp = given.read('webhook-timestamp')
  const signature = given.read('webhook-signature')
  const missing = Object.entries({ id, timestamp, signature }).find(([, value]) => !value)
  if (missing !== undefined) return refuse('missing', `webhook-${missing[0]} is missing`)
  const at = secondsIn(timestamp as string)
  if (at === undefined) return refuse('malformed', 'webhook-timestamp: expected epoch seconds')
  // With a dot inside, the same bytes could be read as another id, time and body.
  if (id?.includes('.')) return refuse('malformed', 'webhook-id: expected no dot')
  const content = utf8ToBytes(`${id}.${timestamp}.`)
  const right = given.secrets.map(secret => `v1,${toBase64(mac(standardKey(secret), content, given.body))}`)
  if (!isAny((signature as string).split(' '), right))
    return refuse('signature', 'webhook-signature: no signature of version v1 fits')
  return isFresh(at, given, 5 * MINUTE_MS)
    ? { ok: true, id: id as string, at }
    : refuse('expired', 'webhook-timestamp is too far from now')
}

const slack = (given: Given): WebhookVerdict => {
  const timestamp = given.read('x-slack-request-timestamp')
  const signature = given.read('x-slack-signature')
  if (!timestamp || !signature)
    return refuse('missing', `${timestamp ? 'x-slack-signature' : 'x-slack-request-timestamp'} is missing`)
  const at = secondsIn(timestamp)
  if (at === undefined) return refuse('malformed', 'x-slack-request-timestamp: expected epoch seconds')
  const right = hexOf(given, utf8ToBytes(`v0:${timestamp}:`)).map(hex => `v0=${hex}`)
  if (!isAny([signature], right)) return refuse('signature', 'x-slack-signature does not fit')
  return isFresh(at, given, 5 * MINUTE_MS)
    ? { ok: true, at }
    : refuse('expired', 'x-slack-request-timestamp is too far from now')
}

/** Signatures of the body alone, in hex behind a prefix. */
const plain =
  (header: string, prefix: string, idHeader?: string) =>
  (given: Given): WebhookVerdict => {
    const signature = given.read(header)
    if (!signature) return refuse('missing', `${header} is missing`)
    // PagerDuty sends one for each secret while it is rotated.
    const signatures = signature.split(',').map(each => each.trim())
    const right = hexOf(given).map(hex => `${prefix}${hex}`)
    if (!isAny(signatures, right)) return refuse('signature', `${header} does not fit`)
    const id = idHeader === undefined ? undefined : given.read(idHeader)
    return { ok: true, ...(id ? { id } : {}) }
  }

const linear = (given: Given): WebhookVerdict => {
  const verdict = plain('linear-signature', '', 'linear-delivery')(given)
  if (!verdict.ok) return verdict
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(given.body))
    const at = (parsed as Readonly<{ webhookTimestamp?: unknown }> | null)?.webhookTimestamp
    if (typeof at !== 'number') return refuse('malformed', 'webhookTimestamp: expected a number in the body')
    return isFresh(at, given, MINUTE_MS)
      ? { ...verdict, at }
      : refuse('expired', 'webhookTimestamp is too far from now')
  } catch {
    return refuse('malformed', 'the body is not JSON')
  }
}

const SCHEMES: Readonly<Record<WebhookScheme, (given: Given) => WebhookVerdict>> = {
  standard,
  slack,
  linear,
  github: plain('x-hub-signature-256', 'sha256=', 'x-github-delivery'),
  pagerduty: plain('x-pagerduty-signature', 'v1='),
  notion: plain('x-notion-signature', 'sha256='),
}

const readerOf = (headers: unknown): Read => {
  if (headers instanceof Headers) return name => headers.get(name) ?? undefined
  const lower = new Map(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value as unknown]),
  )
  return name => {
    const value = lower.get(name)
    if (Array.isArray(value)) return value.join(',')
    return typeof value === 'string' ? value : undefined
  }
}

/**
 * Verifies the signature of a webhook by one of the schemes. `secrets`: one, or several while it is rotated: any of them may
 * have made it. Signatures are compared in constant time. Where the scheme signs a time, a request that is older than
 * the tolerance is refused; where it signs none (`github`, `pagerduty`, `notion`), remember the ids of deliveries. A secret
 * that holds no key (an empty or blank one, or `whsec_` alone) is left out. It throws `TypeError` where no secret is left,
 * the scheme is unknown or the body was parsed.
 */
export const verifyWebhook = (
  scheme: WebhookScheme,
  request: WebhookRequest,
  secrets: string | readonly string[],
  { now = Date.now(), toleranceMs }: VerifyOptions = {},
): WebhookVerdict => {
  const list = [secrets].flat().filter(hasKey)
  // An empty secret would verify signatures that everyone can make.
  if (list.length === 0) throw new TypeError('secrets: missing; expected a string that is not empty')
  if (!Object.hasOwn(SCHEMES, scheme))
    throw new TypeError(`scheme: unknown; expected one of ${Object.keys(SCHEMES).join(', ')}`)
  const { body, headers } = request
  if (typeof body !== 'string' && !ArrayBuffer.isView(body))
    throw new TypeError('body: expected the raw body, a string or bytes; read it before it is parsed')
  return SCHEMES[scheme]({
    read: readerOf(headers),
    body: typeof body === 'string' ? utf8ToBytes(body) : body,
    secrets: list,
    now,
    ...(toleranceMs === undefined ? {} : { toleranceMs }),
  })
}
