import { cards } from './actions/cards.ts'
import { items } from './actions/items.ts'
import { notes } from './actions/notes.ts'
import { reads } from './actions/reads.ts'

/** Everything this adapter can do in Taiga, by name. */
export const actions = { ...cards, ...items, ...notes, ...reads }
