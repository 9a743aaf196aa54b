import type { AnyAdapter, LinkChange } from '../adapter/contract.ts'
import { finish, showTo } from '../adapter/plan.ts'
import type { Delivery, Incoming, State } from '../delivery/model.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Descriptor, Link } from '../descriptor/descriptor.ts'
import { digest } from '../descriptor/digest.ts'
import { isTrackerError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import type { LanePlan } from '../store/contract.ts'
import { asError, type RecorderContext } from './context.ts'
import { type Applied, isCardText, readLinks, showsLinks } from './link.ts'
import { copySession, findSession, type LiveSession, withRefsOf } from './live-session.ts'
import { linksFor, toIncoming } from './planning.ts'
import { announce, retryConflicts } from './record.ts'

/** More than any lane has on its way; a bound all the same. */
const ALL = 100_000

const ON_ITS_WAY: readonly State[] = ['planned', 'waiting', 'claimed', 'begun']

/** Whether all of these links are shown as they are. */
const hasAll = (shown: readonly Link[] = [], wanted: readonly Link[]): boolean =>
  wanted.every(({ adapter, url }) => shown.some(each => each.adapter === adapter && each.url === url))

/**
 * These links, and those of other adapters that are shown already: another worker may know of a card that it has not written
 * yet.
 */
const joinLinks = (wanted: readonly Link[], shown: readonly Link[] = []): readonly Link[] =>
  [...wanted, ...shown.filter(({ adapter }) => !wanted.some(each => each.adapter === adapter))].sort(
    (a, b) => (a.adapter < b.adapter ? -1 : 1),
  )

/** The parts of a session that each link is planned with. */
type Scene = Readonly<{
  parts: RecorderContext
  sessionId: string
  live: LiveSession
  session: Session
  event: SessionEvent
  links: readonly Link[]
  /** Ends of the keys of what a later card of an adapter made: none for the first. */
  turns: ReadonlyMap<string, string>
}>

/** The calls that show a link. The adapter's `when` is not asked: a link is not an event. */
const planFor = (
  { live, session, event }: Scene,
  adapter: AnyAdapter,
  change: LinkChange,
  keyOf: (place: number) => string,
): readonly Incoming[] => {
  const seen = withRefsOf(session, adapter.name, live.refs.get(adapter.name))
  const steps = adapter.hooks.linked?.(change, showTo(adapter, seen), event, adapter.config) ?? []
  const planned = finish(adapter, 'linked', steps, event, seen, keyOf)
  for (const descriptor of planned) checkDescriptor(descriptor)
  return planned.map(descriptor => toIncoming(adapter, descriptor, event.sequence))
}

/** One edit of a card whose text shows the links, unless what is on its way shows the same. */
const planEdit = async (
  scene: Scene,
  adapter: AnyAdapter,
  applied: Applied | undefined,
): Promise<LanePlan | undefined> => {
  const { parts, sessionId, live, links, turns } = scene
  const { name } = adapter
  const known = linksFor(adapter, links)
  const open = await parts.store.list({ lane: sessionId, adapter: name, state: ON_ITS_WAY, limit: ALL })
  const texts = open.filter(
    ({ descriptor, key }) =>
      descriptor !== undefined && isCardText(descriptor) && key !== applied?.delivery.key,
  )
  const newest = texts.reduce<Delivery | undefined>(
    (best, each) => (best === undefined || each.rank > best.rank ? each : best),
    undefined,
  )
  const own = applied?.delivery.adapter === name ? applied.delivery.descriptor : undefined
  const shown = newest?.descriptor ?? own
  if (hasAll(shown?.links, known)) return undefined
  const wanted = joinLinks(known, shown?.links)
  const turn = turns.get(name) ?? ''
  const mark = digest({ links: wanted, revision: live.summary?.revision ?? 0 }).slice(0, 16)
  const [link] = known as readonly [Link]
  let end = ''
  for (let n = 2; ; n++) {
    const [before] = await parts.store.list({
      keys: [`${sessionId}/linked/${mark}${end}/${name}/0${turn}`],
      limit: 1,
    })
    if (before === undefined) break
    // The same text may have been taken back since, as by `forget`: then it is set once more.
    if (shown === undefined && (before.state === 'delivered' || before.state === 'dead')) return undefined
    end = `-${n}`
  }
  const deliveries = planFor(
    scene,
    adapter,
    { link, links: wanted },
    place => `${sessionId}/linked/${mark}${end}/${name}/${place}${turn}`,
  )
  // Its text is of this moment: an event that another process records meanwhile must not be written over.
  const at = live.through.get(name) ?? 0
  return { adapter: name, lane: sessionId, through: { from: at, to: at }, deliveries }
}

const NUMBER = /^\/r(\d+)$/
const generationOf = (turn: string): number => Number(NUMBER.exec(turn)?.[1] ?? 1)

/** The calls that show links apart from a card's text, each once: those whose keys are stored were planned before. */
const planCalls = async (scene: Scene, adapter: AnyAdapter): Promise<LanePlan | undefined> => {
  const { parts, sessionId, links, turns } = scene
  const { name } = adapter
  const end = turns.get(name) ?? ''
  const keyOf = (from: string, generation: number) => (place: number) =>
    `${sessionId}/linked/${from}/${generation}/${name}/${place}${end}`
  const wanted = links
    .filter(({ adapter: from }) => from !== name)
    .map(link => {
      const generation = generationOf(turns.get(link.adapter) ?? '')
      const keys = Array.from({ length: generation }, (_, n) => keyOf(link.adapter, generation - n)(0))
      return { link, keys, keyOf: keyOf(link.adapter, generation) }
    })
  if (wanted.length === 0) return undefined
  const stored = await parts.store.list({ keys: wanted.flatMap(({ keys }) => keys), limit: ALL })
  const known = new Map(stored.map(each => [each.key, each]))
  const findFormer = (key: string, from: string): string | undefined => {
    const { state = 'dropped', descriptor } = known.get(key) ?? {}
    return state === 'dropped' ? undefined : descriptor?.links?.find(each => each.adapter === from)?.url
  }
  const deliveries = wanted.flatMap(({ link, keys: [key = '', ...older], keyOf: keys }) => {
    if (known.has(key)) return []
    const [former] = older.flatMap(each => findFormer(each, link.adapter) ?? [])
    const others = links.filter(each => each.adapter !== name)
    const change = { link, links: others, ...(former === undefined ? {} : { former }) }
    return planFor(scene, adapter, change, keys).map(({ descriptor, ...each }) => {
      if (descriptor === undefined) return each
      // In the place of an earlier call, a link would stand in front of one that removes what that one links.
      const { coalesce: _, ...own } = descriptor
      return { ...each, descriptor: { ...own, links: [link] } as Descriptor }
    })
  })
  return deliveries.length === 0 ? undefined : { adapter: name, lane: sessionId, deliveries }
}

/** A read of where the card is, where nothing said it and it was not read before. */
const planPlace = async (scene: Scene, adapter: AnyAdapter): Promise<LanePlan | undefined> => {
  const { parts, sessionId, live, session, event, links, turns } = scene
  const { name } = adapter
  const turn = turns.get(name)
  if (turn === undefined || links.some(each => each.adapter === name)) return undefined
  const keyOf = (place: number) => `${sessionId}/linked/${name}/${place}${turn}`
  if ((await parts.store.list({ keys: [keyOf(0)], limit: 1 })).length > 0) return undefined
  const seen = withRefsOf(session, name, live.refs.get(name))
  const steps = adapter.hooks.located?.(showTo(adapter, seen), event, adapter.config) ?? []
  const planned = finish(adapter, 'located', steps, event, seen, keyOf)
  for (const descriptor of planned) checkDescriptor(descriptor)
  const deliveries = planned.map(descriptor => toIncoming(adapter, descriptor, event.sequence))
  return { adapter: name, lane: sessionId, deliveries }
}

/** A hook of one adapter that throws must not keep the others from their links. */
const reporting = async <T>(
  { emitter }: RecorderContext,
  where: string,
  work: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  try {
    return await work()
  } catch (thrown) {
    if (isTrackerError(thrown) && thrown.code === 'STORE') throw thrown
    emitter.emit('error', { error: asError(thrown), where })
    return undefined
  }
}

const commit = async (parts: RecorderContext, lanes: readonly LanePlan[]): Promise<void> => {
  if (lanes.length === 0) return
  try {
    announce(parts, lanes, await parts.store.commit({ events: [], lanes }))
  } catch (thrown) {
    if (!isTrackerError(thrown) || thrown.code !== 'STORE') throw thrown
    // Another process planned one of them meanwhile, with a configuration of its own: that one stands.
    const keys = lanes.flatMap(({ deliveries }) => deliveries.map(({ key }) => key))
    const known = new Set((await parts.store.list({ keys, limit: ALL })).map(({ key }) => key))
    if (known.size === 0) throw thrown
    const left = lanes.map(each => ({
      ...each,
      deliveries: each.deliveries.filter(({ key }) => !known.has(key)),
    }))
    announce(parts, left, await parts.store.commit({ events: [], lanes: left }))
  }
}

/** A link belongs to the trace of the recording whose card it leads to: a worker that learned of the card is below no recording. */
const addTrace = (lanes: readonly LanePlan[], applied: Applied | undefined): readonly LanePlan[] => {
  const traceparent = applied?.delivery.descriptor.traceparent
  if (traceparent === undefined) return lanes
  return lanes.map(lane => ({
    ...lane,
    deliveries: lane.deliveries.map(each =>
      each.descriptor === undefined ? each : { ...each, descriptor: { ...each.descriptor, traceparent } },
    ),
  }))
}

/**
 * Plans what shows the session's cards to each other and was not planned yet. `applied`: what a worker just learned, so that
 * links are planned before the store forgets that they are owed: a process that ends in between leaves the delivery unsettled.
 */
export const planLinks = (parts: RecorderContext, sessionId: string, applied?: Applied): Promise<void> =>
  retryConflicts(parts, sessionId, async () => {
    const { live } = await findSession(parts, sessionId, true)
    if (live?.last === undefined || !showsLinks(parts, live)) return
    const { turns, links } = live
    const session = copySession(live)
    const scene: Scene = { parts, sessionId, live, session, event: live.last, links, turns }
    const lanes: LanePlan[] = []
    for (const name of live.through.keys()) {
      const adapter = parts.adapters.get(name)
      if (adapter === undefined || live.gone.has(name)) continue
      const { linked, located } = adapter.hooks
      const plans = [
        ...(located === undefined ? [] : [planPlace]),
        ...(linked === undefined || adapter.crossLinks === false
          ? []
          : [linked.inCard === true ? planEdit : planCalls]),
      ]
      for (const plan of plans) {
        const planned = await reporting(parts, `links of ${sessionId} in ${name}`, () =>
          plan(scene, adapter, applied),
        )
        if (planned !== undefined && planned.deliveries.length > 0) lanes.push(planned)
      }
    }
    await commit(parts, addTrace(lanes, applied))
    live.linked = live.known
  })

/**
 * Plans links only where the text that was set lacks one that is known: most show them all. Captures are kept before links are
 * planned, so a text that another process planned without a link is found here, or the link is planned behind it.
 */
export const checkText = async (parts: RecorderContext, applied: Applied): Promise<void> => {
  const { adapter: name, lane, descriptor } = applied.delivery
  const adapter = parts.adapters.get(name)
  const live = parts.cache.get(lane)
  if (adapter === undefined) return
  if (live !== undefined) {
    const { links, turns, through } = await readLinks(parts, lane, live)
    // A card in a lane that another process opened is not among the links yet.
    const isWhole = [...turns.keys()].every(each => through.has(each))
    if (isWhole && hasAll(descriptor.links, linksFor(adapter, links))) return
  }
  await planLinks(parts, lane, applied)
}
