import { type AnyAdapter, invalidConfig } from '@sessionwire/core/adapter'
import { actionTools } from './actions.ts'
import { reviewTools } from './review.ts'
import { sessionTools } from './session.ts'
import { taigaTools } from './taiga/tools.ts'
import type { Tool } from './tool.ts'
import type { ToolChoice } from './words.ts'

/** The adapter whose tools keep the names that another server gave them first. */
const NAMED = 'taiga'

const toolsOf = (adapter: AnyAdapter, { toolNames, allowDestructive }: ToolChoice): readonly Tool[] => {
  const own = actionTools(adapter, { names: toolNames, allowDestructive })
  if (adapter.name !== NAMED) return own
  const named = taigaTools(adapter.name, toolNames)
  const taken = new Set(named.map(({ name }) => name))
  return [...named, ...own.filter(({ name }) => !taken.has(name))]
}

/** The tools of the chosen toolsets. Throws `CONFIG` for a toolset that there is not. */
export const chooseTools = (choice: ToolChoice, adapters: readonly AnyAdapter[]): readonly Tool[] => {
  const sets: ReadonlyMap<string, () => readonly Tool[]> = new Map([
    ['session', () => sessionTools],
    ['review', () => reviewTools],
    ...adapters.map(each => [each.name, () => toolsOf(each, choice)] as const),
  ])
  const wanted = choice.toolsets.includes('all') ? [...sets.keys()] : choice.toolsets
  return wanted.flatMap(name => {
    const set = sets.get(name)
    if (set !== undefined) return set()
    throw invalidConfig({
      field: '--toolset',
      problem: `unknown toolset ${JSON.stringify(name)}`,
      expected: `all, or some of ${[...sets.keys()].join(', ')}`,
      todo: 'Adapters have toolsets where they are configured.',
    })
  })
}
