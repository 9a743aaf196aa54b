import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { VERSION } from '../../src/session/version.ts'
import type { Store } from '../../src/store/contract.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { bench, type Config, cards, deliver, tool } from './tool.ts'

const hooks = {
  ...cards,
  init: (_: unknown, __: unknown, ___: unknown, config: Config) => [
    tool().actions.make({ text: `board at ${config.base}` }),
  ],
}
const withInit = (config: Partial<Config> = {}, more: object = {}) =>
  tool({ hooks, config: { base: 'https://tool.test', ...config }, ...more })

const board = async (store: Store) =>
  (await store.list({ lane: 'init' })).map(({ state, descriptor }) => [
    state,
    descriptor?.kind === 'http' ? (descriptor.payload as { text: string }).text : undefined,
  ])

const start = (store: Store, config: Partial<Config> = {}, more: object = {}) =>
  bench({ store, adapters: [withInit(config, more)] }).recorder.init()

describe('init', () => {
  test('stores one event with what the adapter sets up, in a lane of its own', async () => {
    const { recorder, commits } = bench({ adapters: [withInit(), tool({ name: 'other' })] })
    await recorder.init()
    expect(commits).toHaveLength(1)
    const [event] = commits[0]?.events ?? []
    expect(event).toMatchObject({
      sessionId: 'init',
      sequence: 1,
      type: 'init',
      payload: {
        project: 'billing',
        adapter: 'tool',
        configuration: expect.stringMatching(/^[0-9a-f]{64}$/),
        coreVersion: VERSION,
      },
    })
    expect(commits[0]?.lanes).toMatchObject([
      {
        adapter: 'tool',
        lane: 'init',
        open: { refs: {} },
        deliveries: [{ key: `${event?.id}/tool/0`, holds: false }],
      },
    ])
  })

  test('is done once for the same configuration, whatever the mode, the secrets and the functions', async () => {
    const store = memoryStore()
    await start(store)
    await start(store)
    await start(store, { mode: 'preview' }, { mode: 'preview' })
    await start(store, { token: 'TOOL_TOKEN', clean: () => 'x' })
    expect(await board(store)).toEqual([['waiting', 'board at https://tool.test']])
  })

  test('of another configuration takes the place of what an earlier one did not get done', async () => {
    const store = memoryStore()
    await start(store, { base: 'https://typo.test' })
    await deliver(store, 'tool', () => ({ dead: '404 no such host' }))
    await start(store)
    expect(await board(store)).toEqual([
      ['dropped', 'board at https://typo.test'],
      ['waiting', 'board at https://tool.test'],
    ])
    await deliver(store, 'tool', () => ({ captures: { card: 'B' } }))
    await start(store, { base: 'https://typo.test' })
    expect(await board(store)).toEqual([
      ['dropped', 'board at https://typo.test'],
      ['delivered', 'board at https://tool.test'],
      ['waiting', 'board at https://typo.test'],
    ])
    await start(store)
    expect((await board(store)).map(([state]) => state)).toEqual(['dropped', 'delivered', 'dropped'])
  })

  test('whose hook throws is dead, holds its lane, and can be retried', async () => {
    let broken = true
    const adapter = tool({
      hooks: {
        init: () => {
          if (broken) throw new Error('boom')
          return [tool().actions.make({ text: 'board' })]
        },
      },
    })
    const { recorder, store, commits } = bench({ adapters: [adapter] })
    await recorder.init()
    const [dead] = commits[0]?.lanes[0]?.deliveries ?? []
    expect(dead).toMatchObject({ action: 'init', holds: true, reason: 'The init hook failed: boom' })
    broken = false
    expect(await recorder.retry([dead?.key ?? ''])).toMatchObject([{ state: 'waiting' }])
    expect(await board(store)).toEqual([['waiting', 'board']])
  })

  test('knows its version', () => expect(VERSION).toBe(manifest.version))
})
