import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

type Told = Readonly<{ name: string; id: string; trace: string; parent?: string; links: readonly string[] }>

const CHILD = fileURLToPath(new URL('traced-child.ts', import.meta.url))
const run = async (...given: readonly string[]): Promise<readonly Told[]> => {
  const flags = ['--conditions=@sessionwire/source', '--disable-warning=ExperimentalWarning']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, CHILD, ...given])
  return JSON.parse(stdout) as readonly Told[]
}

/** A Slack that takes everything, and the `traceparent` of each request. */
const listen = async () => {
  const heard: unknown[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers.traceparent)
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end('{"ok":true,"channel":"C0123456789","ts":"1700000000.000100"}')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  return { heard, baseUrl: `http://127.0.0.1:${port}` }
}

test.for([
  ['http', 'POST'],
  ['fetch', 'POST'],
] as const)(
  'an attempt of another process links to the recording, and its request by %s is below it',
  async ([client, name]) => {
    const folder = await mkdtemp(join(tmpdir(), 'sessionwire-otel-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'sessions.db')
    const { heard, baseUrl } = await listen()
    const [recorded, host] = (await run('record', path, baseUrl)) as [Told, Told]
    const [request, deliver] = (await run('deliver', path, baseUrl, client)) as [Told, Told]
    expect([recorded, host]).toEqual([
      { name: 'record start', id: recorded.id, trace: host.trace, parent: host.id, links: [] },
      { name: 'host', id: host.id, trace: host.trace, links: [] },
    ])
    expect([request, deliver]).toEqual([
      { name, id: request.id, trace: deliver.trace, parent: deliver.id, links: [] },
      { name: 'deliver slack', id: deliver.id, trace: deliver.trace, links: [recorded.id] },
    ])
    expect(deliver.trace).not.toBe(host.trace)
    expect(heard).toEqual([`00-${deliver.trace}-${request.id}-01`])
  },
)
