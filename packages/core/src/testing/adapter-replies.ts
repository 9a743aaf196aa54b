import type { FailureCode, Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { HOSTILE_TEXT } from './hostile-text.ts'

const answer = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})

const HTML = '<!doctype html><html><body><h1>Sign in to the network</h1></body></html>'

/** Pages that something between us and the service answered with: a portal that wants a login, a proxy. */
export const pages: readonly Reply[] = [200, 201, 403, 404, 502].map(status =>
  answer(status, HTML, { 'content-type': 'text/html' }),
)

const BODIES: readonly Json[] = [
  null,
  '',
  'ok',
  true,
  0,
  -1,
  [],
  [null],
  {},
  { ok: true },
  { ok: true, ts: '1503435956.000200', id: 'X', data: { success: true } },
  { ok: 'true' },
  { error: null },
  { errors: [] },
  { errors: null, data: null },
  { errors: [{ message: 'x', extensions: null }, null, 1, 'x'] },
  { errors: { '': [1] } },
  { errors: 'x' },
  { error: { error: { error: {} } } },
  { message: 1, code: [] },
  { __proto__: null, constructor: 1, toString: 1 },
  JSON.parse('{"__proto__":{"ok":true}}') as Json,
  'a\u0000b\ud800',
]

/** Bodies so long that they go with a few of the statuses only. */
const LONG_BODIES: readonly Json[] = [
  HOSTILE_TEXT.long ?? '',
  { error: HOSTILE_TEXT.long ?? '', errors: [{ message: HOSTILE_TEXT['halves swapped'] ?? '' }] },
]

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'retry-after': 'soon' },
  { 'retry-after': '-1' },
  { 'retry-after': '99999999999999999999' },
  { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT', date: 'never' },
]

const STATUSES = [
  100, 301, 302, 304, 307, 400, 401, 402, 403, 405, 406, 408, 410, 411, 412, 413, 415,
] as const
const MORE = [
  418, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 507, 520, 599, 999,
] as const

const CODES: readonly FailureCode[] = [
  'refused',
  'timeout',
  'reset',
  'aborted',
  'secret',
  'config',
  'too-large',
]

/** Replies none of which is a success of any service: wrong statuses with any JSON, and no answer at all. */
export const makeFailures = (): readonly Reply[] => [
  ...[...STATUSES, ...MORE].flatMap(status => BODIES.map(body => answer(status, body))),
  ...[302, 400, 403, 429, 500].flatMap(status => LONG_BODIES.map(body => answer(status, body))),
  ...HEADERS.flatMap(headers => [429, 503].map(status => answer(status, 'wait', headers))),
  ...CODES.flatMap(code =>
    (['no', 'perhaps'] as const).map(sent => ({ kind: 'failure', sent, code, reason: `${code}.` }) as const),
  ),
]
