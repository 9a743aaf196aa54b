import type { Descriptor } from '../descriptor/descriptor.ts'

/** A line for people about a descriptor, as in `post to C012: Session started`; `undefined`: the default line. */
export type Describe = (descriptor: Descriptor) => string | undefined

/** Longest line, in characters. */
const MOST = 300

/** `createIssue` as words: `create issue`. */
const wordsOf = (action: string): string => action.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').toLowerCase()

const addressOf = (descriptor: Descriptor): string => {
  if (descriptor.kind === 'custom') return [descriptor.target, descriptor.endpoint ?? []].flat().join(' ')
  const { endpoint, method } = descriptor
  return `${method} ${typeof endpoint === 'string' ? endpoint.replace(/^https?:\/\//, '') : `the address in ${endpoint.$secret}`}`
}

/** Text that cannot start a line, steer a terminal or change the direction of what follows. */
const flatten = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()

/** One line for people: the adapter, the action and its target. */
export const textLine = (descriptor: Descriptor, describe?: Describe): string => {
  const adapter = (descriptor as Readonly<{ adapter?: unknown }>).adapter
  const line = describe?.(descriptor) ?? `${wordsOf(descriptor.action)}: ${addressOf(descriptor)}`
  const text = flatten(`${typeof adapter === 'string' ? `${adapter}: ` : ''}${line}`.slice(0, MOST * 4))
  return text.length <= MOST ? text : `${text.slice(0, MOST - 1).toWellFormed()}…`
}
