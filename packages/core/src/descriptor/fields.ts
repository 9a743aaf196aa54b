import type { Json } from '../session/schema.ts'
import { shorten } from '../session/text.ts'
import type { Descriptor, Link } from './descriptor.ts'
import { type Fields, fieldsOf } from './refs.ts'

/**
 * Makes a line for people about a request, for `describe` of an adapter: `write` is given the fields of its payload, its address
 * (empty where a secret holds it), and the request.
 */
export const writeLine =
  (write: (payload: Partial<Fields>, address: string, descriptor: Descriptor) => string) =>
  (descriptor: Descriptor): string => {
    const { payload, endpoint } = descriptor
    return write(fieldsOf(payload), typeof endpoint === 'string' ? endpoint : '', descriptor)
  }

const UNITS = 80

/** A value of a call as people read it: the first line of a text that says something, at most 80 characters of it. */
export const showValue = (value: Json | undefined): string => {
  if (typeof value !== 'string')
    return typeof fieldsOf(value).$ref === 'string' ? "the session's card" : String(value)
  // The first line of a folded card is its marker.
  const [line = '', next] = value.split('\n').filter(each => each.trim() !== '' && !each.startsWith('▼'))
  // A bold line is the heading of an entry, and says nothing without the line after it.
  const heading = /^\*\*([^*]+)\*\*$/.exec(line)?.[1]
  return shorten(heading === undefined ? line : [heading, next ?? []].flat().join(': '), UNITS)
}

/** The names that the look-ups before a call seek in lists, such as that of a workflow state. */
export const soughtBy = ({ before = [] }: Pick<Descriptor, 'before'>): string =>
  before
    .flatMap(({ list, where }) =>
      list !== undefined && where !== undefined && 'equals' in where ? [showValue(where.equals)] : [],
    )
    .join(', ')

/** A link for people: where it leads, and what it is called there, as in `jira ENG-12`. */
export const linkTitle = ({ adapter, name }: Link): string =>
  name === '' || name === adapter ? adapter : `${adapter} ${name}`
