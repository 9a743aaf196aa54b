import type { Auth, Call, HttpCall } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import type { Transport } from '../transport/contract.ts'

type Secrets = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, Json>>

const proof = (auth: Auth | undefined, secrets: Secrets): Record<string, string> => {
  if (auth === undefined || 'login' in auth) return {}
  if ('header' in auth)
    return { [auth.header.toLowerCase()]: `${auth.prefix ?? ''}${secrets[auth.secret] ?? ''}` }
  const [user, password] = auth.basic.map(name => secrets[name] ?? '')
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

const flat = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))
const pairs = (fields: Json | undefined) =>
  new URLSearchParams(Object.entries((fields ?? {}) as Fields).map(([name, value]) => [name, flat(value)]))

const address = (call: HttpCall, secrets: Secrets): string => {
  const base = typeof call.endpoint === 'string' ? call.endpoint : (secrets[call.endpoint.$secret] ?? '')
  const query = pairs(call.query).toString()
  return query === '' ? base : `${base}${base.includes('?') ? '&' : '?'}${query}`
}

const content = (call: HttpCall): Readonly<{ type?: string; body?: string }> => {
  if (call.payload === undefined) return {}
  return call.encoding === 'form'
    ? { type: 'application/x-www-form-urlencoded', body: pairs(call.payload).toString() }
    : { type: 'application/json', body: JSON.stringify(call.payload) }
}

const bodyOf = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const failure = (error: unknown): Reply => {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined
  const refused = cause?.code === 'ECONNREFUSED'
  return {
    kind: 'failure',
    sent: refused ? 'no' : 'perhaps',
    code: refused ? 'refused' : 'reset',
    reason: String(cause?.code ?? error),
  }
}

/** Sends HTTP calls once, as they are, with these secrets: no retry, no redirect. For tests; throws for Cypher. */
export const plainSender = (secrets: Secrets): Transport => ({
  send: async (call: Call): Promise<Reply> => {
    if (call.kind !== 'http')
      throw new Error('The plain sender speaks HTTP only: give the adapter a transport.')
    const { type, body } = content(call)
    const given = Object.entries(call.headers ?? {}).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    )
    try {
      const answer = await fetch(address(call, secrets), {
        method: call.method,
        redirect: 'manual',
        headers: {
          accept: 'application/json',
          ...(type === undefined ? {} : { 'content-type': type }),
          ...Object.fromEntries(given),
          ...proof(call.auth, secrets),
        },
        ...(body === undefined ? {} : { body }),
      })
      const text = await answer.text()
      return {
        kind: 'answer',
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: bodyOf(text),
      }
    } catch (error) {
      return failure(error)
    }
  },
})
