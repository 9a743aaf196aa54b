import type { FailureCode } from '../descriptor/outcome.ts'
import { type Failure, failure } from './contract.ts'

type Thrown = Readonly<{
  code?: unknown
  syscall?: unknown
  message?: unknown
  cause?: unknown
  errors?: unknown
}>

const isThrown = (value: unknown): value is Thrown => value !== null && typeof value === 'object'

/** The innermost errors: fetch wraps the system's error, which may stand for one try per address of the host. */
const leaves = (thrown: unknown, depth = 0): readonly Thrown[] => {
  if (!isThrown(thrown)) return [{}]
  if (depth < 8 && Array.isArray(thrown.errors) && thrown.errors.length > 0)
    return thrown.errors.flatMap(each => leaves(each, depth + 1))
  return depth < 8 && isThrown(thrown.cause) ? leaves(thrown.cause, depth + 1) : [thrown]
}

type Row = Readonly<{
  test: (thrown: Thrown) => boolean
  code: FailureCode
  sent: 'no' | 'perhaps'
  words: string
}>

const hasCode = (pattern: RegExp) => (thrown: Thrown) =>
  typeof thrown.code === 'string' && pattern.test(thrown.code)
const hasMessage = (pattern: RegExp) => (thrown: Thrown) =>
  typeof thrown.message === 'string' && pattern.test(thrown.message)
const isDuring = (syscall: string) => (thrown: Thrown) => thrown.syscall === syscall

/**
 * The first row that fits. `no` marks only failures before a request is written: finding the name, connecting
 * (whatever the system's word), and the certificate, which Node checks before it hands the connection over. A reset, a
 * closed connection or a TLS alert can come at any time. Codes: https://nodejs.org/api/errors.html,
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes, https://undici.nodejs.org/#/docs/api/Errors
 */
const ROWS: readonly Row[] = [
  { test: isDuring('getaddrinfo'), code: 'refused', sent: 'no', words: 'is not found by its name' },
  {
    test: hasCode(/^(ENOTFOUND|EAI_[A-Z]+)$/),
    code: 'refused',
    sent: 'no',
    words: 'is not found by its name',
  },
  {
    test: hasCode(/^(ECONNREFUSED|ConnectionRefused)$/),
    code: 'refused',
    sent: 'no',
    words: 'refused the connection',
  },
  { test: isDuring('connect'), code: 'refused', sent: 'no', words: 'cannot be reached' },
  {
    test: hasCode(/^(UND_ERR_CONNECT_TIMEOUT|ECONNECTTIMEOUT)$/),
    code: 'refused',
    sent: 'no',
    words: 'cannot be reached in time',
  },
  {
    test: hasCode(
      /^(CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$)/,
    ),
    code: 'refused',
    sent: 'no',
    words: 'has a certificate that is not trusted',
  },
  {
    test: hasCode(/^ERR_TLS_CERT_/),
    code: 'refused',
    sent: 'no',
    words: 'has a certificate of another name',
  },
  {
    test: hasMessage(/before secure TLS connection was established/),
    code: 'refused',
    sent: 'no',
    words: 'broke off before the connection was secure',
  },
  // The reader that knows no version yet: the very first record was not TLS.
  {
    test: thrown => hasCode(/^ERR_SSL_WRONG_VERSION_NUMBER$/)(thrown) && hasMessage(/tlsany/)(thrown),
    code: 'refused',
    sent: 'no',
    words: 'does not speak TLS there',
  },
  {
    test: hasMessage(/^bad port$/),
    code: 'config',
    sent: 'no',
    words:
      'has a port that fetch never calls: serve it on another port (https://fetch.spec.whatwg.org/#port-blocking)',
  },
  {
    test: hasCode(/^UND_ERR_(HEADERS|BODY)_TIMEOUT$|^ETIMEDOUT$/),
    code: 'timeout',
    sent: 'perhaps',
    words: 'did not answer in time',
  },
  {
    test: hasCode(/^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/),
    code: 'too-large',
    sent: 'perhaps',
    words: 'answered with too many headers',
  },
  {
    test: hasCode(/^(Z_|ERR__?ZLIB|ERR__ERROR_FORMAT|BROTLI|ERR_BROTLI|ZSTD)/),
    code: 'reset',
    sent: 'perhaps',
    words: 'sent a body that cannot be decompressed',
  },
  {
    test: hasMessage(/does not match the HTTP|^Parse Error/),
    code: 'reset',
    sent: 'perhaps',
    words: 'sent a response that is not HTTP',
  },
  { test: () => true, code: 'reset', sent: 'perhaps', words: 'broke the connection' },
]

/** The failure that an error of fetch or of Node's client stands for; `who` begins the reason. Messages are not repeated: they can hold an address. */
export const failureOf = (thrown: unknown, who: string): Failure => {
  const found = leaves(thrown).map(leaf => ({ leaf, row: ROWS.find(({ test }) => test(leaf)) as Row }))
  // Of several tries, the one that may have got through decides.
  const [first] = found
  const { leaf, row } =
    found.find(each => each.row.sent === 'perhaps') ?? (first as NonNullable<typeof first>)
  const code = typeof leaf.code === 'string' && /^\w{1,60}$/.test(leaf.code) ? ` (${leaf.code})` : ''
  return failure(row.code, row.sent, `${who} ${row.words}${code}`)
}
