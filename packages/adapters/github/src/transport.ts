import {
  type Call,
  createLogin,
  fieldsOf,
  type HttpCall,
  type Login,
  type Reply,
  type TransportFactory,
} from '@sessionwire/core/adapter'
import { API_VERSION } from './actions/call.ts'
import type { GithubConfig } from './config.ts'
import { isOwn } from './outcome.ts'

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
  if (body === '') throw new Error('it is not a private key in PEM form')
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

/** GitHub's clock, epoch ms, where it refused the times of a token: a clock that is minutes off is not a wrong key. */
const clockOf = (reply: Reply): number | undefined => {
  if (reply.kind !== 'answer' || reply.status !== 401) return undefined
  const { message } = fieldsOf(reply.body)
  const at = Date.parse(reply.headers.date ?? '')
  return /\b(exp|iat)\b/.test(String(message)) && !Number.isNaN(at) ? at : undefined
}

/** Asks for the tokens of an installation, as the app. */
const loginOf = ({ baseUrl, secrets }: GithubConfig, now: () => number): Login => ({
  secrets: [secrets.GITHUB_APP_ID, secrets.GITHUB_APP_INSTALLATION_ID, secrets.GITHUB_APP_PRIVATE_KEY],
  about: 'get a token of the installation',
  request: async ([app = '', installation = '', pem = ''], send, _, { learn }) => {
    const ask = async (nowMs: number): Promise<Reply> => {
      let jwt: string
      try {
        jwt = await signApp(app, pem, nowMs)
      } catch (error) {
        // The key itself is not quoted.
        const isOurs = error instanceof Error && error.message.startsWith('it is')
        const why = isOurs ? error.message : 'it cannot be read'
        const reason = `${secrets.GITHUB_APP_PRIVATE_KEY}: invalid value; ${why}`
        return { kind: 'failure', sent: 'no', code: 'secret', reason }
      }
      await learn({ jwt })
      return send({
        kind: 'http',
        method: 'POST',
        endpoint: `${baseUrl}/app/installations/${encodeURIComponent(installation)}/access_tokens`,
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': API_VERSION,
          authorization: `Bearer ${jwt}`,
        },
      })
    }
    const reply = await ask(now())
    const theirs = clockOf(reply)
    return theirs === undefined ? reply : ask(theirs)
  },
  read: ({ status, body }) => {
    const { token, expires_at: until } = fieldsOf(body)
    if (status !== 201 || typeof token !== 'string' || token === '') return undefined
    const at = Date.parse(typeof until === 'string' ? until : '')
    return { token, until: Number.isNaN(at) ? now() + 600_000 : at }
  },
  isOwn,
  isLimit: ({ status, headers }) =>
    status === 429 || (status === 403 && headers['retry-after'] !== undefined),
  refuse: reason => ({ message: reason }),
})

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
 * Sends by plain HTTP, and does two things that GitHub needs beyond it. As an app it gets the installation's token. And it
 * follows one redirect to the same origin with the same method, which GitHub asks for where a repository was renamed: a call
 * that was redirected was not done.
 */
export const transport =
  (config: GithubConfig): TransportFactory =>
  rim => {
    const { http, now } = rim
    const send = createLogin(rim, loginOf(config, now))
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
