import type { Call } from '../descriptor/descriptor.ts'
import { slotOf } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'
import type { Variables } from './pieces.ts'

type Fields = Readonly<Record<string, Json>>
type Operation = Readonly<{ query: string; variables?: Json; operationName?: Json }>

/** What a call asks of a GraphQL service; `undefined` when it speaks another language. */
export const operationOf = (call: Call): Operation | undefined => {
  if (call.kind !== 'http' || call.method !== 'POST' || call.encoding === 'form') return undefined
  const { payload } = call
  if (payload === undefined || payload === null || typeof payload !== 'object' || Array.isArray(payload))
    return undefined
  const { query, ...rest } = payload as Fields
  const others = Object.keys(rest).filter(
    name => !['variables', 'operationName', 'extensions'].includes(name),
  )
  return typeof query === 'string' && others.length === 0 ? (payload as Operation) : undefined
}

const shown = (value: Json, names: Variables): Json => {
  const slot = slotOf(value)
  if (slot !== undefined) return `<${names.of(slot)}>`
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => shown(item, names))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner, names)]))
}

/** The document, and its variables as JSON: the two panes of a GraphQL editor. */
export const graphql = ({ query, variables, operationName }: Operation, names: Variables): string =>
  [
    query.trim(),
    ...(typeof operationName === 'string' ? ['', `# operation: ${operationName.replace(/\W/g, '')}`] : []),
    ...(variables === undefined || variables === null
      ? []
      : ['', '# variables', JSON.stringify(shown(variables, names), null, 2)]),
  ].join('\n')
