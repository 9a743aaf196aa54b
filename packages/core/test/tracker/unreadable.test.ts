import { expect, test } from 'vitest'
import { createTracker, isTrackerError, memoryStore } from '../../src/index.ts'
import type { Store } from '../../src/store/contract.ts'
import { tool } from '../recorder/tool.ts'

const fail = (): never => {
  throw new Error('unreadable')
}

/** Values of a caller that throw when they are looked at. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  'getters that throw': () => ({
    get body() {
      return fail()
    },
    get limit() {
      return fail()
    },
    get timeoutMs() {
      return fail()
    },
  }),
  'a proxy': () =>
    new Proxy(
      {},
      { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
    ),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  'a proxy that throws nothing': () =>
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw undefined
        },
      },
    ),
  'no string': () => ({ toString: fail, [Symbol.toPrimitive]: fail }),
  'an array': () => Object.defineProperty([1], 0, { get: fail, enumerable: true }),
}

type Call = (value: never) => unknown

test.for(Object.entries(VALUES))(
  'no call blames the store or throws a raw error for %s',
  async ([, make]) => {
    const tracker = await createTracker({
      ...{ project: 'billing', user: 'ada', store: memoryStore(), adapters: [tool({ mode: 'preview' })] },
    })
    const session = await tracker.start({ goal: 'x' })
    const { id } = session
    const calls: Readonly<Record<string, Call>> = {
      'act.input': value => tracker.act('tool', 'comment', value),
      'act.options': value => tracker.act('tool', 'comment', { text: 'x' }, value),
      'act.adapter': value => tracker.act(value, 'comment' as never, {} as never),
      'act.action': value => tracker.act('tool', value, {} as never),
      'read.input': value => tracker.read('tool', 'list', value),
      'read.action': value => tracker.read('tool', value, {} as never),
      'settled.key': value => tracker.settled(value),
      'settled.options': value => tracker.settled('k', value),
      deliveries: value => tracker.deliveries(value),
      sessions: value => tracker.sessions(value),
      'preview.id': value => tracker.preview(value),
      'preview.options': value => tracker.preview(id, value),
      'render.descriptors': value => tracker.render(value, 'text'),
      'render.item': value => tracker.render([value], 'curl'),
      'render.format': value => tracker.render([], value),
      'render.options': value => tracker.render([], 'text', value),
      release: value => tracker.release(value),
      drop: value => tracker.drop(value),
      retry: value => tracker.retry(value),
      'take.options': value => tracker.take('tool', value),
      'pause.adapter': value => tracker.pause(value),
      'pause.options': value => tracker.pause('tool', value),
      'check.adapter': value => tracker.check(value),
      'export.options': value => tracker.export(id, 'json', value),
      'backfill.options': value => tracker.backfill('tool', value),
      'recreateCard.adapter': value => tracker.recreateCard(id, value),
      recall: value => tracker.recall(value),
      messages: value => tracker.messages(value),
      'forget.id': value => tracker.forget(value),
      'forget.event': value => tracker.forget(id, value),
      'forget.options': value => tracker.forget(id, undefined, value),
      drain: value => tracker.drain(value),
      prune: value => tracker.prune(value),
      'on.name': value => tracker.on(value, () => undefined),
      'update.options': value => session.update('x', value),
      'mirror.names': value => session.mirror(value),
      close: value => session.close(value),
    }
    const wrong: unknown[] = []
    for (const [name, call] of Object.entries(calls))
      try {
        await call(make() as never)
      } catch (thrown) {
        if (!isTrackerError(thrown) || thrown.code !== 'INVALID_INPUT') wrong.push([name, thrown])
      }
    expect(wrong).toEqual([])
    await tracker.close()
  },
)

/** A function of the host that is wrong, and what is said of it. */
const HOSTS: readonly (readonly [name: string, options: object, message: RegExp])[] = [
  ['a filter that throws', { filter: fail }, /^filter: it threw on start: unreadable\./],
  [
    'a filter that gives a proxy',
    { filter: () => new Proxy({}, { get: fail }) },
    /^filter: its start cannot be read: unreadable\./,
  ],
  [
    'a filter with a getter',
    {
      filter: (event: object) => ({
        ...event,
        get payload() {
          return fail()
        },
      }),
    },
    /^filter: its start cannot be read: unreadable\./,
  ],
  ['ids that throw', { newId: fail }, /^newId: it threw \(unreadable\)\./],
  ['ids that are numbers', { newId: () => 7 }, /^newId: it gave an invalid value; .*got the number 7\./],
  [
    'a clock without a time',
    { now: () => Number.NaN },
    /^now: it gave an invalid value; expected a number of epoch ms/,
  ],
  ['chance beyond its range', { random: () => 1 }, /^random: it gave an invalid value/],
]

test.for(HOSTS)('%s is blamed, and not the store', async ([, options, message]) => {
  const parts = { project: 'billing', user: 'ada', store: memoryStore(), adapters: [] }
  const run = async () => {
    const tracker = await createTracker({ ...parts, ...(options as Readonly<{ newId?: () => string }>) })
    try {
      await tracker.start({ goal: 'x' })
    } finally {
      await tracker.close()
    }
  }
  await expect(run()).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringMatching(message) })
})

test('a failing id is reported where the host wants that, of a blocker too', async () => {
  let isBroken = false
  let n = 0
  const newId = () => (isBroken ? fail() : `i${++n}`)
  const tracker = await createTracker({
    ...{ project: 'billing', user: 'ada', store: memoryStore(), adapters: [], newId, onError: 'report' },
  })
  const session = await tracker.start({ goal: 'x' })
  const errors: string[] = []
  tracker.on('error', ({ error }) => errors.push(error.message))
  isBroken = true
  expect((await session.update('x')).recorded).toBe(false)
  expect((await session.block('x')).recorded).toBe(false)
  const second = await tracker.start({ goal: 'y' })
  expect(second.receipt.recorded).toBe(false)
  expect(errors).toEqual(Array.from({ length: 3 }, () => 'newId: it threw (unreadable).'))
  isBroken = false
  // A start that failed is made with the next call.
  expect((await second.update('z')).recorded).toBe(true)
  await tracker.close()
})

test.for(['throw', 'report'] as const)(
  'a store that is busy when a tracker starts, with %s',
  async onError => {
    const memory = memoryStore()
    let isBusy = true
    const store: Store = {
      ...memory,
      orphans: async before => {
        if (isBusy) throw new Error('database is locked')
        return memory.orphans(before)
      },
    }
    const lines: string[] = []
    const logger = {
      ...{ debug: () => undefined, info: () => undefined, warn: () => undefined },
      error: (line: string) => void lines.push(line),
    }
    const making = createTracker({ project: 'billing', user: 'ada', store, adapters: [], onError, logger })
    const message = 'The store failed; the event may or may not have been saved: database is locked'
    if (onError === 'throw') {
      await expect(making).rejects.toMatchObject({ code: 'STORE', message })
      return
    }
    const tracker = await making
    expect(lines).toEqual([`createTracker: ${message}`])
    isBusy = false
    expect((await tracker.start({ goal: 'x' })).receipt.recorded).toBe(true)
    await tracker.close()
  },
)
