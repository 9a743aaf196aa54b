import { pendingCalls } from '../handoff/pending.ts'
import { acting } from './acting.ts'
import type { Operation } from './operation.ts'
import { reading } from './reading.ts'
import { recording } from './recording.ts'

/** Everything that a caller can ask for, over MCP and HTTP alike. */
const operations: readonly Operation[] = [...recording, ...reading, ...acting, pendingCalls]

const byName: ReadonlyMap<string, Operation> = new Map(operations.map(each => [each.name, each]))

/** The operation of a name. Throws for a name that there is not: names stand in the code. */
export const operationOf = (name: string): Operation => {
  const found = byName.get(name)
  if (found === undefined) throw new Error(`no operation ${name}`)
  return found
}
