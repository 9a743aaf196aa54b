import { items } from './actions/items.ts'
import { notes } from './actions/notes.ts'
import { reads } from './actions/reads.ts'

/** Everything that callers may do in Taiga; hooks send a few calls of their own besides. */
export const actions = { ...items, ...notes, ...reads }
