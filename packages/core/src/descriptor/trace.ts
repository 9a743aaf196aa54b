import type { Descriptor } from './descriptor.ts'

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Whether it names a span: https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
export const isTraceparent = (given: unknown): given is string =>
  typeof given === 'string' && TRACEPARENT.test(given)

/**
 * The JSON of what a descriptor does, to compare two of the same key: the same call may be planned again in another trace.
 */
export const contentOf = (descriptor: Descriptor): string => {
  if (descriptor.traceparent === undefined) return JSON.stringify(descriptor)
  const { traceparent: _, ...content } = descriptor
  return JSON.stringify(content)
}
