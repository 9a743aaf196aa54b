import type { Call } from '../descriptor/descriptor.ts'
import type { Variables } from '../descriptor/renderer.ts'
import type { Json } from '../session/schema.ts'
import { fillNames } from './json.ts'

type Fields = Readonly<Record<string, Json>>
type Operation = Readonly<{ query: string; variables?: Json; operationName?: Json }>

/** The operation that a call asks of a GraphQL service; `undefined` when it speaks another language. */
export const operationOf = (call: Call): Operation | undefined => {
  if (call.kind !== 'http' || call.method !== 'POST' || (call.encoding ?? 'json') !== 'json') return undefined
  const { payload } = call
  if (payload === undefined || payload === null || typeof payload !== 'object' || Array.isArray(payload))
    return undefined
  const { query, ...rest } = payload as Fields
  const others = Object.keys(rest).filter(
    name => !['variables', 'operationName', 'extensions'].includes(name),
  )
  return typeof query === 'string' && others.length === 0 ? (payload as Operation) : undefined
}

/** The document, and its variables as JSON: the two panes of a GraphQL editor. */
export const graphql = ({ query, variables, operationName }: Operation, names: Variables): string =>
  [
    query.trim(),
    ...(typeof operationName === 'string' ? ['', `# operation: ${operationName.replace(/\W/g, '')}`] : []),
    ...(variables === undefined || variables === null
      ? []
      : ['', '# variables', JSON.stringify(fillNames(variables, names), null, 2)]),
  ].join('\n')
