import { createTracker, memoryStore } from '@sessionwire/core'
import type { AnyAdapter, Descriptor } from '@sessionwire/core/adapter'
import { type Cost, compareCost, measureCost, type Row } from './measure.ts'
import { everyAdapter } from './stage.ts'

const ROUNDS = 3
const UPDATES = 300
/** Cards that the services of all adapters but the webhook, OTLP and the files have. */
const MOST_CARDS = 7

/** Every adapter, with a service that accepts all of its calls at once and has an address for each card. */
const linkable = (): readonly AnyAdapter[] =>
  everyAdapter().map(adapter => {
    // The answer is the same for all: every capture is read from its one field.
    const transform = ({ captures, ...descriptor }: Descriptor): Descriptor => {
      const all = Object.keys(captures ?? {}).map(name => [name, '/id'] as const)
      return {
        ...descriptor,
        ...(captures === undefined ? {} : { captures: Object.fromEntries(all) }),
      } as Descriptor
    }
    const { isOwn: _, ...rest } = adapter
    return {
      ...rest,
      transform,
      limits: { rates: {} },
      outcome: () => ({ kind: 'delivered' }),
      link: () => ({ name: adapter.name, url: `https://${adapter.name}.example/cards/1` }),
    }
  })

const hear = (): void => undefined

const open = (crossLinks: boolean) => {
  const adapters = linkable()
  const accept = {
    send: async () => ({ kind: 'answer', status: 200, headers: {}, body: { id: '1' } }) as const,
  }
  return createTracker({
    project: 'bench',
    user: 'ada',
    store: memoryStore(),
    ...{ adapters, crossLinks, deliver: false, logger: { warn: hear, error: hear } },
    transports: Object.fromEntries(adapters.map(({ name }) => [name, accept])),
    secrets: () => 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  } as never)
}

/** Updates of a session whose cards are all known. */
const update = async (crossLinks: boolean): Promise<Cost> => {
  const tracker = await open(crossLinks)
  const session = await tracker.start({ goal: 'Stop double charging' })
  await tracker.drain({ timeoutMs: 1_000 })
  const known = (await session.cards()).filter(({ url }) => url !== undefined).length
  if (known < MOST_CARDS) throw new Error(`only ${known} cards are known`)
  const cost = await measureCost(async () => {
    for (let n = 0; n < UPDATES; n++) await session.update(`Step ${n}`, { progress: n % 100 })
  })
  await tracker.close()
  return cost
}

/** The cost of links between ten cards, against the same without links. */
export const links = async (): Promise<readonly Row[]> => {
  const updated = await compareCost(
    ROUNDS,
    () => update(true),
    () => update(false),
  )
  return [
    {
      ...updated,
      what: 'session.update() of 10 adapters, whose cards show each other, 300 times; floor: without links',
      unit: 'ms',
      bound: 'ratio ≥ 0.8',
      holds: updated.ratio >= 0.8,
    },
  ]
}
