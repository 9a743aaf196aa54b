import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { createRedactor } from './redact.ts'

/** Redacts the tokens that a service issued to an adapter's transport in every reply. */
export type IssuedRedactor = Readonly<{
  /** Remembers tokens by a name of each; a later token of the same name replaces it. */
  learn: (tokens: Readonly<Record<string, string>>) => Promise<void>
  /** The reply without them. */
  redactReply: (reply: Reply) => Reply
}>

/**
 * Makes a redactor for tokens that core does not know, because a transport was given them at a login: what a service says is
 * quoted where it is strange, and kept where something is captured.
 */
export const createIssuedRedactor = (): IssuedRedactor => {
  const issued = new Map<string, string>()
  const { secrets, redact } = createRedactor(name => issued.get(name))
  const redactBody = (body: Json): Json => {
    const text = JSON.stringify(body)
    const rest = typeof body === 'string' ? redact(body) : redact(text)
    if (typeof body === 'string' || rest === text) return rest === text ? body : rest
    try {
      return JSON.parse(rest) as Json
    } catch {
      return rest
    }
  }
  return {
    learn: async tokens => {
      for (const [name, value] of Object.entries(tokens)) {
        issued.set(name, value)
        await secrets(name)
      }
    },
    redactReply: reply =>
      reply.kind === 'failure'
        ? { ...reply, reason: redact(reply.reason) }
        : { ...reply, body: redactBody(reply.body) },
  }
}
