import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { failure } from './failure.ts'

/** Deeper JSON stays text: whoever walks it later would run out of stack. */
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

/** The JSON of a text, or the text where it is none. */
const parsed = (text: string): Json => {
  if (text.length > DEPTH && depthOf(text) > DEPTH) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** The body, unpacked, as text; `undefined` when it is longer than `most` bytes, of which no more is then read. */
const textOf = async (response: Response, most: number): Promise<string | undefined> => {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > most) {
      // Not waited for: the sender may never end.
      reader.cancel().catch(() => undefined)
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** A response as a reply, read to its end. Throws what reading throws. */
export const answer = async (response: Response, most: number, who: string): Promise<Reply> => {
  const body = await textOf(response, most)
  if (body === undefined)
    return failure('too-large', 'perhaps', `${who} answered with more than ${most} bytes`)
  return {
    kind: 'answer',
    // A browser hides a redirect it was told not to follow behind a status of 0.
    status: response.type === 'opaqueredirect' ? 302 : response.status,
    headers: Object.fromEntries(response.headers),
    body: parsed(body),
  }
}
