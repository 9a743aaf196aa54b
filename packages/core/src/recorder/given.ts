import { wrongInput } from './asked.ts'
import type { Logger } from './emitter.ts'

const EXAMPLES = {
  update: '{ progress: 35 }',
  decide: '{ rationale: "why" }',
  block: '{ severity: "high" }',
  message: '{ turnId: "7" }',
  resolve: '{ key: "k1" }',
  resume: '{ key: "k1" }',
} as const

/** What a caller hands in is spread behind what it is called with, so that nothing of it can hide. */
export const given = (
  hook: keyof typeof EXAMPLES,
  options: unknown,
  own: Readonly<Record<string, unknown>>,
) => {
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    throw wrongInput(hook, `give its options as an object, as in ${EXAMPLES[hook]}`)
  return { ...own, ...(options as object | undefined), ...own }
}

/**
 * Makes what passes input through, and tells a logger once of a progress between 0 and 1: it may be meant, and more
 * likely is a share of one.
 */
export const percentHint = (logger: Logger | undefined) => {
  let told = logger === undefined
  return (where: string, raw: unknown): unknown => {
    const progress = (raw as Readonly<{ progress?: unknown }> | null | undefined)?.progress
    if (told || typeof progress !== 'number' || !(progress > 0 && progress < 1)) return raw
    told = true
    const meant = Number((progress * 100).toPrecision(3))
    logger?.warn(`${where}.progress: ${progress} means ${progress} %; for ${meant} % give ${meant}`)
    return raw
  }
}
