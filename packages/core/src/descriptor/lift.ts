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

/** A stored descriptor of any version as the current one. Those of the current version are returned as they are. */
export const liftDescriptor = (stored: unknown): Descriptor => {
  if (!isFields(stored) || stored.kind !== 'cypher') return stored as Descriptor
  const { before, repeat } = stored
  return {
    ...liftCall(stored),
    ...(Array.isArray(before) ? { before: before.map(liftLookup) } : {}),
    ...(repeat === undefined ? {} : { repeat: liftLookup(repeat) }),
  } as unknown as Descriptor
}
