import { TrackerError } from '../session/errors.ts'
import { message } from '../session/message.ts'
import type { Descriptor } from './descriptor.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The first edition had a kind of call of its own for statements of a database; they are custom calls now. */
const liftCall = (call: Fields): Fields => {
  if (call.kind !== 'cypher') return call
  const { uri, database, statement, parameters, access, ...rest } = call
  return {
    ...rest,
    kind: 'custom',
    target: 'bolt',
    endpoint: uri,
    payload: { database, statement, parameters, ...(access === undefined ? {} : { access }) },
  }
}

const liftLookup = (lookup: unknown): unknown => {
  if (!isFields(lookup) || !isFields(lookup.call) || lookup.call.kind !== 'cypher') return lookup
  const { next } = lookup
  const into =
    isFields(next) && typeof next.into === 'string' ? { next: { ...next, into: `/payload${next.into}` } } : {}
  return { ...lookup, ...into, call: liftCall(lookup.call) }
}

/** Version of the descriptors that this release stores. The first edition stored none, which stands for 1. */
const DESCRIPTOR_VERSION = 2

/** Lifts a descriptor of the first edition. Descriptors without its kind of call are the same in both. */
const liftFirst = (stored: Fields): Fields => {
  if (stored.kind !== 'cypher') return stored
  const { before, repeat } = stored
  return {
    ...liftCall(stored),
    ...(Array.isArray(before) ? { before: before.map(liftLookup) } : {}),
    ...(repeat === undefined ? {} : { repeat: liftLookup(repeat) }),
  }
}

const BEGINNING = `{"version":${DESCRIPTOR_VERSION},`

/**
 * The text under which a store keeps a descriptor: with its version, which adapters and previews do not see. The version is
 * put before the text, because a copy of the descriptor takes longer to write.
 */
export const writeDescriptor = (descriptor: Descriptor): string =>
  BEGINNING + JSON.stringify(descriptor).slice(1)

/** A stored descriptor as this release understands it. Throws `STORE` for one that a newer release wrote. */
export const readDescriptor = (text: string): Descriptor => {
  if (text.startsWith(BEGINNING)) return JSON.parse(`{${text.slice(BEGINNING.length)}`) as Descriptor
  const { version = 1, ...stored } = JSON.parse(text) as Fields
  if (version === DESCRIPTOR_VERSION) return stored as unknown as Descriptor
  if (typeof version === 'number' && version > DESCRIPTOR_VERSION)
    throw new TrackerError(
      'STORE',
      message({
        field: `descriptor ${String(stored.key)}`,
        problem: 'written by a newer release',
        expected: `version ${DESCRIPTOR_VERSION} or older`,
        got: String(version),
        todo: 'Upgrade @sessionwire/core.',
      }),
    )
  return liftFirst(stored) as unknown as Descriptor
}
