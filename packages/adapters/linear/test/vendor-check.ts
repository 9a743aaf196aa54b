import type { Json } from '@sessionwire/core/adapter'
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { vendorTypes, vendorValues } from './vendor-types.ts'

type Declared = Readonly<Record<string, string>>
type Problems = readonly string[]

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const SCALARS = new Set([
  'String',
  'ID',
  'Int',
  'Float',
  'Boolean',
  'DateTime',
  'TimelessDate',
  'JSON',
  'JSONObject',
])
const sameName = (left: string, right: string) => left.toLowerCase() === right.toLowerCase()

const literal = (value: ValueNode, type: string, declared: Declared, path: string): Problems => {
  if (value.kind === Kind.VARIABLE) {
    const given = declared[value.name.value]
    if (given === undefined) return [`${path}: $${value.name.value} is not declared`]
    const fits =
      sameName(given, type) ||
      (given === 'String' && !vendorTypes.has(type) && vendorValues(type) === undefined)
    return fits ? [] : [`${path}: $${value.name.value} is ${given}, not ${type}`]
  }
  if (value.kind === Kind.LIST) return value.values.flatMap(each => literal(each, type, declared, path))
  if (value.kind === Kind.ENUM)
    return vendorValues(type)?.includes(value.value) ? [] : [`${path}: ${value.value} is no ${type}`]
  if (value.kind !== Kind.OBJECT) return SCALARS.has(type) ? [] : [`${path}: a scalar is no ${type}`]
  const fields = vendorTypes.get(type)
  if (fields === undefined) return [`${path}: there is no ${type}`]
  return value.fields.flatMap(({ name, value: inner }) => {
    const found = fields[name.value]
    const here = `${path}.${name.value}`
    return found === undefined ? [`${here}: not in ${type}`] : literal(inner, found, declared, here)
  })
}

const argumentsFit = (
  given: readonly ArgumentNode[],
  owner: string,
  field: string,
  declared: Declared,
  path: string,
): Problems => {
  if (given.length === 0) return []
  const type = `${owner}${capitalised(field)}Args`
  const allowed = vendorTypes.get(type)
  if (allowed === undefined) return [`${path}: there is no ${type}`]
  return given.flatMap(({ name, value }) => {
    const found = allowed[name.value]
    const here = `${path}(${name.value})`
    return found === undefined ? [`${here}: not in ${type}`] : literal(value, found, declared, here)
  })
}

const fieldFits = (field: FieldNode, owner: string, declared: Declared, path: string): Problems => {
  const name = field.name.value
  const here = `${path}.${name}`
  const type = vendorTypes.get(owner)?.[name]
  if (type === undefined) return [`${here}: not in ${owner}`]
  const isObject = vendorTypes.has(type)
  const inside = field.selectionSet
  if (isObject !== (inside !== undefined)) return [`${here}: ${type} ${isObject ? 'needs' : 'has no'} fields`]
  return [
    ...argumentsFit(field.arguments ?? [], owner, name, declared, here),
    ...(inside === undefined ? [] : selectionFits(inside, type, declared, here)),
  ]
}

const selectionFits = (set: SelectionSetNode, owner: string, declared: Declared, path: string): Problems =>
  set.selections.flatMap(each =>
    each.kind === Kind.FIELD ? fieldFits(each, owner, declared, path) : [`${path}: only fields are checked`],
  )

const typeName = (node: { readonly kind: string }): string => {
  const { type, name } = node as { type?: { kind: string }; name?: { value: string } }
  return type === undefined ? (name?.value ?? '') : typeName(type)
}

/** What of a document is not in the types `@linear/sdk` publishes: fields, arguments, literals, types of variables. */
export const documentProblems = (document: DocumentNode): Problems =>
  document.definitions.flatMap(definition => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return ['only operations are checked']
    const declared = Object.fromEntries(
      (definition.variableDefinitions ?? []).map(({ variable, type }) => [
        variable.name.value,
        typeName(type),
      ]),
    )
    return selectionFits(
      definition.selectionSet,
      capitalised(definition.operation),
      declared,
      definition.operation,
    )
  })

/** The declared types of a document's variables. */
export const declaredTypes = (document: DocumentNode): Declared =>
  Object.fromEntries(
    document.definitions.flatMap(definition =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? (definition.variableDefinitions ?? []).map(({ variable, type }) => [
            variable.name.value,
            typeName(type),
          ])
        : [],
    ),
  )

const isPlaceholder = (value: Json): boolean => value !== null && typeof value === 'object' && '$ref' in value

/** What of a variable's value is not in the input types `@linear/sdk` publishes. A placeholder is a text. */
export const valueProblems = (value: Json, type: string, path: string): Problems => {
  if (value === null || isPlaceholder(value)) return []
  if (Array.isArray(value))
    return value.flatMap((each: Json, place) => valueProblems(each, type, `${path}.${place}`))
  if (typeof value === 'object') {
    if (type === 'JSONObject' || type === 'JSON') return []
    const fields = vendorTypes.get(type)
    if (fields === undefined) return [`${path}: there is no input type ${type}`]
    return Object.entries(value).flatMap(([name, inner]) => {
      const found = fields[name]
      return found === undefined
        ? [`${path}.${name}: not in ${type}`]
        : valueProblems(inner, found, `${path}.${name}`)
    })
  }
  const values = vendorValues(type)
  if (values !== undefined) return values.includes(String(value)) ? [] : [`${path}: ${value} is no ${type}`]
  const kinds: Readonly<Record<string, string>> = { Int: 'number', Float: 'number', Boolean: 'boolean' }
  const wanted = SCALARS.has(type) ? (kinds[type] ?? 'string') : 'object'
  return typeof value === wanted ? [] : [`${path}: ${typeof value} is no ${type}`]
}
