import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

/** A server whose store cannot be asked any more when it ends, and a call of which takes until the signal. */
const PROGRAM = `
import { createTracker, memoryStore } from '${import.meta.resolve('../../core/src/index.ts')}'
import { runMcp } from '${import.meta.resolve('../src/mcp.ts')}'
const made = await createTracker({ project: 'p', user: 'u', machine: false, store: memoryStore() })
const asked = new Promise(resolve => process.once('SIGTERM', resolve))
const start = async input => {
  process.stderr.write('begun')
  await asked
  await new Promise(resolve => setImmediate(resolve))
  return made.start(input)
}
const tracker = new Proxy(made, { get: (of, name) => (name === 'start' ? start : of[name]) })
await runMcp({
  ...{ cwd: process.cwd(), env: {}, words: [] },
  openWorkspace: async () => ({
    ...{ root: process.cwd(), tracker, adapters: [], problems: [] },
    current: async () => undefined,
    ingest: async () => undefined,
    deliverLater: async () => { throw new Error('the store is locked') },
    close: () => made.close(),
  }),
})
`

test('a server that cannot leave the rest to another process answers the calls under way', async () => {
  const server = spawn(process.execPath, [
    ...['--conditions=@sessionwire/source', '--input-type=module', '--eval', PROGRAM],
  ])
  const send = (message: object): void => {
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }
  server.stderr.on('data', part => {
    if (String(part).includes('begun')) server.kill('SIGTERM')
  })
  const clientInfo = { name: 'test', version: '1' }
  send({
    ...{ id: 1, method: 'initialize' },
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  })
  send({ method: 'notifications/initialized' })
  send({
    ...{ id: 2, method: 'tools/call' },
    params: { name: 'session_start', arguments: { goal: 'Pay once' } },
  })
  const [answers, errors] = await Promise.all([text(server.stdout), text(server.stderr)])
  expect(answers).toContain('Recorded the start in session')
  expect(errors).toContain('the store is locked')
})
