import type { AnyAdapter } from '../adapter/contract.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { RenderOptions } from '../render/render.ts'

/** The adapter that planned a descriptor: previews name it; other descriptors are known by an action that only one has. */
const ownerOf = (adapters: readonly AnyAdapter[], descriptor: Descriptor): AnyAdapter | undefined => {
  const named = (descriptor as Readonly<{ adapter?: unknown }>).adapter
  if (named !== undefined) return adapters.find(({ name }) => name === named)
  const able = adapters.filter(({ describe = {} }) => Object.hasOwn(describe, descriptor.action))
  return able.length === 1 ? able[0] : undefined
}

/** How adapters show their own calls. Where two have a renderer for one target, the first counts. */
export const renderersOf = (
  adapters: readonly AnyAdapter[],
): Required<Pick<RenderOptions, 'renderers' | 'describe'>> => ({
  renderers: Object.assign({}, ...[...adapters].reverse().map(({ renderers }) => renderers)),
  describe: descriptor => {
    const { describe = {} } = ownerOf(adapters, descriptor) ?? {}
    return Object.hasOwn(describe, descriptor.action) ? describe[descriptor.action]?.(descriptor) : undefined
  },
})
