import type { Json } from '@sessionwire/core/adapter'
import { type HostileJira, type HostileJiraOptions, hostileJira } from '../src/testing.ts'

const BASIC = `Basic ${Buffer.from('mia@example.com:api-token').toString('base64')}`

/** A raw request, and what came of it. */
export const asking =
  (server: HostileJira, headers: Readonly<Record<string, string>> = { authorization: BASIC }) =>
  async (request: string, body?: Json, more: Readonly<Record<string, string>> = {}) => {
    const [method = 'GET', path = ''] = request.split(' ')
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const parsed = /^[[{]/.test(text) ? (JSON.parse(text) as Record<string, never>) : text
    return { status: answer.status, body: parsed as never, reason: answer.headers.get('ratelimit-reason') }
  }

export const started = async (options: HostileJiraOptions = {}) => {
  const server = await hostileJira(options)
  const pat = options.deployment === 'datacenter' ? { authorization: 'Bearer pat' } : undefined
  return { server, ask: asking(server, pat), [Symbol.asyncDispose]: () => server.close() }
}

export const doc = (text: string): Json => ({
  version: 1,
  type: 'doc',
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
})
export const issue = (more: Readonly<Record<string, Json>> = {}): Json => ({
  fields: { project: { key: 'ENG' }, issuetype: { name: 'Task' }, summary: 'An issue', ...more },
})
export const errors = (body: Json) => (body as { errors?: Json }).errors
export const messages = (body: Json) =>
  (body as { errorMessages?: readonly string[] }).errorMessages?.join(' ')
