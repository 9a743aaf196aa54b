import type { ToolUse } from './options.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const DONE = /^(?:completed|complete|done)$/i
const GONE = /^(?:deleted|cancelled|canceled)$/i
/** Tools that say something of a list, or find the tools that do. */
const PLANNING = /^(?:Task(?:Create|Update|Get|List)|TodoWrite|ToolSearch)$/
/** Most items that are made one by one, and most of a list that is set as a whole. */
const [MAX, LIST_MAX] = [500, 10_000]

/** How far a list is. */
type Share = Readonly<{ done: number; all: number }>

/** The to-do list of a session; texts of its items are not looked at. */
export interface Todos {
  /** Takes the call of a tool; whether it changed the list. */
  take(call: ToolUse, output: unknown): boolean
  /** How far the list is; `undefined` without one. */
  share(): Share | undefined
}

/** Whether a call is about the list alone. */
export const isPlanning = ({ tool, input }: ToolUse): boolean =>
  PLANNING.test(tool) || (isObject(input) && Array.isArray(input.todos))

const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

/** Makes the list of a session, which calls set as a whole (`todos`), or item by item (Claude's TaskCreate and TaskUpdate). */
export const createTodos = (): Todos => {
  let items = new Map<string, string>()
  return {
    take: ({ tool, input }, output) => {
      const given = isObject(input) ? input : {}
      if (Array.isArray(given.todos)) {
        items = new Map(
          given.todos
            .slice(0, LIST_MAX)
            .map((item, place) => [String(place), isObject(item) ? String(item.status) : '']),
        )
        return true
      }
      const task = isObject(output) && isObject(output.task) ? output.task : {}
      const id = idOf(tool === 'TaskCreate' ? task.id : tool === 'TaskUpdate' ? given.taskId : undefined)
      if (id === undefined || (!items.has(id) && items.size >= MAX)) return false
      items.set(id, typeof given.status === 'string' ? given.status : (items.get(id) ?? 'pending'))
      return true
    },
    share: () => {
      const open = [...items.values()].filter(status => !GONE.test(status))
      const done = open.filter(status => DONE.test(status)).length
      return open.length === 0 ? undefined : { done, all: open.length }
    },
  }
}
