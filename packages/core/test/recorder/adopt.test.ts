import { describe, expect, test } from 'vitest'
import type { Hooks } from '../../src/adapter/contract.ts'
import { targetOf } from '../../src/delivery/place.ts'
import type { Session } from '../../src/session/session.ts'
import { type Config, counting, deliver, bench as makeBench, refusal, texts, tool } from './tool.ts'

const { make, edit, comment } = tool().actions
const cardOf = ({ refs }: Session): string | undefined => refs.tool?.card
const line = (session: Session): string =>
  `${cardOf(session) ?? 'own'} | ${session.updates.map(({ description }) => description).join(', ')}`

/** Makes a card, or comments on the one that is linked; the edit says which it is for. */
const hooks: Hooks<Config> = {
  start: (_, session) => [
    cardOf(session) === undefined
      ? at => ({ ...make({ text: line(session) })(at), holds: true })
      : comment({ text: line(session) }),
  ],
  update: (_, session) => [edit({ text: line(session) })],
}
const adapter = () => ({ ...tool({ hooks }), refs: ['card'] as const })

const begun = async (mirror: boolean) => {
  const made = makeBench({ adapters: [adapter()] })
  const { id } = await made.recorder.start({ goal: 'Fix it', mirror })
  await made.recorder.update(id, 'one')
  return { ...made, id }
}

const open = async ({ store, id }: Awaited<ReturnType<typeof begun>>) =>
  (await store.list({ lane: id, state: ['planned', 'waiting', 'delivered'] })).map(
    ({ state, descriptor }) => [
      state,
      descriptor?.kind === 'http' ? (descriptor.payload as { text: string }).text : undefined,
    ],
  )

describe('mirror with refs', () => {
  test('takes up an item for a session that is not mirrored, as if it had been given to start', async () => {
    const bench = await begun(false)
    const { recorder, id, commits } = bench
    expect(await recorder.mirror(id, undefined, { refs: { tool: { card: 'C7' } } })).toEqual({
      adapters: ['tool'],
      deliveries: 2,
    })
    expect(texts(commits.at(-1)?.lanes[0]?.deliveries ?? []).map(([, text]) => text)).toEqual([
      'C7 | one',
      'C7 | one',
    ])
    expect(commits.at(-1)?.lanes[0]?.open?.refs).toEqual({ card: 'C7' })
    const session = await recorder.load(id)
    expect(session.refs).toEqual({ tool: { card: 'C7' } })
    expect(session.entities.map(({ name, type, properties }) => [name, type, properties])).toEqual([
      ['C7', 'card', { adapter: 'tool' }],
    ])
    await recorder.update(id, 'two')
    expect((await open(bench)).at(-1)).toEqual(['waiting', 'C7 | one, two'])
  })

  test('replaces what was planned for a card that was never sent', async () => {
    const bench = await begun(true)
    const { recorder, id, store } = bench
    expect(await open(bench)).toEqual([
      ['waiting', 'own | '],
      ['waiting', 'own | one'],
    ])
    expect(await recorder.mirror(id, undefined, { refs: { tool: { card: 'C7' } } })).toEqual({
      adapters: ['tool'],
      deliveries: 2,
    })
    expect(await open(bench)).toEqual([
      ['waiting', 'C7 | one'],
      ['waiting', 'C7 | one'],
    ])
    // Also for a process that knows nothing of it, and after all is sent.
    const actions: string[] = []
    await deliver(store, 'tool', action => {
      actions.push(action)
      return {}
    })
    expect(actions).toEqual(['comment', 'edit'])
    const other = makeBench({ store, adapters: [adapter()], newId: counting('n') })
    await other.recorder.update(id, 'two')
    expect((await open(bench)).at(-1)).toEqual(['waiting', 'C7 | one, two'])
  })

  test('changes nothing where the session has a card, or is repeated', async () => {
    const bench = await begun(true)
    const { recorder, id, store } = bench
    await deliver(store, 'tool', action => (action === 'make' ? { captures: { card: 'C1' } } : {}))
    const before = await recorder.load(id)
    expect(await refusal(recorder.mirror(id, undefined, { refs: { tool: { card: 'C7' } } }))).toEqual([
      'INVALID_INPUT',
      'mirror.refs.tool',
      'mirror.refs.tool: tool has a card of this session already. Give the item to `start`, or before the session is mirrored.',
    ])
    expect(await recorder.load(id)).toEqual(before)
    await recorder.update(id, 'two')
    expect((await open(bench)).at(-1)).toEqual(['waiting', 'own | one, two'])

    const local = await begun(false)
    const refs = { tool: { card: 'C7' } }
    await local.recorder.mirror(local.id, undefined, { refs })
    const { revision } = await local.recorder.load(local.id)
    expect(await local.recorder.mirror(local.id, undefined, { refs })).toEqual({
      adapters: [],
      deliveries: 0,
    })
    expect((await local.recorder.load(local.id)).revision).toBe(revision)
  })

  test('a call that a worker has taken is not dropped', async () => {
    const bench = await begun(true)
    const { recorder, id, store } = bench
    const { claims } = await store.claim({
      adapters: [{ name: 'tool', target: targetOf(adapter()), room: 1, concurrency: 1, rates: {} }],
      lease: { baseMs: 60_000, readMs: 0 },
      afterMs: 60_000,
      unreportedMax: 3,
    })
    expect(claims.map(({ delivery }) => delivery.action)).toEqual(['make'])
    expect(await refusal(recorder.mirror(id, undefined, { refs: { tool: { card: 'C7' } } }))).toMatchObject({
      1: 'mirror.refs.tool',
    })
    expect((await recorder.load(id)).refs).toEqual({})
  })

  test('refuses names that no adapter has, and values of another type', async () => {
    const { recorder, id } = await begun(false)
    const mirror = recorder.mirror as (...all: readonly unknown[]) => Promise<unknown>
    expect(await refusal(mirror(id, undefined, { refs: { tol: { card: 'C7' } } }))).toMatchObject({
      2: 'mirror.adapter: unknown adapter "tol" (did you mean "tool"?); expected one of tool.',
    })
    expect(await refusal(mirror(id, undefined, { refs: { tool: { crad: 'C7' } } }))).toMatchObject({
      1: 'mirror.refs.tool.crad',
    })
    expect(await refusal(mirror(id, undefined, { refs: { tool: { card: 7 } } }))).toMatchObject({
      0: 'INVALID_INPUT',
    })
  })

  test('records nothing, and mirrors nothing, where a filter leaves the item out', async () => {
    const { recorder } = makeBench({
      adapters: [adapter()],
      filter: event => (event.type === 'entity' ? undefined : event),
    })
    const { id } = await recorder.start({ goal: 'Fix it', mirror: false })
    expect(await recorder.mirror(id, undefined, { refs: { tool: { card: 'C7' } } })).toEqual({
      adapters: [],
      deliveries: 0,
    })
    expect((await recorder.load(id)).refs).toEqual({})
  })
})
