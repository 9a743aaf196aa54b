import type { Json } from '@sessionwire/core'
import { at, fieldsOf } from '@sessionwire/core/adapter'
import type { Place, Vendor } from './vendor.ts'
import { VENDORS } from './vendors.ts'

/** An answer of a tool, however the client gave it. */
export type ToolAnswer = Readonly<{
  /** The tool says that it failed. */
  isError: boolean
  /** All of its text. */
  text: string
  /** The object it gave, as structured content or as JSON in its text; else null. */
  data: Json
}>

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

const textOf = (content: Json | undefined): string =>
  Array.isArray(content)
    ? content
        .flatMap(each =>
          typeof fieldsOf(each as Json).text === 'string' ? [fieldsOf(each as Json).text] : [],
        )
        .join('\n')
    : ''

/** Reads the answer of a tool as clients pass it on: the whole result, its content, its text, or the object in it. */
export const readToolAnswer = (given: Json): ToolAnswer => {
  if (typeof given === 'string') return { isError: false, text: given, data: parse(given) }
  if (Array.isArray(given)) {
    const text = textOf(given)
    return text === '' ? { isError: false, text: JSON.stringify(given), data: given } : readToolAnswer(text)
  }
  const { content, structuredContent, isError } = fieldsOf(given)
  if (!Array.isArray(content) && structuredContent === undefined)
    return { isError: isError === true, text: JSON.stringify(given), data: given }
  const text = textOf(content) || JSON.stringify(structuredContent ?? null)
  return { isError: isError === true, text, data: structuredContent ?? parse(text) }
}

const isValue = (value: Json): boolean =>
  typeof value === 'string' ? value !== '' : typeof value === 'number'

const readPlace = (place: Place, { text, data }: ToolAnswer): Json | undefined => {
  if (typeof place === 'string') {
    const found = at(data, place)
    return found.found && isValue(found.value) ? found.value : undefined
  }
  const found = new RegExp(place.pattern).exec(text)?.[1]
  return found !== undefined && /^\d{1,15}$/.test(found) ? Number(found) : found
}

const answerOf = (server: string): Vendor['answer'] =>
  Object.values(VENDORS).find(each => each.server === server)?.answer ?? {}

/** The wanted values in an answer, by name; one that is not there is left out. */
export const pickAnswer = (
  server: string,
  wanted: readonly string[],
  answer: ToolAnswer,
): Readonly<Record<string, Json>> => {
  const places = answerOf(server)
  const values = wanted.map(name => {
    const own: readonly Place[] = [`/${name}`, ...(places[name.replace(/[-.].*$/, '')] ?? [])]
    const found = own.map(place => readPlace(place, answer)).find(value => value !== undefined)
    return [name, found] as const
  })
  return Object.fromEntries(values.filter((entry): entry is [string, Json] => entry[1] !== undefined))
}
