// A session that a Python program records over HTTP, with its standard library alone; it ends in a Slack on this machine.
//   npm run example -- record-from-python
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTracker, memoryStore } from '@sessionwire/core'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { serveHttp } from '@sessionwire/server'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'

// Where sessions are recorded, and a Slack on this machine that shows them. In your place: sessionwire serve
const clock = createFastClock(60)
const service = await hostileSlack({ now: clock.now })
const adapter = slack({ channel: 'C0123456789' })
const stage = createStage([[adapter, service]], { SLACK_BOT_TOKEN: service.token }, clock)
const store = memoryStore(clock)
const tracker = await createTracker({ project: 'billing', user: 'ada', store, adapters: [adapter], ...stage })

const key = 'only-for-this-example'
const server = await serveHttp({
  workspace: { root: 'billing', tracker, adapters: [adapter] },
  access: { apiKey: { value: key, scopes: ['read', 'record', 'act'] }, hosts: [], origins: [] },
  port: 0,
})

const program = 'python3'
const script = fileURLToPath(new URL('record.py', import.meta.url))
const child = spawn(program, [script], {
  env: { ...process.env, SESSIONWIRE_URL: `http://127.0.0.1:${server.port}`, SESSIONWIRE_API_KEY: key },
  stdio: 'inherit',
})
child.on('error', error => console.error(`${program} cannot be run: ${error.message}`))
const [code] = await once(child, 'close')
if (code !== 0) process.exitCode = 1

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
if (!done) process.exitCode = 1
for (const root of service.roots()) {
  console.log(`\n${root.text}`)
  for (const reply of service.replies(root.ts)) console.log(`\n  ${reply.text.replaceAll('\n', '\n  ')}`)
}
await server.close()
await tracker.close()
await service.close()
