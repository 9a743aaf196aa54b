import { expect, test } from 'vitest'
import { createHostileServer } from '../../src/testing.ts'
import { createTracker } from '../../src/tracker.ts'
import { tool } from '../recorder/tool.ts'

const AUTH = { header: 'authorization', secret: 'TOOL_TOKEN' }

const unset =
  'TOOL_TOKEN is not set: set it for the process that delivers (its environment, or the option secrets)'

test('a secret that cannot be looked up is not set for now, and what its source said is told nowhere', async () => {
  const plain = tool()
  const call = { kind: 'http' as const, method: 'GET' as const, endpoint: 'https://tool.test/me', auth: AUTH }
  const make = plain.actions.make
  const adapter = {
    ...plain,
    secrets: ['TOOL_TOKEN'],
    check: { call },
    hooks: {
      start: () => [
        (at: Parameters<ReturnType<typeof make>>[0]) => ({ ...make({ text: 'a' })(at), auth: AUTH }),
      ],
    },
  }
  const heard: string[] = []
  const logged: (readonly unknown[])[] = []
  await using tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    adapters: [adapter],
    secrets: () => Promise.reject(new Error('no vault for token s3cr3t')),
    logger: { warn: (...given) => logged.push(given), error: (...given) => logged.push(given) },
  })
  tracker.on('error', ({ error }) => heard.push(error.message))
  const session = await tracker.start()
  const { done, left } = await tracker.drain({ timeoutMs: 60_000 })
  expect([done, left, heard]).toEqual([
    false,
    { waiting: 1 },
    [expect.stringMatching(/^TOOL_TOKEN is not set/)],
  ])
  // Once, and without a stack trace.
  expect(logged).toEqual([[`tool: ${unset}`]])
  expect(await tracker.settled(`${session.id}/tool/0`, { timeoutMs: 0 })).toMatchObject({ state: 'waiting' })
  expect((await tracker.status()).adapters[0]?.unset).toEqual(['TOOL_TOKEN'])
  expect(await tracker.check('tool')).toMatchObject({ ok: false, reason: unset })
})

test.each([
  ['a line end', 's3cr3t-token\n', /TOOL_TOKEN holds a line end/],
  ['a letter of no header', 's3cr3t☺token', /TOOL_TOKEN holds a letter that a header cannot carry/],
])('a call whose secret has %s waits for another value, and the check says why', async (_, wrong, reason) => {
  const plain = tool()
  const call = {
    kind: 'http' as const,
    method: 'GET' as const,
    endpoint: 'http://127.0.0.1:9/me',
    auth: AUTH,
  }
  const make = plain.actions.make
  let token = wrong
  const sent: string[] = []
  await using service = await createHostileServer({
    name: 'tool',
    handle: ({ method, headers }) => {
      sent.push(`${method} ${headers.authorization}`)
      return { status: 200, body: { id: 'c1' } }
    },
  })
  const at = (path: string) => ({ endpoint: `${service.url}${path}` })
  await using tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    drainOnClose: 0,
    adapters: [
      {
        ...plain,
        origins: [service.url],
        secrets: ['TOOL_TOKEN'],
        check: { call: { ...call, ...at('/me') } },
        hooks: {
          start: () => [
            (here: Parameters<ReturnType<typeof make>>[0]) => ({
              ...make({ text: 'a' })(here),
              ...at('/cards'),
              auth: AUTH,
            }),
          ],
        },
      },
    ],
    secrets: () => token,
  })
  const session = await tracker.start()
  await tracker.drain({ timeoutMs: 300 })
  // A busy machine ends the drain before the attempt is settled.
  const settled = () => tracker.settled(`${session.id}/tool/0`, { timeoutMs: 0 })
  await expect.poll(settled).toMatchObject({ state: 'waiting' })
  expect(await tracker.check('tool')).toMatchObject({
    ...{ ok: false, kind: 'denied', reason: expect.stringMatching(reason) },
    hint: 'Check the secret and its permissions; deliveries wait and go out when it is accepted.',
  })
  token = 's3cr3t-token'
  expect(await tracker.drain({ timeoutMs: 60_000 })).toMatchObject({ done: true })
  expect(sent).toContain('POST s3cr3t-token')
  expect(sent.filter(each => !each.endsWith(' s3cr3t-token'))).toEqual([])
})
