import type { AnyAdapter } from '../adapter/contract.ts'
import { readRefs } from '../adapter/plan.ts'
import type { State } from '../delivery/model.ts'
import { refs as REFS } from '../session/fields.ts'
import { invalidInput } from '../session/message.ts'
import { optional, optionsOf } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import type { EntityInput, MirrorOptions, MirrorResult, Receipt } from './calls.ts'
import { createStartCheck } from './check-start.ts'
import { adapterOf, type RecorderContext } from './context.ts'
import { loadSession, type Refs } from './live-session.ts'
import { recreateCard } from './recreate-card.ts'

/** Records an item that the session works on from now on. */
export type LinkItem = (
  sessionId: string,
  item: EntityInput,
  refs: Session['refs'],
) => Promise<Receipt<'entity'>>

const ALL = 100_000
const MIRROR = optional({ refs: REFS })

/** Not sent, and not under way: it may be dropped for another plan. */
const UNSENT: readonly State[] = ['planned', 'waiting', 'dead', 'dropped', 'replaced']

const isAddress = (value: string): boolean => /^https?:\/\//i.test(value)

const isSame = (given: Refs, known: Refs = {}): boolean =>
  Object.entries(given).every(([name, value]) => known[name] === value)

/**
 * Makes room for an item in a lane that is open: what it planned is dropped, unless something of it was sent. The first call
 * goes first, because all others wait for it: a worker that takes it meanwhile wins.
 */
const clearLane = async (
  { store }: RecorderContext,
  { name }: AnyAdapter,
  sessionId: string,
): Promise<void> => {
  const all = await store.list({ adapter: name, lane: sessionId, limit: ALL })
  const isUnsent = all.every(
    ({ state, doubtSince, exposed }) =>
      UNSENT.includes(state) && doubtSince === undefined && exposed === undefined,
  )
  const first = all.find(({ sequence, holds }) => sequence === 1 && holds)
  const [moved] =
    isUnsent && first !== undefined && first.state !== 'dropped'
      ? await store.move([first.key], { kind: 'drop' })
      : []
  if (isUnsent && first !== undefined && moved?.refused === undefined) return
  throw invalidInput({
    field: `mirror.refs.${name}`,
    problem: `${name} has a card of this session already`,
    todo: 'Give the item to `start`, or before the session is mirrored.',
  })
}

/**
 * Links items to a session that goes on: they are recorded, and each adapter takes up its item as it would have at the start.
 * Names of the adapters that took one up, and how many deliveries they planned; `open` opens a lane that is not open yet.
 */
export const adopt = async (
  parts: RecorderContext,
  sessionId: string,
  given: MirrorOptions | undefined,
  linkItem: LinkItem,
  open: (name: string) => Promise<number | undefined>,
): Promise<MirrorResult> => {
  const { refs = {} } = optionsOf('mirror', given, MIRROR)
  for (const name of Object.keys(refs)) adapterOf(parts, name, 'mirror')
  await createStartCheck(parts, 'mirror')({ refs })
  const adapters: string[] = []
  let deliveries = 0
  for (const [name, own] of Object.entries(refs)) {
    const adapter = adapterOf(parts, name, 'mirror')
    const live = await loadSession(parts, sessionId, true)
    const read = readRefs(adapter, { refs: { [name]: own } })
    const isOpen = live.through.has(name)
    if (isOpen && isSame(read, live.refs.get(name))) continue
    if (isOpen) await clearLane(parts, adapter, sessionId)
    const before = live.summary?.refs[name]
    for (const [type, value] of Object.entries(own)) {
      if (before?.[type] === value) continue
      const item = {
        ...{ name: value, type, properties: { adapter: name } },
        ...(isAddress(value) ? { path: value } : {}),
      }
      const receipt = await linkItem(sessionId, item, { [name]: { [type]: value } })
      // Left out by a filter: it is unknown, so nothing can take it up.
      if (!receipt.recorded) return { adapters, deliveries }
    }
    const count = isOpen
      ? (await recreateCard(parts, sessionId, name, { [name]: { ...before, ...own } })).deliveries
      : await open(name)
    if (count === undefined) continue
    adapters.push(name)
    deliveries += count
  }
  return { adapters, deliveries }
}
