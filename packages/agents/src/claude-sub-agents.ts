import type { HookInput, SubagentStartHookInput, SubagentStopHookInput } from '@anthropic-ai/claude-agent-sdk'
import type { Work } from './work.ts'

/** Most sub-agents that are remembered. */
const MAX = 1_000

/** Makes the listeners for the sub-agents of a session: they work in it, each under the name of its kind. */
export const createSubAgents = (workOf: (input: HookInput) => Work) => {
  /** Kinds of those at work, by id: others stop that never started, such as one that compacts. */
  const kinds = new Map<string, string>()
  return {
    SubagentStart: (input: SubagentStartHookInput): Work => {
      const work = workOf(input)
      if (kinds.size >= MAX) kinds.clear()
      kinds.set(input.agent_id, input.agent_type)
      work.join(input.agent_type)
      return work
    },
    SubagentStop: (input: SubagentStopHookInput): Work => {
      const work = workOf(input)
      const name = kinds.get(input.agent_id)
      kinds.delete(input.agent_id)
      const content = input.last_assistant_message
      if (name !== undefined) work.say({ role: 'assistant', content, name, isStep: true })
      return work
    },
  }
}
