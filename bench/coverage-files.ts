// Counts the source files that one `session.update()` runs, from the call to the request at the service:
//   pnpm coverage:files [--list] [--at-most <number>]
// V8 counts every function from the call until the request arrives at the service: the reply and its judgement are not
// part of the way. --list prints the files, --at-most fails above a number of files.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { list: { type: 'boolean' }, 'at-most': { type: 'string' } } })

let arrive: () => void = () => undefined
const server = createServer((request, response) => {
  arrive()
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"ok":true,"ts":"1503435956.000247","channel":"C0123456789"}')
  })
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`

const folder = mkdtempSync(join(tmpdir(), 'sessionwire-coverage-'))
const tracker = await createTracker({
  project: 'coverage',
  user: 'u',
  // The timer of the store's lock runs at its own times, and is not part of the way.
  store: sqliteStore(join(folder, 'sessions.db'), { renewMs: 60_000 } as object),
  adapters: [slack({ baseUrl, channel: 'C0123456789' })],
  secrets: () => 'xoxb-coverage-files',
})
const session = await tracker.start({ goal: 'Count the files' })
await session.update('loads everything that is loaded once', { progress: 10 })
await tracker.drain()

const inspector = new Session()
inspector.connect()
await inspector.post('Profiler.enable')
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
const takeCoverage = () => inspector.post('Profiler.takePreciseCoverage')
await takeCoverage()
const arrived = new Promise<Awaited<ReturnType<typeof takeCoverage>>>((resolve, reject) => {
  arrive = () => {
    arrive = () => undefined
    // V8 answers within this call, so nothing that runs later is counted.
    takeCoverage().then(resolve, reject)
  }
})
await session.update('half way', { progress: 50 })
const late = setTimeout(() => {
  throw new Error('coverage-files: no request reached the service within 30 s')
}, 30_000)
const { result } = await arrived
clearTimeout(late)
inspector.disconnect()

const files = result
  .filter(
    ({ url, functions }) =>
      url.includes('/packages/') && functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0),
  )
  .map(({ url }) => relative(ROOT, fileURLToPath(url)))
  .filter(path => path.startsWith('packages/') && !path.includes('node_modules'))
  .sort()
await tracker.close()
server.close()
rmSync(folder, { recursive: true, force: true })

if (values.list) for (const path of files) console.log(path)
console.log(`one update passes ${files.length} files`)
const atMost = Number(values['at-most'] ?? Number.POSITIVE_INFINITY)
if (files.length > atMost) {
  console.error(`coverage-files: ${files.length} files; expected at most ${atMost}`)
  process.exitCode = 1
}
