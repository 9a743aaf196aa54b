import { asError, type RecorderContext } from './context.ts'
import { type Applied, isCardText } from './link.ts'

/** Most sessions have one card, and load nothing of what links several. */
const plans = () => import('./plan-links.ts')

/** Plans links when a delivery makes a card known, and in the background: a recording call waits for nothing of it. */
export const createLinker = (getParts: () => RecorderContext) => {
  const underWay = new Set<Promise<void>>()
  const link = (sessionId: string): void => {
    const { emitter } = getParts()
    const work = plans()
      .then(({ planLinks }) => planLinks(getParts(), sessionId))
      .catch(thrown => emitter.emit('error', { error: asError(thrown), where: `links of ${sessionId}` }))
      .finally(() => underWay.delete(work))
    underWay.add(work)
  }
  return {
    link,
    /**
     * Plans what a delivery that was applied makes known, before that is written. `undefined`: it made no card, and set no text
     * that may lack a link.
     */
    linkApplied: (applied: Applied): Promise<void> | undefined => {
      const parts = getParts()
      const { delivery, captures } = applied
      const { adapter: name, key, lane, descriptor } = delivery
      if (!parts.crossLinks || parts.adapters.size < 2) return undefined
      const isCard =
        (descriptor.holds === true || key.startsWith(`${lane}/linked/`)) && Object.keys(captures).length > 0
      const isText = parts.adapters.get(name)?.hooks.linked?.inCard === true && isCardText(descriptor)
      if (!isCard && !isText) return undefined
      if (isCard) parts.applied.set(key, { ...applied, at: parts.now() })
      return plans().then(({ planLinks, checkText }) =>
        isCard ? planLinks(parts, lane, applied) : checkText(parts, applied),
      )
    },
    /** A delivery was written: another process may have planned without the card that it made. */
    linkSettled: ({ key, lane }: Readonly<{ key: string; lane: string }>): void => {
      if (getParts().applied.delete(key)) link(lane)
    },
    /** Resolves when nothing is under way. */
    finishLinks: async (): Promise<void> => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
