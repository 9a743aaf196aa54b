import { expect, test } from 'vitest'
import type { Hooks } from '../../src/adapter/contract.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { createTracker } from '../../src/tracker.ts'
import { type Config, cards, tool } from '../recorder/tool.ts'

/** The hook of a start that makes a card, without saying that its lane stops at it. */
const start: NonNullable<Hooks<Config>['start']> = (...given) =>
  (cards.start?.(...given) ?? []).map(step => at => {
    const { holds: _, ...draft } = step(at)
    return draft as ReturnType<typeof step>
  })

test('a card of an adapter whose hooks are its own is shown as soon as it is known', async () => {
  const answer = (id: string) => async () =>
    ({ kind: 'answer', status: 200, headers: {}, body: { id } }) as const
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    store: memoryStore(),
    adapters: [
      tool({ name: 'own', hooks: { start } }),
      tool({
        name: 'other',
        hooks: {
          linked: ({ link }, _session, _event, { base }: Config) => [
            ({ key }) => ({
              key,
              action: 'edit',
              kind: 'http',
              method: 'PUT',
              endpoint: `${base}/links`,
              payload: { url: link.url },
              repeat: 'safe',
            }),
          ],
        },
      }),
    ],
    transports: { own: { send: answer('https://own.test/1') }, other: { send: answer('C2') } } as never,
  })
  const { id } = await tracker.start({ goal: 'g' })
  await tracker.drain()
  const links = (await tracker.deliveries({ adapter: 'other' })).filter(({ key }) => key.includes('/linked/'))
  expect(links.map(({ key, state }) => [key, state])).toEqual([[`${id}/linked/own/1/other/0`, 'delivered']])
  await tracker.close()
})
