import { describe, expect, it } from 'vitest'
import { failureOf } from '../src/transport/thrown.ts'

/** Errors as Node 22 to 26 throw them: fetch's own around the system's. */
const wrapped = (cause: object) => Object.assign(new TypeError('fetch failed'), { cause })
const system = (code: string, syscall?: string, message = `${syscall} ${code}`) =>
  Object.assign(new Error(message), { code, ...(syscall === undefined ? {} : { syscall }) })
const many = (...errors: readonly Error[]) =>
  Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' })

describe('failureOf', () => {
  it.each<[string, object, string]>([
    ['no name', system('ENOTFOUND', 'getaddrinfo'), 'is not found by its name (ENOTFOUND)'],
    ['no name now', system('EAI_AGAIN', 'getaddrinfo'), 'is not found by its name (EAI_AGAIN)'],
    ['refused', system('ECONNREFUSED', 'connect'), 'refused the connection (ECONNREFUSED)'],
    [
      'refused by every address',
      many(system('ECONNREFUSED', 'connect'), system('ECONNREFUSED', 'connect')),
      'refused the connection (ECONNREFUSED)',
    ],
    ['no way', system('ENETUNREACH', 'connect'), 'cannot be reached (ENETUNREACH)'],
    ['no way within time', system('ETIMEDOUT', 'connect'), 'cannot be reached (ETIMEDOUT)'],
    ['reset while connecting', system('ECONNRESET', 'connect'), 'cannot be reached (ECONNRESET)'],
    [
      'no connection in time',
      system('UND_ERR_CONNECT_TIMEOUT'),
      'cannot be reached in time (UND_ERR_CONNECT_TIMEOUT)',
    ],
    ['expired', system('CERT_HAS_EXPIRED'), 'has a certificate that is not trusted (CERT_HAS_EXPIRED)'],
    [
      'self-signed',
      system('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'has a certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
    ],
    [
      'self-signed in chain',
      system('SELF_SIGNED_CERT_IN_CHAIN'),
      'has a certificate that is not trusted (SELF_SIGNED_CERT_IN_CHAIN)',
    ],
    [
      'unknown issuer',
      system('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      'has a certificate that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    ],
    [
      'of another',
      system('ERR_TLS_CERT_ALTNAME_INVALID'),
      'has a certificate of another name (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
    [
      'cut off in the handshake',
      system(
        'ECONNRESET',
        undefined,
        'Client network socket disconnected before secure TLS connection was established',
      ),
      'broke off before the connection was secure (ECONNRESET)',
    ],
  ])('is sure that nothing left: %s', (_, cause, words) => {
    expect(failureOf(wrapped(cause), 'a.example')).toEqual({
      kind: 'failure',
      code: 'refused',
      sent: 'no',
      reason: `a.example ${words}`,
    })
  })

  it.each<[string, object, string, string]>([
    ['a reset', system('ECONNRESET', 'read'), 'reset', 'broke the connection (ECONNRESET)'],
    ['a closed pipe', system('EPIPE', 'write'), 'reset', 'broke the connection (EPIPE)'],
    ['a closed socket', system('UND_ERR_SOCKET'), 'reset', 'broke the connection (UND_ERR_SOCKET)'],
    ['a way lost later', system('EHOSTUNREACH', 'read'), 'reset', 'broke the connection (EHOSTUNREACH)'],
    ['a time-out later', system('ETIMEDOUT', 'read'), 'timeout', 'did not answer in time (ETIMEDOUT)'],
    [
      'no headers in time',
      system('UND_ERR_HEADERS_TIMEOUT'),
      'timeout',
      'did not answer in time (UND_ERR_HEADERS_TIMEOUT)',
    ],
    [
      'no body in time',
      system('UND_ERR_BODY_TIMEOUT'),
      'timeout',
      'did not answer in time (UND_ERR_BODY_TIMEOUT)',
    ],
    [
      'a TLS alert',
      system('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
      'reset',
      'broke the connection (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    ],
    [
      'a spoilt record',
      system('ERR_SSL_WRONG_VERSION_NUMBER', undefined, 'tls1_meth'),
      'reset',
      'broke the connection (ERR_SSL_WRONG_VERSION_NUMBER)',
    ],
    [
      'one try of several that got through',
      many(system('ECONNREFUSED', 'connect'), system('ECONNRESET', 'read')),
      'reset',
      'broke the connection (ECONNRESET)',
    ],
    ['an error nobody knows', system('SOMETHING_NEW'), 'reset', 'broke the connection (SOMETHING_NEW)'],
  ])('is not sure: %s', (_, cause, code, words) => {
    expect(failureOf(wrapped(cause), 'a.example')).toEqual({
      kind: 'failure',
      code,
      sent: 'perhaps',
      reason: `a.example ${words}`,
    })
  })

  it('repeats no message, since it could hold an address or a credential', () => {
    const told = system('E s3cret', 'read', 'https://hooks.example.com/s3cret')
    expect(JSON.stringify(failureOf(wrapped(told), 'a.example'))).not.toContain('s3cret')
  })

  it('comes to an end with errors that hold themselves', () => {
    const circle: { cause?: unknown; errors?: unknown } = new Error('x') as Error & { cause?: unknown }
    circle.cause = circle
    expect(failureOf(circle, 'a.example')).toMatchObject({ sent: 'perhaps' })
    circle.errors = [circle, circle]
    expect(failureOf(circle, 'a.example')).toMatchObject({ sent: 'perhaps' })
  })
})
