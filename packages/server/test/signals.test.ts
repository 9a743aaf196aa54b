import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type HostileLinear, hostileLinear } from '@sessionwire/linear/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sample } from '../../../test/sample.ts'
import { runCommand, startMcp } from './command.ts'
import { callTool } from './connect.ts'

let folder: string
let linear: HostileLinear

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sessionwire-signals-')))
  mkdirSync(join(folder, 'work'))
  linear = await hostileLinear()
  const adapters = { linear: { teamId: 'BIL', baseUrl: linear.url } }
  writeFileSync(
    join(folder, 'work', 'sessionwire.config.json'),
    JSON.stringify({ project: 'billing', adapters }),
  )
  writeFileSync(join(folder, 'work', '.env'), 'LINEAR_API_KEY=lin_api_test\n')
  runCommand(folder, ['trust'])
})
afterEach(async () => {
  await linear.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const until = async (holds: () => boolean): Promise<void> => {
  const end = Date.now() + 30_000
  while (!holds() && Date.now() < end) await setTimeout(10)
  expect(holds()).toBe(true)
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.each(sample(['SIGINT', 'SIGTERM'] as const, 2))('a server whose host sends %s', signal => {
  it('ends with its request under way, and a process in the background delivers the rest', async () => {
    linear.fail({ failure: { kind: 'hang', applied: true } })
    const { client, transport, stderr } = await startMcp(folder, { era: 'auto' })
    const pid = transport.pid as number
    await callTool(client, 'session_start', { goal: 'Stop double charging', key: 's' })
    await callTool(client, 'record_decision', { content: 'Lock the invoice row', key: 'd' })
    await until(() => linear.requests().length === 1)
    process.kill(pid, signal)
    await setTimeout(100)
    expect(linear.requests()).toHaveLength(1)
    linear.letGo()
    await until(() => !isRunning(pid))
    await until(() => linear.comments().some(({ body }) => body.includes('Lock the invoice row')))
    for (let seen = -1; seen !== linear.requests().length; await setTimeout(300))
      seen = linear.requests().length
    expect(linear.issues().filter(({ title }) => title === 'Stop double charging')).toHaveLength(1)
    expect(linear.comments().filter(({ body }) => body.startsWith('**Decision'))).toHaveLength(1)
    expect(stderr()).toBe('')
    await client.close().catch(() => undefined)
  })
})
