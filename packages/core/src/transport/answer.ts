import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { type Failure, failure } from './contract.ts'

/** Deeper JSON stays text: a later walk would run out of stack. */
const DEPTH = 500

/** How deep brackets nest, outside of strings. */
const depthOf = (text: string): number => {
  let [depth, deepest, inText] = [0, 0, false]
  for (let place = 0; place < text.length; place++) {
    const sign = text[place]
    if (inText) {
      if (sign === '\\') place++
      else if (sign === '"') inText = false
    } else if (sign === '"') inText = true
    else if (sign === '{' || sign === '[') deepest = Math.max(deepest, ++depth)
    else if (sign === '}' || sign === ']') depth--
  }
  return deepest
}

/** The JSON of a text, or the text where it is not JSON. */
export const parseBody = (text: string): Json => {
  if (text.length > DEPTH && depthOf(text) > DEPTH) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** The failure of an answer that exceeds the bounds. */
export const tooLarge = (most: number, who: string): Failure =>
  failure('too-large', 'perhaps', `${who} answered with more than ${most} bytes`)

/** Made with the first body: a context that has nothing but the language can load this file. */
let decoder: TextDecoder | undefined

const join = (parts: readonly Uint8Array[], bytes: number): Uint8Array => {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

/** Puts a body together; `add` returns false once it is longer than `most` bytes, and no more is to be read. */
export const bodyReader = (
  most: number,
): Readonly<{ add: (part: Uint8Array) => boolean; text: () => string }> => {
  const parts: Uint8Array[] = []
  let bytes = 0
  return {
    add: part => {
      bytes += part.byteLength
      if (bytes > most) return false
      parts.push(part)
      return true
    },
    text: () => {
      decoder ??= new TextDecoder()
      return decoder.decode(parts.length === 1 ? parts[0] : join(parts, bytes))
    },
  }
}

/** A response as a reply, read to its end. Rethrows errors of reading. */
export const answerOf = async (response: Response, most: number, who: string): Promise<Reply> => {
  const reader = bodyReader(most)
  const body = response.body?.getReader()
  for (;;) {
    const { done, value } = (await body?.read()) ?? { done: true }
    if (done || value === undefined) break
    if (reader.add(value)) continue
    // Without waiting: the sender may never end.
    body?.cancel().catch(() => undefined)
    return tooLarge(most, who)
  }
  return {
    kind: 'answer',
    // A browser that may not follow a redirect hides it behind a status of 0.
    status: response.type === 'opaqueredirect' ? 302 : response.status,
    headers: Object.fromEntries(response.headers),
    body: parseBody(reader.text()),
  }
}
