import { type Payload, textOf } from '../hook/host.ts'
import type { LineUsage } from '../hook/line.ts'
import type { Row } from './rows.ts'

/** An event that a transcript tells of, as the payload that the host's hook would have sent. */
export type Told = Readonly<{
  /** When it happened, epoch ms. */
  at: number
  /** The same for the same row of the same transcript. */
  id: string
  payload: Payload
  /** Tokens of the turn that ends here. */
  usage?: LineUsage
}>

const NONE: LineUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }
const FIELDS = Object.keys(NONE) as readonly (keyof LineUsage)[]

/** The tokens that a row tells of, by the host's names for them; what is missing counts nothing. */
export const usageIn = (value: unknown, names: LineUsageNames): LineUsage | undefined => {
  if (!isObject(value)) return undefined
  const count = (name: string): number => {
    const found = value[name]
    return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : 0
  }
  return Object.fromEntries(FIELDS.map(field => [field, count(names[field])])) as LineUsage
}

/** Names of the host for each count. */
export type LineUsageNames = Readonly<{ [F in keyof LineUsage]: string }>

const combine = (a: LineUsage, b: LineUsage, sign: 1 | -1): LineUsage =>
  Object.fromEntries(FIELDS.map(field => [field, Math.max(0, a[field] + sign * b[field])])) as LineUsage

/** Sum of the tokens of some answers; `undefined` for none. */
export const sumUsage = (all: Iterable<LineUsage>): LineUsage | undefined => {
  const sum = [...all].reduce((before, each) => combine(before, each, 1), NONE)
  return FIELDS.some(field => sum[field] > 0) ? sum : undefined
}

/** Tokens since an earlier total. */
export const usageSince = (now: LineUsage, before: LineUsage = NONE): LineUsage | undefined =>
  sumUsage([combine(now, before, -1)])

/** Reads the rows of one transcript, in order, as the events that hooks would have sent. */
export type Teller = (rows: Iterable<Row>) => Generator<Told>

/** A row's time, epoch ms. */
export const timeOf = (row: Payload): number | undefined => {
  const at = Date.parse(textOf(row, 'timestamp') ?? '')
  return Number.isNaN(at) ? undefined : at
}

export const isObject = (value: unknown): value is Payload =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The objects of an array. */
export const listObjects = (value: unknown): readonly Payload[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** The texts of a message's parts, or the message where it is a string. */
export const textOfParts = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : listObjects(content)
        .flatMap(part => (typeof part.text === 'string' ? [part.text] : []))
        .join('\n')
