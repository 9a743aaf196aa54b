import type { IncomingMessage } from 'node:http'
import type { Json } from '../session/schema.ts'
import type { Answer, Received } from './hostile-failures.ts'
import type { Host } from './hostile-host.ts'

const parse = (type: string, raw: string): Pick<Received, 'encoding' | 'body'> => {
  if (raw === '') return { encoding: 'none', body: null }
  if (type.includes('application/x-www-form-urlencoded'))
    return { encoding: 'form', body: Object.fromEntries(new URLSearchParams(raw)) }
  if (!/[/+]json\b/.test(type)) return { encoding: 'text', body: raw }
  try {
    return { encoding: 'json', body: JSON.parse(raw) as Json }
  } catch {
    return { encoding: 'broken', body: raw }
  }
}

/** Decodes what arrived. */
export const readRequest = (n: number, request: IncomingMessage, raw: string): Received => {
  const url = request.url ?? '/'
  const [path = '/'] = url.split('?')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value ?? '')
  const query = Object.fromEntries(new URLSearchParams(url.slice(path.length)))
  return {
    n,
    method: request.method ?? 'GET',
    url,
    path,
    query,
    headers,
    raw,
    ...parse(headers['content-type'] ?? '', raw),
  }
}

/** The whole body as text. */
export const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Uint8Array[] = []
  for await (const part of request) parts.push(part as Uint8Array)
  return Buffer.concat(parts).toString('utf8')
}

/** Reads the parts of a path by a pattern: `segments('/repos/:owner/:name', '/repos/a/b%20c')` is `{ owner: 'a', name: 'b c' }`. */
export const segments = (pattern: string, path: string): Readonly<Record<string, string>> | undefined => {
  const parts = path.split('/')
  const wanted = pattern.split('/')
  if (parts.length !== wanted.length) return undefined
  const found: Record<string, string> = {}
  for (const [place, want] of wanted.entries()) {
    const part = parts[place] ?? ''
    if (want.startsWith(':')) found[want.slice(1)] = decodeURIComponent(part)
    else if (want !== part) return undefined
  }
  return found
}

/** One rule of a service. */
export type Handler = (request: Received, params: Readonly<Record<string, string>>, host: Host) => Answer

/** Finds the rule of a request by `METHOD /path/:name`; `otherwise` answers what has none. */
export const routes =
  (table: Readonly<Record<string, Handler>>, otherwise: (request: Received, host: Host) => Answer) =>
  (request: Received, host: Host): Answer => {
    for (const [route, handler] of Object.entries(table)) {
      const [method, pattern = ''] = route.split(' ')
      const params = method === request.method ? segments(pattern, request.path) : undefined
      if (params !== undefined) return handler(request, params, host)
    }
    return otherwise(request, host)
  }
