import { createRedactor, type Json, type Reply, type SecretSource } from '@sessionwire/core/adapter'

/** Strikes credentials out of what a service says. */
type Striker = Readonly<{
  /** The source, wrapped: what it gives is struck out of answers that say no. */
  secrets: SecretSource
  /** Tokens of a login, struck out of every answer from now on. */
  learn: (tokens: Readonly<{ access: string; refresh: string }>) => Promise<void>
  struck: (reply: Reply) => Reply
}>

/** The body with its text changed. One that is no JSON then, which only a token made for that does, stays text. */
const changed = (body: Json, change: (text: string) => string): Json => {
  if (typeof body === 'string') return change(body)
  const text = JSON.stringify(body)
  const rest = change(text)
  if (rest === text) return body
  try {
    return JSON.parse(rest) as Json
  } catch {
    return rest
  }
}

/**
 * What core knows it strikes by itself. It never sees the tokens of a login, so they go here, out of successes too:
 * those are quoted where they are strange, and kept where something is taken from them. The user's name and password
 * stay in a success, which a short one would tear apart.
 */
export const createStriker = (source: SecretSource): Striker => {
  const given = createRedactor(source)
  const issued = new Map<string, string>()
  const tokens = createRedactor(name => issued.get(name))

  return {
    secrets: given.secrets,
    learn: async ({ access, refresh }) => {
      // The header as a whole, too: in base64 it does not hold what the token alone is there.
      for (const [name, value] of Object.entries({ access, refresh, authorization: `Bearer ${access}` })) {
        issued.set(name, value)
        await tokens.secrets(name)
      }
    },
    struck: reply => {
      const both = (text: string) => given.redact(tokens.redact(text))
      if (reply.kind === 'failure') return { ...reply, reason: both(reply.reason) }
      const good = reply.status >= 200 && reply.status < 300
      return { ...reply, body: changed(reply.body, good ? tokens.redact : both) }
    },
  }
}
