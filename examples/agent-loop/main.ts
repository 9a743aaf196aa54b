// An agent that embeds the tracker: its tool calls become updates, decisions and blockers, and no step of the agent
// waits for a service. The model is a script, so that nothing leaves this machine.
//   npm run example -- agent-loop
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'

type Turn = Readonly<{ tool: 'read' | 'decide' | 'edit' | 'test' | 'answer'; input: string; why?: string }>

/** The answers of a model, turn by turn. */
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
  { tool: 'answer', input: 'Invoices are locked one by one; customers are charged once.' },
]

const clock = createFastClock()
const service = await hostileSlack({ now: clock.now })
const adapter = slack({ channel: 'C0123456789' })
const tracker = await createTracker({
  project: 'billing',
  store: sqliteStore('.sessionwire/agent-loop.db', { now: clock.now }),
  adapters: [adapter],
  // A tracker must never break its agent: an event that cannot be recorded is reported as `error`, and the agent goes on.
  onError: 'report',
  // Keys of our own kind are redacted before an event is stored.
  filter: event => JSON.parse(JSON.stringify(event).replace(/sk-[A-Za-z0-9-]{8,}/g, 'sk-…')) as typeof event,
  ...createStage([[adapter, service]], { SLACK_BOT_TOKEN: service.token }, clock),
})
tracker.on('error', ({ error }) => console.error(error.message))

const goal = 'Stop double charging (key sk-live-1234567890)'
const session = await tracker.start({ user: 'ada', agent: 'fixer', goal })
let failing: Awaited<ReturnType<typeof session.block>> | undefined
for (const [n, { tool, input, why }] of MODEL.entries()) {
  const progress = Math.round((100 * (n + 1)) / MODEL.length)
  switch (tool) {
    case 'read':
      await session.entity({ name: input.split('/').at(-1) ?? input, type: 'file', path: input })
      break
    case 'decide':
      await session.decide(input, { rationale: why })
      break
    case 'edit':
      await session.update(`Edited ${input}`, { progress })
      break
    case 'test':
      // A test that fails is a blocker until it passes. The second run of this one passes.
      if (failing === undefined) failing = await session.block(`Test ${input} fails`, { category: 'test' })
      else await failing.resolve('The lock is held for as long as the payment runs')
      break
    case 'answer':
      await session.close({ summary: input, progress: 100 })
  }
}

console.log(await tracker.export(session.id, 'context'))
const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
const [root] = service.roots()
console.log(
  `\nEverything delivered: ${done}. In Slack: one message with ${service.replies(root?.ts ?? '').length} replies; sent twice: ${service.countDoubled()}`,
)
await tracker.close()
await service.close()
