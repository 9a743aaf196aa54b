import type { AnyAdapter } from '../adapter/contract.ts'
import { removePace } from '../adapter/plan.ts'
import type { Delivery, Incoming } from '../delivery/model.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Descriptor, Link } from '../descriptor/descriptor.ts'
import { ERASED } from '../session/erase.ts'
import type { SessionEvent } from '../session/events.ts'
import { isCovered, textsIn } from './covered.ts'
import type { Moment } from './live-session.ts'
import { planEvent, summarize, toIncoming } from './planning.ts'

type Planned = Pick<Delivery, 'descriptor'>
export const isEdit = ({ descriptor }: Planned): boolean =>
  descriptor?.coalesce !== undefined && descriptor.coalesce.place !== 'after'

/** Everything of a lane that was not sent, and shows what is erased. */
export const isPending = ({ state }: Delivery): boolean =>
  state === 'planned' || state === 'waiting' || state === 'dead'

/** A worker or a person has it: its answer decides what becomes of it. */
export const isUnderWay = ({ state }: Delivery): boolean => state === 'claimed' || state === 'begun'

/** One that was not delivered, but may have been applied. */
export const isDoubtful = ({ doubtSince, exposed }: Delivery): boolean =>
  doubtSince !== undefined || exposed === true

/** Ends the key of a planned deletion, behind the key of what it deletes. */
export const DELETION = '/removed'

/** Ends the key of a call that is planned again, unlike those of edits. */
const REWRITING = '/again'

/** The first suffix that no key of the lane has yet. */
export const suffixFor = (own: readonly Delivery[]): string => {
  for (let turn = 1; ; turn++) {
    const suffix = `/f${turn}`
    if (!own.some(({ key }) => `${key}/`.includes(`${suffix}/`))) return suffix
  }
}

/** States of deliveries that no service ever saw. */
export const NEVER_SENT: ReadonlySet<Delivery['state']> = new Set(['dropped', 'replaced'])

/** A lane whose card was made, or will be. */
export const hasCard = (all: readonly Delivery[], dropping: ReadonlySet<string>): boolean =>
  all.some(({ sequence, state, key }) => sequence === 1 && !NEVER_SENT.has(state) && !dropping.has(key))

/** Edits that make the card show the session as it is without the texts: also where nothing but its start was recorded. */
export const planEdits = (
  adapter: AnyAdapter,
  moments: readonly Moment[],
  suffix: string,
  links: readonly Link[],
): readonly Incoming[] => {
  const { event, session } = moments.at(-1) as Moment
  const payload = { decisionId: '', content: ERASED, alternatives: [], relatedEntities: [] }
  const shown = { ...event, type: 'decision', payload, erased: true } as SessionEvent<'decision'>
  const edits = planEvent(adapter, shown, session, suffix, links).filter(isEdit)
  // Hooks of an adapter's own may edit the card at other moments only.
  const all =
    edits.length > 0
      ? edits
      : summarize(adapter, moments, suffix).filter(each => each.sequence > 1 && isEdit(each))
  return all.map(each =>
    each.descriptor === undefined ? each : { ...each, descriptor: removePace(each.descriptor) },
  )
}

/** The call that deletes what a delivery left in the service, where the adapter has one. */
const planDeletion = (
  adapter: AnyAdapter,
  { key, action, sequence, descriptor }: Delivery,
): Incoming | undefined => {
  const make = adapter.removals?.[action]
  if (make === undefined || descriptor === undefined) return undefined
  try {
    const deletion = make(descriptor)({ key: `${key}${DELETION}`, config: adapter.config })
    checkDescriptor(deletion)
    return toIncoming(adapter, deletion, sequence)
  } catch {
    // A defect of the adapter must not keep texts in the store: the call is named as one that remains.
    return undefined
  }
}

/** The same call as its event plans it without its texts; `undefined` where it plans no such call. */
const replan = (
  adapter: AnyAdapter,
  moment: Moment | undefined,
  { key, action }: Delivery,
): Incoming | undefined => {
  if (moment === undefined) return undefined
  const suffix = key.split('/').slice(3)
  const planned = planEvent(adapter, moment.event, moment.session, suffix.map(part => `/${part}`).join(''))
  return planned.find(each => each.key === key && each.action === action)
}

/** A value that is set, such as the note of a blocked card, and that no later call set to another one. */
const isNewest = ({ descriptor, rank }: Delivery, own: readonly Delivery[]): boolean =>
  descriptor?.coalesce !== undefined &&
  !own.some(each => each.rank > rank && each.descriptor?.coalesce?.name === descriptor.coalesce?.name)

/** A read, such as that of a card's address, leaves nothing in the service. */
const isRead = (descriptor: Descriptor): boolean => 'method' in descriptor && descriptor.method === 'GET'

type TakenBack = Readonly<{
  deletions: readonly Incoming[]
  /** Calls that set the same value again, without the texts. */
  rewrites: readonly Incoming[]
  remaining: readonly Delivery[]
}>

/** Finds out how each call that was sent with the texts is taken back, and which are not. */
export const takeBack = (
  adapter: AnyAdapter,
  moments: ReadonlyMap<number, Moment>,
  own: readonly Delivery[],
  sent: readonly Delivery[],
  edits: readonly Incoming[],
  suffix: string,
  underWay: ReadonlySet<string>,
): TakenBack => {
  const deletions: Incoming[] = []
  const rewrites: Incoming[] = []
  const remaining: Delivery[] = []
  const edited = edits.flatMap(({ descriptor }) => descriptor ?? [])
  const isEdited = ({ coalesce }: Descriptor): boolean =>
    coalesce !== undefined && edited.some(each => each.coalesce?.name === coalesce.name)
  for (const each of sent) {
    const { descriptor, sequence } = each
    if (descriptor === undefined) continue
    if (isRead(descriptor)) continue
    const bare = replan(adapter, moments.get(sequence), each)
    if (bare?.descriptor === undefined) {
      // A state such as a column holds no text of a session.
      if (descriptor.coalesce?.place === 'after') continue
      // An edit that showed a link is planned for no event; it is written over like any other.
      if (isEdited(descriptor)) continue
    } else {
      const places = textsIn(descriptor, bare.descriptor)
      // An edit writes over what the start made, and over edits before it; each entry stays.
      const isCard = sequence === 1 || isEdited(descriptor)
      if (places.length === 0 || (isCard && isCovered(places, edited))) continue
      if (isNewest(each, own)) {
        const key = `${each.key}${suffix}${REWRITING}`
        rewrites.push({ ...bare, key, descriptor: { ...bare.descriptor, key } })
        continue
      }
      // A later call of the same name wrote over it.
      if (descriptor.coalesce !== undefined && descriptor.coalesce.keep !== true) continue
    }
    const deletion = isDoubtful(each) || underWay.has(each.key) ? undefined : planDeletion(adapter, each)
    if (deletion === undefined) remaining.push(each)
    else deletions.push(deletion)
  }
  return { deletions, rewrites, remaining }
}
