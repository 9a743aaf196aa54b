// An agent of the AI SDK, recorded by one line: its prompts and answers stay in the store; the file it wrote and the tool that
// failed three times reach Slack. The model is a script, so that nothing leaves this machine.
//   npm run example -- ai-sdk
import { createTelemetry } from '@sessionwire/agents/ai-sdk'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { isStepCount, registerTelemetry, ToolLoopAgent, tool } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import * as z from 'zod'

const usage = {
  inputTokens: { total: 900, noCache: 900, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 120, text: 120, reasoning: undefined },
}
let calls = 0
const callTool = (toolName: string, input: object = {}) => ({
  content: [
    { type: 'tool-call' as const, toolCallId: String(++calls), toolName, input: JSON.stringify(input) },
  ],
  finishReason: { unified: 'tool-calls' as const, raw: undefined },
  ...{ usage, warnings: [] },
})
const model = new MockLanguageModelV4({
  doGenerate: [
    callTool('write_file', { path: 'src/lock.ts' }),
    ...[1, 2, 3, 4].map(() => callTool('run_tests')),
    {
      content: [{ type: 'text', text: 'One lock per invoice: customers are charged once.' }],
      finishReason: { unified: 'stop', raw: undefined },
      ...{ usage, warnings: [] },
    },
  ],
})

const clock = createFastClock()
const service = await hostileSlack({ now: clock.now })
const adapter = slack({ channel: 'C0123456789' })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  store: sqliteStore('.sessionwire/ai-sdk.db', { now: clock.now }),
  adapters: [adapter],
  ...createStage([[adapter, service]], { SLACK_BOT_TOKEN: service.token }, clock),
})
const telemetry = createTelemetry(tracker, { agent: 'fixer', goal: 'Stop double charging' })
registerTelemetry(telemetry)

let runs = 0
const agent = new ToolLoopAgent({
  model,
  stopWhen: isStepCount(20),
  tools: {
    write_file: tool({ inputSchema: z.object({ path: z.string() }), execute: async () => 'written' }),
    run_tests: tool({
      inputSchema: z.object({}),
      execute: async () => {
        if (++runs < 4) throw new Error('ECONNREFUSED')
        return '12 passed'
      },
    }),
  },
})
const { text } = await agent.generate({ prompt: 'Two webhooks at once charge a customer twice.' })
console.log(`The agent: ${text}\n`)

await telemetry.flush()
const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
const [root] = service.roots()
console.log(`Everything delivered: ${done}. In Slack: ${root?.text.split('\n')[0]}`)
for (const each of service.replies(root?.ts ?? '')) console.log(`  ${each.text.split('\n')[0]}`)
const [last] = await tracker.sessions({ limit: 1 })
const { messages } = await tracker.messages({ sessionId: last?.id ?? '' })
console.log(`Not in Slack: the ${messages.length} messages of the conversation.`)
await tracker.close()
await service.close()
