import { expect, it } from 'vitest'
import { step } from '../../src/adapter/plan.ts'
import type { HttpCall } from '../../src/descriptor/descriptor.ts'
import { createSharedMemory } from '../../src/store/memory.ts'
import { createTracker } from '../../src/tracker.ts'
import type { Transport } from '../../src/transport/contract.ts'
import { http, opened, service, transport, world } from './links-stage.ts'

it('shows each card of a session in the others, once', async () => {
  const all = world()
  const adapters = [service('left', 'card'), service('right', 'apart'), service('bare', 'none')]
  const tracker = await opened(createSharedMemory(), all, adapters)
  const session = await tracker.start({ goal: 'Stop' })
  await session.update('Half', { progress: 50 })
  await tracker.drain()
  expect(all).toEqual({
    left: {
      cards: { 1: 'Stop | 50 | bare-1 https://bare.test/1 | right-1 https://right.test/1' },
      links: {},
    },
    right: {
      cards: { 1: 'Stop | 50' },
      links: { 'https://left.test/1': 'left-1', 'https://bare.test/1': 'bare-1' },
    },
    bare: { cards: { 1: 'Stop | 50' }, links: {} },
  })
  await session.close()
  await tracker.drain()
  expect(all.left?.cards).toEqual({
    1: 'Stop | 50 | bare-1 https://bare.test/1 | right-1 https://right.test/1',
  })
  await tracker.close()
})

it('plans the links of released cards in preview, where a person sees them before they are released', async () => {
  const all = world()
  const [left, right] = [service('left', 'card'), service('right', 'apart')]
  const adapters = [left, right].map(each => ({ ...each, mode: 'preview' as const }))
  const tracker = await opened(createSharedMemory(), all, adapters)
  const session = await tracker.start({ goal: 'Stop' })
  const release = async () => {
    const planned = await tracker.preview(session.id)
    await tracker.release(planned.map(({ key }) => key))
    return [planned.map(each => `${each.adapter} ${each.action}`), (await tracker.drain()).left]
  }
  expect(await release()).toEqual([['left create', 'right create'], { planned: 2 }])
  expect(all.left?.cards).toEqual({ 1: 'Stop | 0' })
  expect(await release()).toEqual([['left edit', 'right link'], {}])
  expect(all).toEqual({
    left: { cards: { 1: 'Stop | 0 | right-1 https://right.test/1' }, links: {} },
    right: { cards: { 1: 'Stop | 0' }, links: { 'https://left.test/1': 'left-1' } },
  })
  await tracker.close()
})

it('links cards that another process delivers after the close', async () => {
  const all = world()
  const memory = createSharedMemory()
  const adapters = () => [service('left', 'card'), service('right', 'apart')]
  const recorder = await opened(memory, all, adapters(), { deliver: false })
  const session = await recorder.start({ goal: 'Stop' })
  await session.close()
  await recorder.close()
  const worker = await opened(memory, all, adapters())
  await worker.drain()
  expect(all).toEqual({
    left: { cards: { 1: 'Stop | 0 | right-1 https://right.test/1' }, links: {} },
    right: { cards: { 1: 'Stop | 0' }, links: { 'https://left.test/1': 'left-1' } },
  })
  await worker.close()
})

it('keeps the link of a card whose adapter the recording process does not have', async () => {
  const all = world()
  const memory = createSharedMemory()
  const both = await opened(memory, all, [service('left', 'card'), service('right', 'apart')])
  const { id } = await both.start({ goal: 'Stop' })
  await both.drain()
  await both.close()
  const alone = await opened(memory, all, [service('left', 'card')])
  await alone.session(id).update('Half', { progress: 50 })
  await alone.drain()
  // Its adapter would say `right-1`; what the service answered is its address.
  expect(all.left?.cards).toEqual({ 1: 'Stop | 50 | right https://right.test/1' })
  await alone.close()
})

it('shows no links where they are turned off', async () => {
  const all = world()
  const adapters = [service('left', 'card'), service('right', 'apart', false)]
  const tracker = await opened(createSharedMemory(), all, adapters)
  await tracker.start({ goal: 'Stop' })
  await tracker.drain()
  expect(all).toEqual({
    left: { cards: { 1: 'Stop | 0 | right-1 https://right.test/1' }, links: {} },
    right: { cards: { 1: 'Stop | 0' }, links: {} },
  })
  await tracker.close()
  const none = world()
  const off = await opened(createSharedMemory(), none, [service('left', 'card'), service('right', 'apart')], {
    crossLinks: false,
  })
  await off.start({ goal: 'Stop' })
  await off.drain()
  expect(none).toEqual({
    left: { cards: { 1: 'Stop | 0' }, links: {} },
    right: { cards: { 1: 'Stop | 0' }, links: {} },
  })
  await off.close()
})

it('gives links to an adapter that joins later, and its link to the others', async () => {
  const all = world()
  const memory = createSharedMemory()
  const first = await opened(memory, all, [service('left', 'card')])
  const { id } = await first.start({ goal: 'Stop' })
  await first.drain()
  await first.close()
  const later = await opened(memory, all, [
    service('left', 'card'),
    service('right', 'card'),
    service('apart', 'apart'),
  ])
  await later.session(id).mirror()
  await later.drain()
  expect(all).toEqual({
    left: {
      cards: { 1: 'Stop | 0 | apart-1 https://apart.test/1 | right-1 https://right.test/1' },
      links: {},
    },
    right: {
      cards: { 1: 'Stop | 0 | apart-1 https://apart.test/1 | left-1 https://left.test/1' },
      links: {},
    },
    apart: {
      cards: { 1: 'Stop | 0' },
      links: { 'https://left.test/1': 'left-1', 'https://right.test/1': 'right-1' },
    },
  })
  await later.close()
})

it('replaces the link of a card that was made again, and links the new card', async () => {
  const all = world()
  const adapters = [service('left', 'card'), service('right', 'apart'), service('third', 'card')]
  const turn = { of: 1 }
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    store: createSharedMemory().open(),
    adapters,
    transports: Object.fromEntries(adapters.map(({ name }) => [name, transport(all, name, turn)])),
    policy: {},
  })
  const session = await tracker.start({ goal: 'Stop' })
  await tracker.drain()
  delete all.third?.cards[1]
  await session.update('Gone', { progress: 10 })
  await tracker.drain()
  turn.of = 2
  await tracker.recreateCard(session.id, 'third')
  await tracker.drain()
  const right = { right: 'right-1 https://right.test/1', third: 'third-2 https://third.test/2' }
  expect(all).toEqual({
    left: { cards: { 1: `Stop | 10 | ${right.right} | ${right.third}` }, links: {} },
    right: {
      cards: { 1: 'Stop | 10' },
      links: { 'https://left.test/1': 'left-1', 'https://third.test/2': 'third-2' },
    },
    third: { cards: { 2: `Stop | 10 | left-1 https://left.test/1 | ${right.right}` }, links: {} },
  })
  await tracker.close()
})

it('takes links away with the session they belong to, and leaves them where one event is erased', async () => {
  const all = world()
  const adapters = [service('left', 'card'), service('right', 'apart')]
  const tracker = await opened(createSharedMemory(), all, adapters)
  const session = await tracker.start({ goal: 'Stop' })
  const { event } = (await session.update('Half', { progress: 50 })) as { event: { id: string } }
  await tracker.drain()
  await tracker.forget(session.id, event.id, { timeoutMs: 0 })
  await tracker.drain()
  const shown = {
    left: { cards: { 1: 'Stop | 50 | right-1 https://right.test/1' }, links: {} },
    right: { cards: { 1: 'Stop | 50' }, links: { 'https://left.test/1': 'left-1' } },
  }
  expect(all).toEqual(shown)
  const { remaining } = await tracker.forget(session.id)
  expect(remaining).toEqual([])
  await tracker.drain()
  const bare = { cards: { 1: expect.stringMatching(/^[^|]+ \| 50$/) }, links: {} }
  expect(all).toEqual({ left: bare, right: bare })
  await tracker.close()
})

it.each(['commit', 'move', 'erase'] as const)(
  'leaves cards with their newest state where forget ends at its %s',
  async verb => {
    const all = world()
    const memory = createSharedMemory()
    const adapters = () => [service('left', 'card'), service('right', 'card')]
    const recorder = await opened(memory, all, adapters(), { deliver: false })
    const session = await recorder.start({ goal: 'Stop' })
    const worker = await opened(memory, all, adapters())
    await worker.drain()
    await worker.close()
    const { event } = (await session.update('Secret', { progress: 50 })) as { event: { id: string } }
    await session.decide('Go on')
    const store = memory.open()
    const dying = {
      ...store,
      [verb]: async (...given: readonly unknown[]) => {
        await (store[verb] as (...given: readonly unknown[]) => Promise<unknown>)(...given)
        memory.vanish(store)
        throw new Error('killed')
      },
    }
    const killed = await opened(memory, all, adapters(), { store: dying, deliver: false })
    await killed.forget(session.id, event.id).catch(() => undefined)
    const later = await opened(memory, all, adapters())
    await later.drain()
    expect(all).toEqual({
      left: { cards: { 1: 'Stop | 50 | right-1 https://right.test/1' }, links: {} },
      right: { cards: { 1: 'Stop | 50 | left-1 https://left.test/1' }, links: {} },
    })
    await later.close()
    await recorder.close()
  },
)

it('reads the address of a card where only the service knows it, once it has something to link to', async () => {
  const all = world()
  const asked: string[] = []
  const shy = service('shy', 'card')
  const located = {
    ...shy,
    link: ({ captured }: { captured: Readonly<Record<string, unknown>> }) =>
      typeof captured.place === 'string' ? { name: 'shy', url: captured.place } : undefined,
    hooks: {
      ...shy.hooks,
      located: () => [
        step('locate', () => ({
          ...http,
          method: 'GET' as const,
          endpoint: 'https://shy.test/cards/{id}/place',
          captures: { place: '/url' },
        })),
      ],
    },
  } as typeof shy
  const transports = {
    left: transport(all, 'left'),
    shy: {
      send: async (call, sending) => {
        const { method, endpoint } = call as HttpCall
        if (method !== 'GET') return transport(all, 'shy').send(call, sending)
        asked.push(String(endpoint))
        return { kind: 'answer' as const, status: 200, headers: {}, body: { url: 'https://shy.test/at/1' } }
      },
    } satisfies Transport,
  }
  const options = { project: 'p', user: 'u', transports }
  const alone = await createTracker({
    ...options,
    transports: { shy: transports.shy },
    store: createSharedMemory().open(),
    adapters: [located],
  })
  await alone.start({ goal: 'Alone' })
  await alone.drain()
  await alone.close()
  expect(asked).toEqual([])
  const tracker = await createTracker({
    ...options,
    store: createSharedMemory().open(),
    adapters: [located, service('left', 'card')],
  })
  const session = await tracker.start({ goal: 'Stop' })
  await tracker.drain()
  await session.close()
  await tracker.drain()
  expect(asked).toEqual(['https://shy.test/cards/1/place'])
  expect(all.left?.cards).toEqual({ 1: 'Stop | 0 | shy https://shy.test/at/1' })
  await tracker.close()
})
