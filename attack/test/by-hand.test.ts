import { createTracker, isTrackerError, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { opsera } from '@sessionwire/opsera'
import { expect, test } from 'vitest'
import { SERVICES } from '../../scripts/docs/services.ts'

type Actions = Readonly<Record<string, Readonly<{ effect: string; example: unknown }>>>

const WAYS: readonly (readonly [string, AnyAdapter])[] = [
  ...SERVICES.flatMap(({ title, ways }) =>
    ways.map(({ name, adapter }) => [`${title} ${name}`.trim(), adapter] as const),
  ).filter(([name]) => name !== 'Opsera'),
  ['Opsera', opsera({ baseUrl: 'https://app.opsera.io', tasks: true })] as const,
]

/** The body that a refusal asks for; nothing when there was no refusal. */
const askedFor = async (tracker: Tracker, key: string): Promise<unknown> => {
  try {
    await tracker.acknowledge(key)
    return undefined
  } catch (thrown) {
    const message = isTrackerError(thrown) ? thrown.message : String(thrown)
    return JSON.parse(/^acknowledge\.reply: .* \{ body: (.*) \}\.$/.exec(message)?.[1] ?? message)
  }
}

test.each(WAYS)(
  '%s: what happened is believed, or asks for no more than later requests need',
  async (_, way) => {
    await using tracker: Tracker = await createTracker({
      project: 'billing',
      user: 'fixer',
      secrets: () => undefined,
      deliver: false,
      adapters: [{ ...way, mode: 'preview', allowDestructive: true }],
    })
    const writes = Object.entries(way.actions as Actions).filter(([, { effect }]) => effect !== 'read')
    const session = await tracker.start({ goal: 'Stop double charging' })
    for (const [name, { example }] of writes)
      await tracker.act(way.name, name, example as never, { key: name, sessionId: session.id })
    await session.decide('Lock per invoice')
    const planned = await tracker.deliveries()
    expect(planned.length).toBeGreaterThan(writes.length)
    for (const { key, descriptor, state } of planned) {
      if (state === 'replaced') continue
      const body = await askedFor(tracker, key)
      expect([key, body === undefined]).toEqual([key, Object.keys(descriptor?.captures ?? {}).length === 0])
      if (body !== undefined)
        expect(await tracker.acknowledge(key, { body: body as never })).toMatchObject({ state: 'delivered' })
    }
  },
)
