import { asError, type RecorderContext } from './context.ts'
import { type Applied, isCardText } from './link.ts'

/** Most sessions have one card, and load nothing of what links several. */
const plans = () => import('./plan-links.ts')

/** Plans links when a delivery makes a card known, and in the background: a recording call waits for nothing of it. */
export const createLinker = (getParts: () => RecorderContext) => {
  const underWay = new Set<Promise<void>>()
  /** Deliveries that were applied and whose links could not be planned, by key. */
  const owed = new Set<string>()
  const link = (sessionId: string): void => {
    const { emitter } = getParts()
    const work = plans()
      .then(({ planLinks }) => planLinks(getParts(), sessionId))
      .catch(thrown => emitter.emit('error', { error: asError(thrown), where: `links of ${sessionId}` }))
      .finally(() => underWay.delete(work))
    underWay.add(work)
  }
  const planFor = async (applied: Applied, isCard: boolean): Promise<void> => {
    const parts = getParts()
    const { delivery, captures } = applied
    const { key, lane } = delivery
    owed.add(key)
    const { planLinks, checkText } = await plans()
    if (isCard) {
      // Before its links are planned: a text that another process plans meanwhile without them is checked against the store
      // when it is set, also where this process ends now.
      await parts.store.capture(key, captures)
      await planLinks(parts, lane, applied)
    } else await checkText(parts, applied)
    owed.delete(key)
  }
  return {
    link,
    /**
     * Plans what a delivery that was applied makes known, before that is settled: a process that ends in between leaves it
     * unsettled, and it is looked up and planned again. `undefined`: it made no card, and set no text that may lack a link.
     */
    linkApplied: (applied: Applied): Promise<void> | undefined => {
      const parts = getParts()
      const { delivery, captures } = applied
      const { adapter: name, key, lane, descriptor } = delivery
      if (!parts.crossLinks || parts.adapters.size < 2) return undefined
      const isCard =
        (descriptor.holds === true || key.startsWith(`${lane}/`)) && Object.keys(captures).length > 0
      const isText = parts.adapters.get(name)?.hooks.linked?.inCard === true && isCardText(descriptor)
      return isCard || isText ? planFor(applied, isCard) : undefined
    },
    /** A delivery was settled: links that could not be planned before are planned now. */
    linkSettled: ({ key, lane }: Readonly<{ key: string; lane: string }>): void => {
      if (owed.delete(key)) link(lane)
    },
    /** Resolves when nothing is under way. */
    finishLinks: async (): Promise<void> => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
