import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const transport = fileURLToPath(new URL('../src/transport/http.ts', import.meta.url))

const sending = (port: number) => `
import { httpTransport } from ${JSON.stringify(transport)}
const call = { kind: 'http', method: 'POST', endpoint: 'http://127.0.0.1:${port}/items', payload: { a: 1 } }
await httpTransport({ secrets: () => 'x' }).send(call, { timeoutMs: 5_000 })`

/** What a proxy, or the service itself, hears of a process that is told of the proxy in the environment or by code. */
const heard = async (
  env: (port: number) => NodeJS.ProcessEnv,
  before: (port: number) => string,
  service?: number,
) => {
  let head = ''
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', data => {
      head = data.toString('latin1')
      socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', before(port) + sending(service ?? port)],
    {
      env: { ...process.env, NO_PROXY: '', no_proxy: '', ...env(port) },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  await new Promise(resolve => child.once('exit', resolve))
  await new Promise(resolve => server.close(resolve))
  return head
}

it('goes through the proxy of the environment where Node was told to heed it', async () => {
  const env = (port: number) => ({ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${port}` })
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  // Node knows the variable from 22.21 on, and ignores it before.
  const isKnown = major > 22 || minor >= 21
  expect(await heard(env, () => '', 54_321)).toMatch(
    isKnown ? /^(CONNECT 127\.0\.0\.1:54321|POST http:\/\/127\.0\.0\.1:54321\/items) / : /^$/,
  )
})

it('goes through what the host put under fetch', async () => {
  const before = (port: number) => `
const inner = await fetch('data:,').then(() => globalThis[Symbol.for('undici.globalDispatcher.1')])
class Agent {
  dispatch(options, handler) {
    return inner.dispatch({ ...options, origin: 'http://127.0.0.1:${port}' }, handler)
  }
}
globalThis[Symbol.for('undici.globalDispatcher.1')] = new Agent()`
  expect(await heard(() => ({}), before, 54_321)).toMatch(
    /^POST \/items HTTP\/1\.1\r\n(.+\r\n)*sec-fetch-mode: /,
  )
})

it('goes its own way where only Node itself put something there', async () => {
  const head = await heard(
    () => ({}),
    () => `await fetch('data:,')`,
  )
  expect(head).toMatch(/^POST \/items HTTP\/1\.1\r\n/)
  expect(head).not.toContain('sec-fetch-mode')
})
