import { uuidFrom } from '../descriptor/digest.ts'
import { VERSION } from '../session/version.ts'

/** Where a card or entry comes from, for a place of the service that people rarely look at. */
export type Provenance = Readonly<{
  /** Id of the session. */
  session: string
  /** Id of the event. */
  event: string
  /** Library and version that wrote it. */
  by: string
}>

type Origin = Readonly<{ session: Readonly<{ id: string }>; event: Readonly<{ id: string }> }>

/**
 * An id as it may stand in a text of a service. A caller's own id may hold anything, such as markup or a mention: then it is the
 * UUID that is derived from it, which is always the same, so that the text is still found by it.
 */
const safeId = (id: string): string =>
  id.length <= 100 && /^[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*$/.test(id) ? id : uuidFrom(id)

/** The provenance of an event's card or entry: for metadata, properties and the like. */
export const provenance = ({ session, event }: Origin): Provenance => ({
  session: session.id,
  event: event.id,
  by: `sessionwire ${VERSION}`,
})

/** The same on one line, for services that have only text: `Session … · event … · sessionwire 0.1.0`. */
export const provenanceText = (origin: Origin): string => {
  const { session, event, by } = provenance(origin)
  return `Session ${safeId(session)} · event ${safeId(event)} · ${by}`
}

/** Marks at the beginning and end of the card of a session in a description that people edit too. */
const marksOf = ({ id }: Readonly<{ id: string }>) =>
  [`▼ Session ${safeId(id)}`, `▲ Session ${safeId(id)}`] as const

/** The card of a session as a block between two marks, with its provenance at the end, for a description. */
export const wrapCard = (text: string, origin: Origin): string => {
  const [open, close] = marksOf(origin.session)
  const { event, by } = provenance(origin)
  // A text that has a mark must not end or begin the block.
  const shown = [open, close].reduce((kept, mark) => kept.replaceAll(mark, mark.slice(2)), text)
  return `${open}\n\n${shown}\n\nEvent ${safeId(event)} · ${by}\n${close}`
}

/**
 * The description of a card with the block of its session replaced and everything that people wrote around it kept. `name`
 * is the capture of a `before` read of the description. Where people removed a mark, `instead` of the draft is sent (`continueAs`),
 * or nothing, and the edit counts as delivered.
 */
export const replaceCard = (name: string, text: string, origin: Origin) =>
  ({ $ref: name, between: marksOf(origin.session), put: wrapCard(text, origin) }) as const
