import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

type Told = Readonly<{ name: string; id: string; trace: string; parent?: string; links: readonly string[] }>

const CHILD = fileURLToPath(new URL('traced-child.ts', import.meta.url))
const run = async (...given: readonly string[]): Promise<readonly Told[]> => {
  const flags = ['--conditions=@sessionwire/source', '--disable-warning=ExperimentalWarning']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, CHILD, ...given])
  return JSON.parse(stdout) as readonly Told[]
}

/** The `traceparent` of each request to a Slack that takes everything. */
const heard: unknown[] = []
const server = createServer((request, response) => {
  heard.push(request.headers.traceparent)
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end('{"ok":true,"channel":"C0123456789","ts":"1700000000.000100"}')
  })
})
let baseUrl = ''
let folder = ''
let told: readonly Told[] = []
// What one process recorded is delivered by another with each client, from a copy of the file.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessionwire-otel-'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  told = await run('record', join(folder, 'sessions.db'), baseUrl)
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

test.for([
  ['http', 'POST'],
  ['fetch', 'POST'],
] as const)(
  'an attempt of another process links to the recording, and its request by %s is below it',
  async ([client, name]) => {
    const path = join(folder, `${client}.db`)
    await copyFile(join(folder, 'sessions.db'), path)
    const [recorded, host] = told as [Told, Told]
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
    expect(heard.splice(0)).toEqual([`00-${deliver.trace}-${request.id}-01`])
  },
)
