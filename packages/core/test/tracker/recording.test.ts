import { expect, test } from 'vitest'
import { createTracker, memoryStore } from '../../src/index.ts'
import { recordingOptions, sweepOften } from '../../src/tracker/recording.ts'

const TOKEN = 'xoxb-1234567890-abcdefghij'

test('redacts tokens, what the caller adds, and known secrets before anything is stored', async () => {
  const tracker = await createTracker({
    ...{ project: 'p', user: 'u', machine: false, store: memoryStore() },
    redact: { also: [/hunter\d/] },
  })
  const session = await tracker.start({ goal: `${TOKEN} and hunter2`, metadata: { env: 'API_KEY=abcdefgh' } })
  await session.message('user', 'postgres://me:passw0rd@db/x')
  const blocker = await session.block(`No ${TOKEN}`)
  await blocker.resolve(`Now ${TOKEN}`)
  const stored = JSON.stringify([await session.load(), await tracker.messages()])
  expect(stored).not.toMatch(/xoxb-1234567890|hunter2|passw0rd|abcdefgh/)
  expect(stored).toContain('[redacted token] and [redacted]')
  expect(await session.load()).toMatchObject({
    blockers: [{ blockerId: blocker.id, resolution: 'Now [redacted token]' }],
  })
  await tracker.close()
})

test('redacts the names of what a caller may name, and no others', async () => {
  const tracker = await createTracker({
    ...{ project: 'p', user: 'u', machine: false, store: memoryStore() },
    redact: { also: [/tokens/i] },
  })
  const address = 'https://me:passw0rd@db.test/x'
  const session = await tracker.start({ goal: 'x', metadata: { [address]: { [TOKEN]: [{ [TOKEN]: 1 }] } } })
  await session.entity({ type: 'file', name: 'a.ts', properties: { [TOKEN]: { ok: true } } })
  await session.update('Read', { usage: { inputTokens: 7 } })
  const { metadata, entities, usage } = await session.load()
  expect([metadata, entities.map(each => each.properties), usage]).toEqual([
    {
      'https://me:[redacted]@db.test/x': { '[redacted token]': [{ '[redacted token]': 1 }] },
    },
    [{ '[redacted token]': { ok: true } }],
    expect.objectContaining({ inputTokens: 7 }),
  ])
  await tracker.close()
})

test('redacts nothing where that is turned off', async () => {
  const tracker = await createTracker({ project: 'p', user: 'u', store: memoryStore(), redact: false })
  const session = await tracker.start({ goal: TOKEN })
  expect((await session.load()).goal).toBe(TOKEN)
  await tracker.close()
})

test('names the machine by its host, by the caller, or not at all', async () => {
  const same = (text: string) => text
  expect(typeof (await recordingOptions({}, same)).machine).toBe('string')
  expect((await recordingOptions({ machine: 'm' }, same)).machine).toBe('m')
  expect((await recordingOptions({ machine: false }, same)).machine).toBeUndefined()
  expect((await recordingOptions({ redact: { known: false, patterns: false } }, same)).redact).toBeUndefined()
  expect((await recordingOptions({ redact: { patterns: false } }, text => `<${text}>`)).redact?.('x')).toBe(
    '<x>',
  )
})

test('sweeps again and again until it is ended, whatever a sweep throws', async () => {
  const waiting: (() => void)[] = []
  const waits: number[] = []
  const timers = {
    after: (ms: number, call: () => void) => {
      waits.push(ms)
      waiting.push(call)
      return () => void waiting.splice(waiting.indexOf(call), 1)
    },
    soon: () => undefined,
    keepAlive: () => () => undefined,
  }
  const reported: unknown[] = []
  let sweeps = 0
  const end = sweepOften(
    timers,
    86_400_000,
    async () => {
      sweeps++
      if (sweeps === 1) throw new Error('busy')
    },
    thrown => reported.push(thrown),
  )
  const fire = async () => {
    waiting.shift()?.()
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  await fire()
  await fire()
  expect([sweeps, reported.length, waits]).toEqual([2, 1, [3_600_000, 3_600_000, 3_600_000]])
  end()
  expect(waiting).toEqual([])
})
