import { expect, test } from 'vitest'
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
  await using tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    adapters: [adapter],
    secrets: () => Promise.reject(new Error('no vault for token s3cr3t')),
  })
  tracker.on('error', ({ error }) => heard.push(error.message))
  const session = await tracker.start()
  const { done, left } = await tracker.drain({ timeoutMs: 5_000 })
  expect([done, left, heard]).toEqual([
    false,
    { waiting: 1 },
    [expect.stringMatching(/^TOOL_TOKEN is not set/)],
  ])
  expect(await tracker.settled(`${session.id}/tool/0`, { timeoutMs: 0 })).toMatchObject({ state: 'waiting' })
  expect((await tracker.status()).adapters[0]?.unset).toEqual(['TOOL_TOKEN'])
  expect(await tracker.check('tool')).toMatchObject({ ok: false, reason: unset })
})
