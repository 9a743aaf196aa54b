// An agent that embeds the tracker: what its tools do becomes updates, decisions and blockers, and no line of the agent
// waits for a service. The model is a script, so that nothing leaves this machine.
//   npm run example -- agent-loop
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { fast } from '../stage/local.ts'
import { staged, timeoutMs } from '../stage/stage.ts'
import { tools } from './tools.ts'

type Turn = Readonly<{ tool: 'read' | 'decide' | 'edit' | 'test' | 'answer'; input: string; why?: string }>

/** What a model would answer, turn by turn. */
const MODEL: readonly Turn[] = [
  { tool: 'read', input: 'src/webhook.ts' },
  {
    tool: 'decide',
    input: 'Lock per invoice',
    why: 'Two webhooks of one invoice arrive within milliseconds',
  },
  { tool: 'edit', input: 'src/lock.ts' },
  { tool: 'test', input: 'webhook' },
  { tool: 'edit', input: 'src/lock.ts' },
  { tool: 'test', input: 'webhook' },
  { tool: 'answer', input: 'Invoices are locked one by one; the double charge is gone.' },
]

const service = await hostileSlack({ now: fast.now })
const adapter = slack({ channel: 'C0123456789' })
const tracker = await createTracker({
  project: 'billing',
  ...staged([[adapter, service]], { SLACK_BOT_TOKEN: service.token }),
  store: sqliteStore('.sessionwire/agent-loop.db', { now: fast.now }),
  adapters: [adapter],
  // A tracker must never break its agent: what cannot be recorded is told to `error`, and the agent goes on.
  onError: 'report',
  // Nothing that looks like a key leaves the process, not even into the database.
  filter: event => JSON.parse(JSON.stringify(event).replace(/sk-[A-Za-z0-9]{8,}/g, 'sk-…')) as typeof event,
})
tracker.on('error', ({ error }) => console.error(error.message))

const session = await tracker.start({
  user: 'ada',
  agent: 'fixer',
  goal: 'Stop double charging (key sk-live1234567890)',
  progress: 0,
})
const run = tools(session)
for (const [n, { tool, input, why }] of MODEL.entries()) {
  const progress = Math.round((100 * (n + 1)) / MODEL.length)
  if (tool === 'answer') await session.close({ summary: input, progress: 100 })
  else if (tool === 'decide') await run.decide(input, why)
  else if (tool === 'read') await run.read(input)
  else await run[tool](input, progress)
}

console.log(await tracker.export(session.id, 'context'))
const { done } = await tracker.drain({ timeoutMs })
console.log(
  `\nDelivered: ${done}; in Slack: ${service.roots().length} message with ${service.replies(service.roots()[0]?.ts ?? '').length} replies, ${service.doubled()} doubled`,
)
await tracker.close()
await service.close()
