import type { Known } from '@sessionwire/core/adapter'
import { KINDS } from './actions/call.ts'
import { itemIn } from './actions/input.ts'
import { CARD_KINDS, type CardKind, type TaigaConfig } from './config.ts'
import { REFS } from './hooks.ts'

/** The address that people open for a card, of its number (`ref`) and its project's slug. */
export const cardUrl = (
  { frontUrl }: Pick<TaigaConfig, 'frontUrl'>,
  card: Readonly<{
    /** Its kind. */
    kind: CardKind
    /** Slug of its project. */
    project: string
    /** Its number in the project. */
    ref: number
  }>,
): string => `${frontUrl}/project/${encodeURIComponent(card.project)}/${KINDS[card.kind].front}/${card.ref}`

/**
 * The session's card. Addresses hold the slug of the project and the number of the card: a project that is configured by its
 * id has no known address, and an item that was linked by its id may be of any project.
 */
export const link = ({ refs, captured }: Known, config: TaigaConfig) => {
  const made = typeof captured.ref === 'number' ? captured.ref : undefined
  const given = [config.kind, ...CARD_KINDS].find(each => refs[REFS[each]] !== undefined)
  const item = given === undefined ? undefined : itemIn(refs[REFS[given]] ?? '')
  if (item?.by === 'id') return undefined
  // Another number than the linked one: the session was given a card of its own since.
  const isLinked = item?.by === 'ref' && (made ?? item.ref) === item.ref
  const kind = isLinked ? (given ?? config.kind) : config.kind
  const project = (isLinked ? item.project : undefined) ?? config.project
  const ref = isLinked ? item.ref : made
  return typeof project !== 'string' || ref === undefined || !Number.isSafeInteger(ref)
    ? undefined
    : { name: `#${ref}`, url: cardUrl(config, { kind, project, ref }) }
}
