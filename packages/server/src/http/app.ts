import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Authenticate, checkScope, isRefusal } from '../access/authenticate.ts'
import {
  checkFetch,
  checkHeaders,
  corsOf,
  type Headers,
  preflightOf,
  readHeaders,
  type Site,
} from '../access/headers.ts'
import { demand, type Refusal, Refused, refuse } from '../access/refusal.ts'
import type { Subject } from '../operations/operation.ts'
import { parseObject, readBody } from './body.ts'
import type { Gate } from './gate.ts'
import { createRouter, type Found, type Route, type Shape, segmentsOf } from './route.ts'
import { refusalAnswer, sendAnswer, sendResponse } from './send.ts'
import { toRefusal } from './thrown.ts'

/** Serves MCP: a request that was let in, and who asks. */
export type McpMount = (request: Request, subject: Subject) => Promise<Response>

/** Everything that the application is made of. */
export type AppOptions = Readonly<{
  /** Paths that are answered with JSON. */
  routes: readonly Route[]
  /** Serves `/mcp` and `/mcp/`. */
  mcp: McpMount
  /** Names the caller of a request. */
  authenticate: Authenticate
  /** The names and origins of this server. */
  site: Site
  /** Holds the requests that are answered at once. */
  gate: Gate
  /** Holds the streams of changes of MCP, which stay open. */
  streams: Gate
  /** Whether the server is about to end: then connections are not kept. */
  isEnding: () => boolean
  /** Receives a line for every error of the server's own. */
  log: (line: string) => void
  /** The current time, epoch ms. */
  now: () => number
}>

/** A request as far as its head was read. */
type Head = Readonly<{
  requestId: string
  headers: Headers
  twice?: string
  method: string
  path: string
  query: string
  shape: Shape
  isMcp: boolean
}>

const readHead = ({ rawHeaders, method = '', url = '' }: IncomingMessage): Head => {
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  return {
    requestId: randomUUID(),
    ...readHeaders(rawHeaders),
    method,
    path,
    query: at < 0 ? '' : url.slice(at + 1),
    shape: path === '/api' || path.startsWith('/api/') ? 'envelope' : 'error',
    isMcp: path === '/mcp' || path === '/mcp/',
  }
}

type Match = Extract<Found, { kind: 'route' }>

/** Methods of MCP over HTTP; what it does with them is its own. */
const MCP_METHODS = ['GET', 'POST', 'DELETE']

const wrongMethod = (allow: readonly string[]): Refused =>
  new Refused(
    refuse(405, 'METHOD_NOT_ALLOWED', `This path takes ${allow.join(' and ')}.`, { allow: allow.join(', ') }),
  )

const notFound = (): Refused =>
  new Refused(
    refuse(404, 'NOT_FOUND', 'There is nothing at this path; GET /api/openapi.json lists those of the API.'),
  )

const LISTEN = 'subscriptions/listen'

/** Whether a request asks for a stream of changes, which is answered for as long as the client listens. */
const isStream = ({ isMcp, headers }: Head): boolean => isMcp && headers['mcp-method'] === LISTEN

/** A stream has a place of its own: a call that only says it is one would take a place that is not for calls. */
const checkStream = (body: Buffer | undefined): void => {
  if (body !== undefined && parseObject(body).method !== LISTEN)
    throw new Refused(refuse(400, 'BAD_REQUEST', 'The header Mcp-Method names another method than the body.'))
}

/** The bodies that are read are those of POST; a body elsewhere could hide a second request. */
const checkBody = ({ method, headers }: Head): void => {
  const isAnnounced = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  if (method !== 'POST' && isAnnounced)
    throw new Refused(refuse(400, 'BAD_REQUEST', `${method} takes no body.`, { connection: 'close' }))
}

const checkNeeds = (subject: Subject, needs: Route['needs']): Refusal | undefined =>
  needs === 'open' || needs === 'known' ? undefined : checkScope(subject, needs)

/** Makes the listener of an HTTP server: every check of a request in its order, then its answer. */
export const createApp = (
  options: AppOptions,
): ((request: IncomingMessage, response: ServerResponse) => Promise<void>) => {
  const { gate, streams, authenticate, site, isEnding, log, now } = options
  const find = createRouter(options.routes)

  /** The route of a path; `undefined` for MCP. It is asked only for known callers, so that strangers do not learn which paths there are. */
  const match = ({ method, path, isMcp }: Head): Match | undefined => {
    if (isMcp) {
      if (!MCP_METHODS.includes(method)) throw wrongMethod(MCP_METHODS)
      return undefined
    }
    const segments = segmentsOf(path)
    const found: Found = segments === undefined ? { kind: 'none' } : find(method, segments)
    if (found.kind === 'route') return found
    throw found.kind === 'method' ? wrongMethod(found.allow) : notFound()
  }

  const isOpen = ({ path }: Head): boolean => {
    const segments = segmentsOf(path)
    const found = segments === undefined ? undefined : find('GET', segments)
    return found?.kind === 'route' && found.route.needs === 'open'
  }

  const letIn = async (head: Head): Promise<Subject> => {
    const { method, path, headers } = head
    const known = await authenticate({ method, path, headers })
    if (isRefusal(known)) throw new Refused(known)
    return known
  }

  const serveMcp = async (
    head: Head,
    request: IncomingMessage,
    response: ServerResponse,
    subject: Subject,
  ): Promise<void> => {
    const { method, headers, requestId } = head
    const body = method === 'POST' ? await readBody(request, response) : undefined
    if (isStream(head)) checkStream(body)
    const ended = new AbortController()
    response.once('close', () => ended.abort())
    const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || name.startsWith(':') ? [] : [[name, value]],
    )
    const answer = await options.mcp(
      new Request('http://localhost/mcp', {
        method,
        headers: given,
        signal: ended.signal,
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      }),
      subject,
    )
    await sendResponse(response, answer, requestId, isEnding())
  }

  const serveRoute = async (
    head: Head,
    request: IncomingMessage,
    response: ServerResponse,
    subject: Subject,
    { route, path }: Match,
  ): Promise<void> => {
    const { query, headers, requestId } = head
    const body = route.method === 'POST' ? parseObject(await readBody(request, response)) : {}
    const asked = { subject, path, query: new URLSearchParams(query), headers, body, requestId }
    sendAnswer(response, await route.answer(asked), requestId, isEnding())
  }

  const serve = async (head: Head, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, headers, requestId } = head
    const open = isOpen(head)
    demand(checkHeaders(site, head, open && head.path === '/healthz'))
    checkBody(head)
    const cors = corsOf(site, headers)
    if (cors !== undefined) {
      for (const [name, value] of Object.entries(cors)) response.setHeader(name, value)
      const preflight = preflightOf(method, headers)
      if (preflight !== undefined) return void response.writeHead(204, preflight).end()
    }
    if (open) {
      if (method !== 'GET' && method !== 'HEAD') throw wrongMethod(['GET', 'HEAD'])
      const found = match({ ...head, method: 'GET' })
      const nobody: Subject = { id: 'nobody', scopes: new Set() }
      const asked = { subject: nobody, path: {}, query: new URLSearchParams(), headers, body: {}, requestId }
      if (found !== undefined) sendAnswer(response, await found.route.answer(asked), requestId, isEnding())
      return
    }
    if (!head.isMcp) demand(checkFetch(headers, method === 'POST', cors !== undefined))
    const subject = await letIn(head)
    const found = match(head)
    demand(checkNeeds(subject, found?.route.needs ?? 'known'))
    const places = isStream(head) ? streams : gate
    if (!places.enter())
      throw new Refused(
        refuse(503, 'BUSY', 'Too many requests are under way. Try again in a second.', {
          'retry-after': '1',
        }),
      )
    try {
      if (found === undefined) await serveMcp(head, request, response, subject)
      else await serveRoute(head, request, response, subject, found)
    } finally {
      places.leave()
    }
  }

  return async (request, response) => {
    const head = readHead(request)
    // A client that goes away is not an error of the server.
    response.on('error', () => undefined)
    try {
      await serve(head, request, response)
    } catch (thrown) {
      const refusal = toRefusal(thrown)
      // The caller learns that a service does not answer; the log is for errors of the server.
      if (refusal.status >= 500 && refusal.code !== 'ADAPTER' && !(thrown instanceof Refused))
        log(
          `request ${head.requestId}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
        )
      if (response.headersSent || response.destroyed) response.destroy()
      else
        sendAnswer(
          response,
          refusalAnswer(refusal, head.shape, head.requestId, now()),
          head.requestId,
          isEnding(),
        )
    }
  }
}
