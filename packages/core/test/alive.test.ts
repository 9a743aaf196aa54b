import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const entry = (name: string): string => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))

/** A host that records, and ends without closing its tracker; `last` is its last line. */
const host = (port: number, last: string): string => `
import { createTracker } from ${JSON.stringify(entry('index'))}
import { action, httpOutcome } from ${JSON.stringify(entry('adapter'))}
const post = (key, path) => ({ key, action: 'post', kind: 'http', method: 'POST', endpoint: 'http://127.0.0.1:${port}' + path, payload: { key }, repeat: 'unsafe' })
const adapter = {
  name: 'a', config: {}, mode: 'execute', actions: {}, secrets: [], limits: { rates: {} }, outcome: httpOutcome,
  hooks: { update: ({ description }) => [at => post(at.key, description)] },
  check: { call: { kind: 'http', method: 'GET', endpoint: 'http://127.0.0.1:${port}/' } },
}
const tracker = await createTracker({ project: 'p', user: 'u', adapters: [adapter] })
const session = await tracker.start({ goal: 'g' })
for (let n = 0; n < 200; n++) await session.update('/hang')
${last}
process.stdout.write('end of main')
`

const run = async (
  last: string,
): Promise<Readonly<{ text: string; code: number | null; requests: number }>> => {
  let requests = 0
  const server = createServer(request => {
    requests++
    // Nothing is ever answered.
    request.resume()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const child = spawn(
    process.execPath,
    ['--conditions=@sessionwire/source', '--input-type=module', '-e', host(port, last)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let text = ''
  child.stdout.on('data', part => {
    text += String(part)
  })
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  return { text, code, requests }
}

it('does not hold up a host that is done, whatever is under way', async () => {
  expect(await run('')).toMatchObject({ text: 'end of main', code: 0 })
})

it('holds a host that waits for it', async () => {
  // The request leaves as soon as it is begun: this wait is not what holds the host.
  const last =
    "while ((await tracker.deliveries({ state: 'begun' })).length === 0) await new Promise(resolve => setTimeout(resolve, 10)); " +
    "const { done } = await tracker.drain({ timeoutMs: 1_500 }); process.stdout.write('done: ' + done + ', ')"
  expect(await run(last)).toEqual({ text: 'done: false, end of main', code: 0, requests: 1 })
})
