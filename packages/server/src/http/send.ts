import type { ServerResponse } from 'node:http'
import type { Refusal } from '../access/refusal.ts'
import type { Answer, Shape } from './route.ts'

/** Headers of every answer: nothing is kept by a cache, guessed by a browser, or shown in a frame. */
const SAFE = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** The envelope of `/api`. */
export const envelope = (
  requestId: string,
  at: number,
  result: Readonly<{ data: unknown }> | Readonly<{ error: Refusal }>,
): Readonly<Record<string, unknown>> => ({
  success: 'data' in result,
  data: 'data' in result ? result.data : null,
  error: 'data' in result ? null : { code: result.error.code, message: result.error.message },
  timestamp: new Date(at).toISOString(),
  request_id: requestId,
})

/** A refusal as an answer, in the shape of its path. */
export const refusalAnswer = (refusal: Refusal, shape: Shape, requestId: string, at: number): Answer => ({
  status: refusal.status,
  body: shape === 'envelope' ? envelope(requestId, at, { error: refusal }) : { error: refusal.message },
  ...(refusal.headers === undefined ? {} : { headers: refusal.headers }),
})

/** Sends an answer whole. */
export const sendAnswer = (
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
  requestId: string,
  isLast: boolean,
): void => {
  const isText = typeof body === 'string'
  const text = isText ? body : `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    ...SAFE,
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-request-id': requestId,
    ...headers,
    ...(isLast ? { connection: 'close' } : {}),
  })
  response.end(text)
}

/** Longest time that an answer waits for a client that does not read it, ms. Its place is held so long. */
const DEAF_MS = 30_000

/** Waits until the client has room again, or is gone. One that does not read is gone too. */
const waitForRoom = (response: ServerResponse, deafMs: number): Promise<void> =>
  new Promise(resolve => {
    const end = (): void => {
      clearTimeout(late)
      response.off('drain', end).off('close', end)
      resolve()
    }
    const late = setTimeout(() => response.destroy(), deafMs)
    response.on('drain', end).on('close', end)
  })

/** Sends an answer that may be a stream; resolves when it has ended or the client is gone. */
export const sendResponse = async (
  response: ServerResponse,
  answer: Response,
  requestId: string,
  isLast: boolean,
  deafMs = DEAF_MS,
): Promise<void> => {
  response.writeHead(answer.status, {
    ...SAFE,
    ...Object.fromEntries(answer.headers),
    'x-request-id': requestId,
    ...(isLast ? { connection: 'close' } : {}),
  })
  const reader = answer.body?.getReader()
  try {
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      if (response.closed) break
      if (!response.write(next.value)) await waitForRoom(response, deafMs)
    }
  } finally {
    if (response.closed) await reader?.cancel().catch(() => undefined)
    response.end()
  }
}
