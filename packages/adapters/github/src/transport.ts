import {
  type Call,
  createIssuedRedactor,
  fieldsOf,
  type HttpCall,
  notSet,
  quote,
  type Reply,
  type Rim,
  type Sending,
  type Transport,
  type TransportFactory,
} from '@sessionwire/core/adapter'
import { API_VERSION } from './actions/call.ts'
import type { GithubConfig } from './config.ts'
import { isOwn } from './outcome.ts'

type Failed = Extract<Reply, { kind: 'failure' }>
const failure = (code: Failed['code'], reason: string): Failed => ({
  kind: 'failure',
  sent: 'no',
  code,
  reason,
})

// ── the key of an app

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
const encodeText = (text: string) => base64Url(new TextEncoder().encode(text))

/** A value of DER: its tag, its length, its bytes. */
const der = (tag: number, bytes: readonly number[]): readonly number[] => {
  const { length } = bytes
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return [tag, ...size, ...bytes]
}
/** Version 0, and the identifier of RSA: what stands before the key in PKCS #8 and not in PKCS #1 (RFC 5208, RFC 8017). */
const RSA = [
  ...der(0x02, [0]),
  ...der(0x30, [...der(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]), ...der(0x05, [])]),
]

/** Reads the key that GitHub gives as a PEM file; in the environment its line ends are often written as `\n`. */
const importKey = async (pem: string) => {
  const [, form = '', body = ''] =
    /-----BEGIN (RSA )?PRIVATE KEY-----([^-]+)-----END/.exec(pem.replaceAll('\\n', '\n')) ?? []
  if (body === '') throw new Error('it is no private key in PEM form')
  const bytes = Array.from(atob(body.replace(/\s/g, '')), each => each.charCodeAt(0))
  const key = Uint8Array.from(form === '' ? bytes : der(0x30, [...RSA, ...der(0x04, bytes)]))
  return crypto.subtle.importKey('pkcs8', key, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, [
    'sign',
  ])
}

/** The token by which an app proves itself for ten minutes; it begins a minute ago, as clocks differ. */
const signApp = async (app: string, pem: string, nowMs: number): Promise<string> => {
  const now = Math.floor(nowMs / 1_000)
  const claims = { iat: now - 60, exp: now + 540, iss: app }
  const head = `${encodeText(JSON.stringify({ alg: 'RS256', typ: 'JWT' }))}.${encodeText(JSON.stringify(claims))}`
  const signature = await crypto.subtle.sign(
    'RSASSA-PKCS1-v1_5',
    await importKey(pem),
    new TextEncoder().encode(head),
  )
  return `${head}.${base64Url(new Uint8Array(signature))}`
}

// ── tokens of an installation

type Token = Readonly<{ of: string; value: string; until: number }>
type Asked = Readonly<{ token: string }> | Readonly<{ reply: Reply }>

/** A token is not used in its last two minutes: a call may wait for an answer that long. */
const SPARE_MS = 120_000

/** Asks for the tokens of an installation, keeps one in memory, and renews it before its hour is over. */
const createTokens = ({ http, secrets, now }: Rim, config: GithubConfig) => {
  const { learn, redactReply } = createIssuedRedactor()
  const { GITHUB_APP_ID: app, GITHUB_APP_INSTALLATION_ID: installation } = config.secrets
  const names = [app, installation, config.secrets.GITHUB_APP_PRIVATE_KEY] as const
  let kept: Token | undefined
  let asking: Promise<Asked> | undefined

  const ask = async (values: readonly [string, string, string], timeoutMs: number): Promise<Asked> => {
    const [id, of, pem] = values
    let jwt: string
    try {
      jwt = await signApp(id, pem, now())
    } catch (error) {
      // The key itself is not quoted.
      const why =
        error instanceof Error && error.message.startsWith('it is') ? error.message : 'it cannot be read'
      return { reply: failure('config', `${names[2]}: invalid value; ${why}`) }
    }
    await learn({ jwt })
    const reply = redactReply(
      await http.send(
        {
          kind: 'http',
          method: 'POST',
          endpoint: `${config.baseUrl}/app/installations/${encodeURIComponent(of)}/access_tokens`,
          headers: {
            accept: 'application/vnd.github+json',
            'x-github-api-version': API_VERSION,
            authorization: `Bearer ${jwt}`,
          },
        },
        { timeoutMs },
      ),
    )
    return take(reply, values.join('\n'))
  }

  const take = async (reply: Reply, of: string): Promise<Asked> => {
    if (reply.kind === 'failure')
      return { reply: { ...reply, sent: 'no', reason: `get a token: ${reply.reason}` } }
    const { status, headers, body } = reply
    const { token, expires_at: until } = fieldsOf(body)
    if (status === 201 && typeof token === 'string' && token !== '') {
      await learn({ token, authorization: `Bearer ${token}` })
      const at = Date.parse(typeof until === 'string' ? until : '')
      kept = { of, value: token, until: Number.isNaN(at) ? now() + 600_000 : at }
      return { token }
    }
    if (status === 429 || (status === 403 && headers['retry-after'] !== undefined)) return { reply }
    const reason = `get a token of the installation: ${status} ${quote(body)}`
    // Only GitHub itself refuses an app; a proxy's page says nothing about it.
    return status >= 400 && status < 500 && isOwn(reply)
      ? { reply: { kind: 'answer', status: 401, headers, body: { message: reason } } }
      : { reply: failure('refused', reason) }
  }

  /** A token other than `stale`. */
  const tokenFor = async (stale: string | undefined, sending: Sending): Promise<Asked> => {
    const source = sending.secrets ?? secrets
    const values = await Promise.all(names.map(name => source(name)))
    const missing = names.filter((_, place) => !values[place])
    if (missing.length > 0) return { reply: failure('secret', notSet(...missing)) }
    const usable = kept
    if (usable?.of === values.join('\n') && usable.value !== stale && usable.until - SPARE_MS > now())
      return { token: usable.value }
    asking ??= ask(values as unknown as readonly [string, string, string], sending.timeoutMs).finally(() => {
      asking = undefined
    })
    return asking
  }
  return { tokenFor, redactReply }
}

// ── sending

const MOVED = new Set([301, 302, 307, 308])

/** The same call at the address that an answer names, where it is on the same origin: a repository that was renamed or moved. */
const follow = (call: Call, reply: Reply): HttpCall | undefined => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return undefined
  if (reply.kind !== 'answer' || !MOVED.has(reply.status)) return undefined
  const { location } = reply.headers
  if (location === undefined || !URL.canParse(location, call.endpoint)) return undefined
  const to = new URL(location, call.endpoint)
  if (to.origin !== new URL(call.endpoint).origin || /[{}]/.test(to.href)) return undefined
  const { query, ...rest } = call
  return { ...rest, endpoint: to.href, ...(to.search === '' && query !== undefined ? { query } : {}) }
}

/**
 * Sends by plain HTTP, and does two things that GitHub needs beyond it. As an app it gets the installation's token, and sends a
 * call that was refused with 401 (and so not done) once more with a new one. And it follows one redirect to the same origin
 * with the same method, which GitHub asks for where a repository was renamed: a call that was redirected was not done.
 */
export const transport =
  (config: GithubConfig): TransportFactory =>
  (rim: Rim): Transport => {
    const { http, now } = rim
    const { tokenFor, redactReply } = createTokens(rim, config)

    const sendAsApp = async ({ auth: _, ...call }: HttpCall, sending: Sending): Promise<Reply> => {
      const endsAt = now() + sending.timeoutMs
      let stale: string | undefined
      let last: Reply = failure('aborted', 'no token of the installation')
      for (let turn = 0; turn < 2; turn++) {
        const asked = await tokenFor(stale, { ...sending, timeoutMs: Math.max(1, endsAt - now()) })
        if ('reply' in asked) return asked.reply
        stale = asked.token
        const leftMs = endsAt - now()
        // A call cut short would be in doubt; the next attempt finds the token ready.
        if (leftMs < sending.timeoutMs / 2) return failure('aborted', 'getting a token took too long')
        const headers = { ...call.headers, authorization: `Bearer ${stale}` }
        last = redactReply(await http.send({ ...call, headers }, { ...sending, timeoutMs: leftMs }))
        if (last.kind !== 'answer' || last.status !== 401) return last
      }
      return last
    }
    const send = (call: Call, sending: Sending): Promise<Reply> =>
      call.kind === 'http' && call.auth !== undefined && 'login' in call.auth
        ? sendAsApp(call, sending)
        : http.send(call, sending)

    return {
      ...http,
      send: async (call, sending) => {
        const endsAt = now() + sending.timeoutMs
        const reply = await send(call, sending)
        const moved = follow(call, reply)
        const timeoutMs = endsAt - now()
        return moved === undefined || timeoutMs < 1 ? reply : send(moved, { ...sending, timeoutMs })
      },
    }
  }
