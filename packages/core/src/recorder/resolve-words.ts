import { invalidInput } from '../session/message.ts'
import type { Inputs } from '../session/schema.ts'
import { openBlockers, type Session } from '../session/session.ts'

/** Longest part of a description that an error repeats, in characters. */
const SHOWN = 80

/**
 * Replaces words by the id of the one open blocker whose description has them, in any case. An id stays as it is. Throws
 * `INVALID_INPUT` where several have them, naming each.
 */
export const resolveId = (input: Inputs['resolve'], session: Session | undefined): Inputs['resolve'] => {
  const { blockerId: given } = input
  if (session === undefined || session.blockers.some(({ blockerId }) => blockerId === given)) return input
  const words = given.toLowerCase().trim()
  const found = openBlockers(session).filter(({ description }) => description.toLowerCase().includes(words))
  const [first, ...others] = found
  if (first === undefined) return input
  if (others.length === 0) return { ...input, blockerId: first.blockerId }
  throw invalidInput({
    field: 'resolve.blockerId',
    problem: `${found.length} open blockers contain ${JSON.stringify(given)}`,
    expected: `one of ${found.map(each => `${each.blockerId} (${each.description.slice(0, SHOWN)})`).join(', ')}`,
  })
}
