import { createTracker, type Listed, type Tracker } from '@sessionwire/core'
import { expect, test } from 'vitest'
import { sample } from '../../test/sample.ts'
import { TARGETS } from '../targets.ts'

const targets = TARGETS.filter(({ name }) => name !== 'webhook')

/** What is on its way of one adapter, in a session. */
const moving = async (tracker: Tracker<Listed>, adapter: string, lane: string) =>
  (await tracker.deliveries({ adapter, lane, state: ['waiting', 'claimed', 'begun', 'dead'] })).map(
    ({ state, attempts }) => `${state} ${attempts}`,
  )

// In a sample every fifth of them hangs; the others are there beside it.
test.each(sample(targets, 5))('$name hangs, and every other service has the whole session', async hanging => {
  const services = await Promise.all(targets.map(target => target.serve({ seed: 1, now: Date.now })))
  const server = services[targets.indexOf(hanging)]?.server
  const secrets = Object.assign({}, ...services.map(each => each.secrets)) as Record<string, string>
  const tracker = (await createTracker({
    project: 'attack',
    user: 'fixer',
    adapters: targets.map((target, place) => ({
      ...target.make(services[place]?.options ?? {}),
      limits: { rates: {} },
    })),
    secrets: name => secrets[name],
    pollMs: 5,
    // Longer than the whole of it takes on a busy machine: the request that hangs is under way to the end.
    policy: { timeoutMs: 900_000, readTimeoutMs: 900_000 },
  })) as unknown as Tracker<Listed>
  try {
    // What an adapter sets up comes before every session.
    while ((await tracker.deliveries({ lane: 'init', state: ['waiting', 'claimed', 'begun'] })).length > 0)
      await new Promise(resolve => setTimeout(resolve, 5))
    server?.fail({ times: Number.POSITIVE_INFINITY, failure: { kind: 'hang', applied: false } })
    const session = await tracker.start({ goal: 'Stop double charging', progress: 10 })
    await session.decide('Lock per invoice')
    await session.close({ summary: 'Fixed', progress: 100 })
    for (const { name } of targets) {
      if (name === hanging.name) continue
      // In a hurry, since edits of a card are paced; it ends because the others are done, not by its time.
      while ((await moving(tracker, name, session.id)).length > 0) await tracker.drain({ timeoutMs: 20 })
    }
    const [first, ...rest] = await moving(tracker, hanging.name, session.id)
    // Its first request is still under way: nobody waited for it.
    expect(first).toMatch(/^(begun|claimed) 1$/)
    expect(new Set(rest)).toEqual(new Set(rest.length === 0 ? [] : ['waiting 0']))
    for (const [place, { name, entries }] of targets.entries()) {
      const [shown, ...more] = services[place]?.listCards() ?? []
      expect(more).toEqual([])
      if (name === hanging.name) expect(shown).toBeUndefined()
      else {
        expect(shown?.card).toContain('100 %')
        expect(shown?.entries).toHaveLength(entries === 'none' ? 0 : 2)
      }
    }
  } finally {
    server?.behave()
    server?.letGo()
    await tracker.close()
    for (const each of services) await each.server.close()
  }
})
