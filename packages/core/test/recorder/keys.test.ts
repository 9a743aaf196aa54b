import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../../src/store/memory.ts'
import { fakeClock } from '../../src/testing/fakes.ts'
import { bench, counting, refusal, tool } from './tool.ts'

const START = '2026-01-01T00:00:00.000Z'

describe('a key', () => {
  test('records once, whatever became of the session, and answers with it as it is now', async () => {
    const { recorder, commits, clock } = bench({ adapters: [tool()] })
    const { id } = await recorder.start()
    const first = await recorder.update(id, 'one', { key: 'k' })
    clock.advance(1_000)
    await recorder.close(id, { progress: 90 })
    const before = commits.length
    const again = await recorder.update(id, 'one', { key: 'k', at: new Date(0) })
    expect(commits).toHaveLength(before)
    expect(first.recorded && first.repeated).toBeUndefined()
    expect(again).toMatchObject({ recorded: true, repeated: true, descriptors: [] })
    if (!again.recorded || !first.recorded) throw new Error('not recorded')
    expect(again.event).toEqual(first.event)
    expect([again.session.status, again.session.progress]).toEqual(['completed', 90])
  })

  test('stands for what was said, also where another author says it again; the author of the first call is kept', async () => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    const author = { kind: 'person', name: 'Ada' } as const
    const first = await recorder.decide(id, 'Lock', { key: 'k', author })
    const again = await recorder.decide(id, 'Lock', { key: 'k', author: { kind: 'model' } })
    expect(again).toMatchObject({ recorded: true, repeated: true, event: { payload: { author } } })
    expect(first.recorded && first.event.payload).toEqual({
      ...{ decisionId: first.recorded && first.event.id, content: 'Lock' },
      ...{ alternatives: [], relatedEntities: [], author },
    })
    expect(await refusal(recorder.block(id, 'x', { author: { kind: 'robot' as 'model' } }))).toContain(
      'block.author.kind: unknown value "robot"; expected one of person, model.',
    )
    expect((await recorder.load(id)).decisions).toMatchObject([{ content: 'Lock', author }])
  })

  test('with other input is refused, unless the caller skips what is known', async () => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    await recorder.decide(id, 'Lock', { key: 'k' })
    const problem = `decide.key: this key was used for other input, at ${START}. Use a new key, or the same input.`
    expect(await refusal(recorder.decide(id, 'Queue', { key: 'k' }))).toEqual([
      'INVALID_INPUT',
      'decide.key',
      problem,
    ])
    expect(await recorder.decide(id, 'Queue', { key: 'k', onRepeat: 'skip' })).toMatchObject({
      repeated: true,
    })
    expect((await recorder.load(id)).decisions.map(({ content }) => content)).toEqual(['Lock'])
  })

  test('does not compare defaults, and compares before the filter', async () => {
    const { recorder } = bench({ filter: event => ({ ...event, payload: { ...event.payload } }) as never })
    const { id } = await recorder.start()
    await recorder.block(id, 'No key', { key: 'k' })
    expect(await recorder.block(id, 'No key', { key: 'k' })).toMatchObject({ repeated: true })
    expect(await refusal(recorder.block(id, 'No key', { key: 'k', severity: 'medium' }))).toMatchObject({
      1: 'block.key',
    })
  })

  test('belongs to its session, and of `start` to the store', async () => {
    const clock = fakeClock()
    const memory = createSharedMemory({ now: clock.now })
    const [a, b] = ['a', 'b'].map(letter => bench({ clock, store: memory.open(), newId: counting(letter) }))
    if (a === undefined || b === undefined) throw new Error('two benches')
    const [one, two] = await Promise.all([
      a.recorder.start({ key: 'job 7', goal: 'Fix it' }),
      b.recorder.start({ key: 'job 7', goal: 'Fix it' }),
    ])
    expect(one.id).toBe(two.id)
    expect([one, two].filter(({ receipt }) => receipt.recorded && receipt.repeated === true)).toHaveLength(1)
    expect(await a.store.sessions({})).toHaveLength(1)
    const other = await bench({ clock }).recorder.start({ key: 'job 7', goal: 'Fix it' })
    expect(other.id).not.toBe(one.id)
    await a.recorder.update(one.id, 'x', { key: 'k' })
    const { id } = await a.recorder.start()
    expect(await a.recorder.update(id, 'y', { key: 'k' })).not.toHaveProperty('repeated')
  })

  test('records once for many at once', async () => {
    const clock = fakeClock()
    const memory = createSharedMemory({ now: clock.now })
    const benches = ['a', 'b', 'c'].map(letter =>
      bench({ clock, store: memory.open(), newId: counting(letter) }),
    )
    const { id } = (await benches[0]?.recorder.start()) ?? { id: '' }
    const receipts = await Promise.all(
      Array.from({ length: 30 }, (_, n) => benches[n % 3]?.recorder.update(id, 'once', { key: 'k' })),
    )
    expect(receipts.filter(each => each?.recorded === true && each.repeated === undefined)).toHaveLength(1)
    expect((await benches[0]?.recorder.load(id))?.updates).toHaveLength(1)
  })

  test('gives a blocker the id it had', async () => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    const first = await recorder.block(id, 'No key', { key: 'k' })
    const again = await recorder.block(id, 'No key', { key: 'k' })
    expect(first.id).toBe(again.id)
    expect(first.recorded && first.event.payload.blockerId).toBe(first.id)
  })
})

describe('the time it happened', () => {
  test('is kept beside the time it was stored, and people see it', async () => {
    const { recorder, clock } = bench()
    clock.advance(600_000)
    const { id } = await recorder.start({ at: START })
    const receipt = await recorder.update(id, 'one', { at: '2026-01-01T01:05:00+01:00' })
    expect(receipt.recorded && [receipt.event.time, receipt.event.at]).toEqual([
      '2026-01-01T00:10:00.000Z',
      '2026-01-01T00:05:00.000Z',
    ])
    const closed = await recorder.close(id, { at: '2026-01-01T00:07:00Z' })
    expect(closed.recorded && closed.event.payload.durationMs).toBe(420_000)
    const { startedAt, endedAt, lastEventAt } = await recorder.load(id)
    expect([startedAt, endedAt, lastEventAt]).toEqual([
      START,
      '2026-01-01T00:07:00.000Z',
      '2026-01-01T00:10:00.000Z',
    ])
  })

  test.for([
    ['2026-01-01T00:05:00Z', 'accepted'],
    ['2026-01-01T00:05:00.001Z', 'update.at'],
  ] as const)('%s may be 5 minutes ahead at most', async ([at, field]) => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    const answer = await refusal(recorder.update(id, 'x', { at }))
    expect(Array.isArray(answer) ? answer[1] : answer).toBe(field)
  })
})

test('a key that cannot be read is the field of an error', async () => {
  const { recorder } = bench()
  const { id } = await recorder.start()
  const input = {
    get key(): string {
      throw new Error('no')
    },
  }
  await expect(recorder.block(id, 'No key', input)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})
