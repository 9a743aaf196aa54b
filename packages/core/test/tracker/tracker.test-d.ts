import { expectTypeOf, test } from 'vitest'
import type { Adapter } from '../../src/adapter/contract.ts'
import type { Json } from '../../src/session/schema.ts'
import { createTracker, type Tracker } from '../../src/tracker.ts'
import { type Config, tool } from '../recorder/tool.ts'

declare const maybe: ReturnType<typeof tool<'extra'>> | undefined

test('act and fetch know the adapters they were given', async () => {
  const tracker = await createTracker({
    project: 'p',
    adapters: [tool(), tool({ name: 'ops' }), maybe, false],
  })

  await tracker.act('tool', 'make', { text: 'x' })
  await tracker.act('ops', 'comment', { text: 'x' }, { key: 'k' })
  const [first] = await tracker.read('ops', 'list', { limit: 3 })
  expectTypeOf(first?.id).toEqualTypeOf<string | undefined>()

  // @ts-expect-error there is no such adapter
  await tracker.act('other', 'make', { text: 'x' })
  // @ts-expect-error there is no such action
  await tracker.act('tool', 'nothing', { text: 'x' })
  // @ts-expect-error a read is fetched
  await tracker.act('tool', 'list', {})
  // @ts-expect-error a write is acted
  await tracker.read('tool', 'make', { text: 'x' })
  // @ts-expect-error the input is another
  await tracker.act('tool', 'make', { text: 3 })
  // @ts-expect-error only adapters of the tracker
  await tracker.check('other')
  // @ts-expect-error only adapters of the tracker
  await tracker.preview('s', { adapter: 'other' })
})

test('an adapter whose name is any text keeps its actions', async () => {
  const board = { ...tool(), name: 'board' } satisfies Adapter<Config>
  expectTypeOf(board.name).toEqualTypeOf<string>()
  const tracker = await createTracker({ project: 'p', adapters: [board, tool()] })
  await tracker.act('board', 'make', { text: 'x' })
  await tracker.act('tool', 'make', { text: 'x' })
  const [first] = await tracker.read('board', 'list', {})
  expectTypeOf(first?.id).toEqualTypeOf<string | undefined>()
  // @ts-expect-error the input is another
  await tracker.act('board', 'make', { text: 3 })
  // @ts-expect-error there is no such action
  await tracker.act('board', 'nothing', { text: 'x' })
})

test('options and calls refuse what is not theirs', async () => {
  // @ts-expect-error a project is needed
  await createTracker({})
  // @ts-expect-error there is no such option
  await createTracker({ project: 'p', adapter: [] })
  const tracker: Tracker = await createTracker({ project: 'p' })
  const session = await tracker.start({ goal: undefined })
  await session.update('x', { progress: undefined })
  // @ts-expect-error there is no such field
  await session.update('x', { percent: 3 })
  // @ts-expect-error severities are four
  await session.block('x', { severity: 'huge' })
  // @ts-expect-error an entity has a type
  await session.entity({ name: 'x' })
  const receipt = await session.block('x')
  // @ts-expect-error it may not have been recorded
  receipt.event
  if (receipt.recorded) expectTypeOf(receipt.event.payload.blockerId).toEqualTypeOf<string>()
})

test('start knows what its adapters can adopt', async () => {
  const tracker = await createTracker({
    project: 'p',
    adapters: [
      { ...tool(), refs: ['card'] } as Adapter<Config, 'tool', ReturnType<typeof tool>['actions'], 'card'>,
    ],
  })
  await tracker.start({ refs: { tool: { card: 'C1' } } })
  // @ts-expect-error the adapter has no such ref
  await tracker.start({ refs: { tool: { isue: 'C1' } } })
  // @ts-expect-error the tracker has no such adapter
  await tracker.start({ refs: { toll: { card: 'C1' } } })
  const bare = await createTracker({ project: 'p' })
  await bare.start({ refs: { anything: { issue: 'X' } } })
})

test('act gives what the action captures', async () => {
  const tracker = await createTracker({ project: 'p', adapters: [tool()] })
  const acted = await tracker.act('tool', 'make', { text: 'x' })
  if (acted.recorded) {
    const { captures } = await acted.settled()
    expectTypeOf(captures).toHaveProperty('card')
    // @ts-expect-error the action captures no such name
    captures.issue
  }
  const done = await tracker.act('tool', 'make', { text: 'x' }, { wait: true })
  if (done.recorded) expectTypeOf(done.captures.card).toEqualTypeOf<Json>()
})
