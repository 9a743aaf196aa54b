import type { Json } from '@sessionwire/core/adapter'
import type { Received } from '@sessionwire/core/testing'
import { isFields } from './blocks.ts'

/** Arguments of a method by name, or why they cannot be read. */
export type Given = Readonly<Record<string, Json>>

/** Methods that read JSON bodies; the others look at forms and queries only. */
const TAKES_JSON = new Set([
  ...['auth.test', 'chat.postMessage', 'chat.update', 'chat.delete', 'reactions.add', 'pins.add'],
])
const READS = /^(conversations|users)\.|^chat\.getPermalink$|^auth\.test$/

const structured = new Set(['blocks', 'metadata', 'attachments'])
const flags = new Set([
  'unfurl_links',
  'unfurl_media',
  'reply_broadcast',
  'include_all_metadata',
  'inclusive',
  'exclude_archived',
  'link_names',
])

const fromText = (name: string, text: string): Json => {
  if (structured.has(name))
    try {
      return JSON.parse(text) as Json
    } catch {
      return text
    }
  if (flags.has(name)) return text === 'true' || text === '1'
  return name === 'limit' ? Number(text) : text
}

const fromForm = (fields: Readonly<Record<string, Json>>): Given =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fromText(name, String(value))]))

/** Reads the arguments as the Web API does: JSON, a form, or the query; an error's word when it cannot. */
export const argumentsOf = (
  method: string,
  request: Received,
): Readonly<{ given: Given; warning?: string } | { error: string }> => {
  const type = request.headers['content-type'] ?? ''
  if (request.method === 'GET')
    return READS.test(method) ? { given: fromForm(request.query) } : { error: 'invalid_post_type' }
  if (request.method !== 'POST') return { error: 'invalid_post_type' }
  const charset = /charset=([\w-]+)/i.exec(type)?.[1]?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'iso-8859-1')
    return { error: 'invalid_charset' }
  if (request.encoding === 'broken') return { error: 'invalid_json' }
  if (request.encoding === 'none') return { given: fromForm(request.query) }
  if (request.encoding === 'text') return { error: 'missing_post_type' }
  if (!isFields(request.body)) return { error: 'json_not_object' }
  if (request.encoding === 'form')
    return {
      given: fromForm(request.body as Readonly<Record<string, Json>>),
      ...(charset === undefined ? {} : { warning: 'superfluous_charset' }),
    }
  if (!TAKES_JSON.has(method)) return { error: 'invalid_arguments' }
  return {
    given: request.body as Given,
    ...(charset === undefined ? { warning: 'missing_charset' } : {}),
  }
}
