import { type Payload, textOf } from '../hook/host.ts'
import type { Row } from './rows.ts'

/** An event that a transcript tells of, as the payload that the host's hook would have sent. */
export type Told = Readonly<{
  /** When it happened, epoch ms. */
  at: number
  /** The same for the same row of the same transcript. */
  id: string
  payload: Payload
}>

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
