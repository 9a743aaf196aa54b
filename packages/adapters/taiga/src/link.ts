import type { Adapter } from '@sessionwire/core/adapter'
import { KINDS } from './actions/call.ts'
import { itemIn } from './actions/input.ts'
import { CARD_KINDS, type CardKind, type TaigaConfig } from './config.ts'
import { HANDED } from './hooks.ts'

/** The address people open for a card, of its number (`ref`) and its project's slug. */
export const cardUrl = (
  config: Pick<TaigaConfig, 'frontUrl'>,
  card: Readonly<{
    /** Its kind. */
    kind: CardKind
    /** Slug of its project. */
    project: string
    /** Its number in the project. */
    ref: number
  }>,
): string =>
  `${config.frontUrl}/project/${encodeURIComponent(card.project)}/${KINDS[card.kind].front}/${card.ref}`

/**
 * The session's card at the front. Addresses there hold the slug of the project and the number of the card: a project
 * that is configured by its id has no address we know, and an item that was handed over by its id may be of any project.
 */
export const linkAt =
  (config: TaigaConfig): NonNullable<Adapter['link']> =>
  ({ refs, captured }) => {
    const made = typeof captured.ref === 'number' ? captured.ref : undefined
    const handed = [config.kind, ...CARD_KINDS].find(each => refs[HANDED[each]] !== undefined)
    const item = handed === undefined ? undefined : itemIn(refs[HANDED[handed]] ?? '')
    if (item?.by === 'id') return undefined
    // Another number than the one that was handed over: the session was given a card of its own since.
    const place =
      item?.by === 'ref' && (made ?? item.ref) === item.ref
        ? { kind: handed ?? config.kind, project: item.project ?? config.project, ref: item.ref }
        : { kind: config.kind, project: config.project, ref: made }
    const { kind, project, ref } = place
    return typeof project !== 'string' || ref === undefined || !Number.isSafeInteger(ref)
      ? undefined
      : { name: `#${ref}`, url: cardUrl(config, { kind, project, ref }) }
  }
