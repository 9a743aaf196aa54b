import type { Context, Details, Item, Named } from './openai-events.ts'
import { listPrompts } from './openai-events.ts'
import type { Recorder } from './recorder.ts'
import type { Work } from './work.ts'

/** An agent of the SDK, whatever its context and output are. */
export type SubAgent = Readonly<{
  /** The name under which its work is recorded. */
  name: string
  /** Adds a listener. */
  on(type: never, listener: never): unknown
  /** Removes a listener. */
  off(type: never, listener: never): unknown
}>

type Emitter = Readonly<Record<'on' | 'off', (type: string, listener: unknown) => unknown>>

type Parts = Pick<Recorder, 'find' | 'guard'> &
  Readonly<{
    /** Whether the runner reported the same items or tool call. */
    isOwn: (reported: object) => boolean
    record: (work: Work, tool: Named, result: string, details: Details) => void
  }>

/**
 * Listens to agents that are tools of others (`asTool`): such a run has a runner of its own, which no program can reach, and the
 * agent alone tells of it. An agent tells of runs of the listened runner too, which are left to that. Answers how to stop.
 */
export const listenToSubAgents = (
  agents: readonly SubAgent[],
  { find, guard, isOwn, record }: Parts,
): (() => void) => {
  const stops = agents.map(agent => {
    const { name } = agent
    /** Runs of it as a tool that are open. */
    let open = 0
    const begin = guard((context: Context, items: readonly Item[]) => {
      const work = isOwn(items) ? undefined : find(context.usage)
      if (work === undefined) return undefined
      open++
      work.join(name)
      for (const content of listPrompts(items)) work.say({ role: 'system', content, name })
      return work
    })
    // The runner tells of the same start right after the agent.
    const onStart = (context: Context, _: Named, items: readonly Item[] = []) =>
      void Promise.resolve().then(() => begin(context, items))
    const onTool = guard((context: Context, tool: Named, result: string, details: Details) => {
      const work = open === 0 || isOwn(details.toolCall) ? undefined : find(context.usage)
      if (work !== undefined) record(work, tool, result, details)
      return work
    })
    const onEnd = guard((context: Context, output: string) => {
      const work = open === 0 ? undefined : find(context.usage)
      if (work === undefined) return undefined
      open--
      work.say({ role: 'assistant', content: output, name, isStep: true })
      return work
    })
    const listeners = { agent_start: onStart, agent_tool_end: onTool, agent_end: onEnd }
    const emitter = agent as unknown as Emitter
    for (const [type, listener] of Object.entries(listeners)) emitter.on(type, listener)
    return () => {
      for (const [type, listener] of Object.entries(listeners)) emitter.off(type, listener)
    }
  })
  return () => {
    for (const stop of stops) stop()
  }
}
