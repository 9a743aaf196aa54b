import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Refusal, Refused, refuse } from '../access/refusal.ts'

/** Largest body of a request, in bytes. */
export const BODY_BYTES = 1_048_576
/** Deepest nesting of a body. A deeper one can only be meant to overflow a stack. */
const DEPTH = 64

const tooLarge = (): Refused =>
  new Refused(refuse(413, 'TOO_LARGE', `The body is too large; at most ${BODY_BYTES} bytes are read.`))

/** Reads a body of at most `BODY_BYTES`; throws `Refused` for a larger one, and reads no further. */
export const readBody = (request: IncomingMessage, response: ServerResponse): Promise<Buffer> => {
  const { 'content-length': announced = '0', expect } = request.headers
  if (Number(announced) > BODY_BYTES) return Promise.reject(tooLarge())
  // Asked for only now: the body of a refused request is never sent by a client that waits for this.
  if (expect !== undefined) response.writeContinue()
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const end = (settle: () => void): void => {
      request.off('data', take).off('end', finish).off('close', abort)
      settle()
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > BODY_BYTES) end(() => reject(tooLarge()))
      else chunks.push(chunk)
    }
    const finish = (): void => end(() => resolve(Buffer.concat(chunks, bytes)))
    const abort = (): void =>
      end(() => reject(new Refused(refuse(400, 'BAD_REQUEST', 'The body ended before it was whole.'))))
    request.on('data', take).on('end', finish).on('close', abort)
  })
}

const notJson = (problem: string): Refusal =>
  refuse(400, 'INVALID_JSON', `The body is not a JSON object: ${problem}.`)

/** Names that make an object something else where a program copies them carelessly. */
const TRAPS = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether a value is nested too deep, or has a name that no input of ours has; walked without recursion. */
const faultIn = (root: object): string | undefined => {
  const left: [value: unknown, depth: number][] = [[root, 1]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, depth] = next
    if (typeof value !== 'object' || value === null) continue
    if (depth > DEPTH) return `it is nested deeper than ${DEPTH} levels`
    for (const [key, item] of Object.entries(value)) {
      if (TRAPS.has(key)) return `the name "${key}" is not allowed`
      left.push([item, depth + 1])
    }
  }
  return undefined
}

/**
 * A body as an object. Throws `Refused` for other values, for text that is not UTF-8, and for what is nested too deep or has
 * the name of a prototype.
 */
export const parseObject = (body: Buffer): Readonly<Record<string, unknown>> => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Refused(notJson('it cannot be parsed'))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refused(notJson(`expected an object, got ${Array.isArray(value) ? 'an array' : typeof value}`))
  const fault = faultIn(value)
  if (fault !== undefined) throw new Refused(notJson(fault))
  return value as Readonly<Record<string, unknown>>
}
