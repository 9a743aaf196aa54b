import { describe, invalidInput } from '../session/message.ts'
import type { Logger } from './emitter.ts'

const EXAMPLES = {
  update: '{ progress: 35 }',
  decide: '{ rationale: "why" }',
  block: '{ severity: "high" }',
  message: '{ turnId: "7" }',
  resolve: '{ key: "k1" }',
  resume: '{ key: "k1" }',
} as const

/** Merges caller options with our own fields; ours win, but unknown keys stay visible to validation. */
export const mergeInput = (
  hook: keyof typeof EXAMPLES,
  options: unknown,
  own: Readonly<Record<string, unknown>>,
) => {
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    throw invalidInput({
      field: hook,
      problem: 'invalid options',
      expected: `an object such as ${EXAMPLES[hook]}`,
      got: describe(options),
    })
  return { ...own, ...(options as object | undefined), ...own }
}

/**
 * Makes what passes input through, and tells a logger once of a progress between 0 and 1: it may be meant, and more
 * likely is a share of one.
 */
export const createPercentHint = (logger: Logger | undefined) => {
  let isReported = logger === undefined
  return (where: string, raw: unknown): unknown => {
    const progress = (raw as Readonly<{ progress?: unknown }> | null | undefined)?.progress
    if (isReported || typeof progress !== 'number' || !(progress > 0 && progress < 1)) return raw
    isReported = true
    const meant = Number((progress * 100).toPrecision(3))
    logger?.warn(`${where}.progress: ${progress} means ${progress} %; for ${meant} % give ${meant}`)
    return raw
  }
}
