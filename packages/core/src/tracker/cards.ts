import type { AnyAdapter } from '../adapter/contract.ts'
import type { State } from '../delivery/model.ts'
import { targetOf } from '../delivery/place.ts'
import type { Recorder } from '../recorder/contract.ts'
import { linkOf } from '../recorder/link.ts'
import type { Store } from '../store/contract.ts'

/** The place of a session in one service. */
export type SessionCard = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** Its name for people, as in `BIL-212`; the adapter's name where the service gives no other. */
  name: string
  /** Its https address; absent until the service gave it, or where it has none. */
  url?: string
  /** Of the delivery that creates or adopts it: `delivered` when it is there. */
  state: State
  /**
   * It was planned for another account or place than the adapter has now, so nothing more of the session is sent there:
   * `recreateCard` makes a card where the adapter points now. Absent: it was not, or the tracker has no such adapter.
   */
  elsewhere?: true
}>

type CardsContext = Readonly<{
  store: Pick<Store, 'list' | 'listCaptures' | 'load'>
  recorder: Pick<Recorder, 'load'>
  adapters: ReadonlyMap<string, AnyAdapter>
}>

/** More deliveries than a lane has whose first is not its card. */
const MOST = 10_000

/** Every place of a session, by adapter. Throws `NO_SUCH_SESSION`. */
export const cardsOf = async (
  { store, recorder, adapters }: CardsContext,
  sessionId: string,
): Promise<readonly SessionCard[]> => {
  const session = await recorder.load(sessionId)
  const captured = await store.listCaptures(sessionId)
  const first = new Map<string, State>()
  for (const { adapter, state } of await store.list({ lane: sessionId, limit: MOST }))
    if (!first.has(adapter) && state !== 'replaced' && state !== 'dropped') first.set(adapter, state)
  const lanes = (await store.load(sessionId))?.lanes ?? []
  return [...first].map(([adapter, state]) => {
    const own = adapters.get(adapter)
    const target = lanes.find(each => each.adapter === adapter)?.target
    const isElsewhere = own !== undefined && target !== undefined && target !== targetOf(own)
    const link = linkOf(adapter, own, session, captured)
    return {
      ...{ adapter, name: link?.name ?? adapter, ...(link === undefined ? {} : { url: link.url }), state },
      ...(isElsewhere ? { elsewhere: true } : {}),
    }
  })
}
