import { expect } from 'vitest'
import type { Got, Stage } from '../http/stage.ts'

/** One way to get in: what is sent, and what must come back. */
export type Attempt = readonly [
  name: string,
  send: (stage: Stage) => Promise<Pick<Got, 'status' | 'json'> & Partial<Got>>,
  status: number,
  body: unknown,
]

/** The body of a refusal under `/api`. */
export const failure = (code: string, message: string) => ({
  success: false,
  data: null,
  error: { code, message },
  timestamp: expect.any(String),
  request_id: expect.any(String),
})

/** Answers on a connection, in their order. */
export const answersIn = (
  text: string,
): readonly Readonly<{ status: number; json: unknown; headers: string }>[] => {
  const answers: { status: number; json: unknown; headers: string }[] = []
  let rest = text
  for (let at = rest.indexOf('\r\n\r\n'); at >= 0; at = rest.indexOf('\r\n\r\n')) {
    const headers = rest.slice(0, at)
    const isChunked = /transfer-encoding: chunked/i.test(headers)
    const length = isChunked
      ? rest.indexOf('0\r\n\r\n') - at + 1
      : Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0)
    const body = isChunked ? '' : rest.slice(at + 4, at + 4 + length)
    rest = rest.slice(at + 4 + length)
    let json: unknown
    try {
      json = JSON.parse(body)
    } catch {
      json = body
    }
    answers.push({ status: Number(headers.split(' ')[1]), json, headers })
  }
  return answers
}

/** Writes bytes on a connection of their own; more than one answer is a failure of the attempt's own kind. */
export const rawly =
  (lines: readonly string[], body = '') =>
  async (stage: Stage) => {
    const bytes = `${lines.join('\r\n')}\r\n\r\n${body}`.replaceAll('PORT', String(stage.port))
    const answers = answersIn(await stage.raw(bytes))
    const [first = { status: 0, json: undefined }] = answers
    return answers.length > 1
      ? { status: first.status, json: answers }
      : { status: first.status, json: first.json }
  }
