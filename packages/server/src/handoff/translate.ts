import type { Json } from '@sessionwire/core'
import { at, type Descriptor, type Lookup, slotOf } from '@sessionwire/core/adapter'
import { adfToMarkdown } from './adf.ts'
import type { Source, Vendor, VendorTool } from './vendor.ts'

/** A tool with its arguments, and what a model must know of it. */
export type ToolCall = Readonly<{
  /** Its name, without what a client puts before it. */
  tool: string
  /** Its arguments; they may hold placeholders until the call is given out. */
  arguments: Readonly<Record<string, Json>>
}>

/** The payload of a call with the target `mcp`. */
export type McpPayload = ToolCall &
  Readonly<{
    /** The vendor's server, for people. */
    server: string
    /** When the vendor's tools were last looked at. */
    version: string
    /** The same call by older names of the tool. Absent: there is none. */
    otherwise?: readonly ToolCall[]
    /** Stands in what the call writes, so that it can be found when its answer was lost. Absent: it may be repeated. */
    mark?: string
    /** Advice for the model. Absent: there is nothing to say. */
    note?: string
    /** Why the tool was never seen. Absent: its vendor publishes it. */
    unverified?: string
  }>

type Fields = Readonly<Record<string, Json>>
type Given = Readonly<{ descriptor: Descriptor; config: Json }>

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value that a look-up seeks: a name that people know, where the adapter would have found its id. */
const soughtName = ({ where }: Lookup): Json | undefined => {
  if (where === undefined) return undefined
  if ('equals' in where) return where.equals
  return 'oneOf' in where ? where.oneOf[0] : undefined
}

/**
 * The names that the reads of a descriptor find ids for: a tool takes the name. `null` stands for what is read to be kept,
 * which a call without the read cannot know.
 */
const soughtNames = ({ before = [] }: Descriptor): ReadonlyMap<string, Json> =>
  new Map(
    before.flatMap(lookup => {
      const name = soughtName(lookup)
      if (name === undefined) return []
      return Object.entries(lookup.captures ?? {}).map(
        ([each, place]) => [each, typeof place === 'object' && 'otherwise' in place ? null : name] as const,
      )
    }),
  )

/** A value of a descriptor as a tool takes it: names for ids, our own block for a text that people edit too. */
const settle = (value: Json, names: ReadonlyMap<string, Json>): Json | undefined => {
  if (value === null || typeof value !== 'object') return value
  const slot = slotOf(value)
  if (slot !== undefined) {
    if (!('ref' in slot)) return undefined
    if (slot.block !== undefined) return slot.block.put as Json
    const name = names.get(slot.ref)
    if (name !== null && name !== undefined) return name
    if (slot.with !== undefined) return slot.with as Json
    return name === null ? undefined : { $ref: slot.ref }
  }
  if (Array.isArray(value)) return value.flatMap(each => settle(each as Json, names) ?? [])
  const entries = Object.entries(value).map(([name, inner]) => [name, settle(inner, names)] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

const readPath = (endpoint: unknown, path: string): Json | undefined => {
  const found = typeof endpoint === 'string' ? new RegExp(path).exec(endpoint)?.[1] : undefined
  if (found === undefined) return undefined
  const name = /^\{(.+)\}$/.exec(found)?.[1]
  if (name !== undefined) return { $ref: name }
  return /^\d+$/.test(found) ? Number(found) : decodeURIComponent(found)
}

const hostOf = (address: Json): Json => {
  const text = String(address)
  return URL.canParse(text) ? new URL(text).host : text
}

const readSource = (source: Source, given: Given, names: ReadonlyMap<string, Json>): Json | undefined => {
  if (typeof source === 'string') return source
  if ('path' in source)
    return readPath((given.descriptor as Readonly<{ endpoint?: unknown }>).endpoint, source.path)
  if ('config' in source) {
    const found = at(given.config, source.config)
    if (!found.found || found.value === null) return undefined
    return source.host === true ? hostOf(found.value) : found.value
  }
  if ('from' in source) {
    const found = at(given.descriptor as unknown as Json, source.from)
    if (!found.found) return undefined
    const value = settle(found.value, names)
    return source.adf === true && value !== undefined ? adfToMarkdown(value) : value
  }
  if ('each' in source) return readArgs(source.each, given, names)
  return source.flatMap(each => readSource(each, given, names) ?? [])
}

const readArgs = (
  args: Readonly<Record<string, Source>>,
  given: Given,
  names: ReadonlyMap<string, Json>,
): Readonly<Record<string, Json>> => {
  const read = Object.entries(args).map(([name, source]) => [name, readSource(source, given, names)] as const)
  return Object.fromEntries(read.filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

/** Puts the mark at the end of a text that does not have it yet. */
const markText = (args: Fields, name: string | undefined, mark: string): Fields => {
  const text = name === undefined ? undefined : args[name]
  if (name === undefined || typeof text !== 'string' || text.includes(mark)) return args
  return { ...args, [name]: `${text}\n\n(event ${mark})` }
}

const blockOf = ({ payload }: Descriptor): readonly [string, string] | undefined => {
  let found: readonly [string, string] | undefined
  JSON.stringify(payload ?? null, (_, value: Json) => {
    if (isFields(value) && Array.isArray(value.between)) found = value.between as unknown as [string, string]
    return value
  })
  return found
}

const noteOf = (tool: VendorTool, descriptor: Descriptor, mark: string): string | undefined => {
  if (tool.id !== undefined)
    return `Look for ${tool.id} ${mark} at the service first: where it is, make no call and acknowledge with what you find.`
  if (tool.joins !== undefined)
    return (
      `Others write there too, and the call may replace all of it. Read it first and pass what it has and these arguments ` +
      `lack; in ${tool.joins} replace only the fields given here and keep the rest as it is. Where you cannot read it, make no call.`
    )
  const marks = blockOf(descriptor)
  if (tool.whole === undefined || marks === undefined) return undefined
  return (
    `People write in ${tool.whole} too. Read it first and replace only what stands from ${JSON.stringify(marks[0])} to ` +
    `${JSON.stringify(marks[1])}, these lines included; keep the rest as it is. Where they are missing, change nothing.`
  )
}

/** The part of a captured name that says what it is: `entry` of `entry-5d3ba737`. */
const stemOf = (name: string): string => name.replace(/[-.].*$/, '')

/** Where `acknowledge` puts a captured value; one that only leads people to the card may be missing. */
const placeOf = (name: string, { optional = [] }: Vendor): Json =>
  optional.includes(stemOf(name)) ? { pick: `/captured/${name}`, otherwise: '' } : `/captured/${name}`

/**
 * A descriptor of an adapter as a call of its vendor's tool; `undefined` where no tool does it. Pure. It captures only the
 * values that later calls need.
 */
export const translate = (vendor: Vendor, config: Json, descriptor: Descriptor): Descriptor | undefined => {
  const [first, ...older] = vendor.actions[descriptor.action] ?? vendor.actions['*'] ?? []
  if (first === undefined) return undefined
  const given = { descriptor, config }
  const names = soughtNames(descriptor)
  const event = descriptor.key.split('/', 1)[0] ?? descriptor.key
  const callOf = ({ tool, args, body, text }: VendorTool): ToolCall => ({
    tool,
    arguments: {
      ...(body === undefined ? {} : (readSource({ from: body }, given, names) as Fields | undefined)),
      ...markText(readArgs(args, given, names), text, event),
    },
  })
  const call = callOf(first)
  const mark = first.id === undefined ? event : String(call.arguments[first.id])
  const note = noteOf(first, descriptor, mark)
  const isSafe = first.isSafe === true
  const payload: McpPayload = {
    server: vendor.server,
    version: vendor.version,
    ...call,
    ...(older.length === 0 ? {} : { otherwise: older.map(callOf) }),
    ...(isSafe ? {} : { mark }),
    ...(note === undefined ? {} : { note }),
    ...(first.unverified === undefined ? {} : { unverified: first.unverified }),
  }
  const captured = Object.keys(descriptor.captures ?? {}).filter(name => stemOf(name) in vendor.answer)
  const { key, action, holds, coalesce } = descriptor
  return {
    ...{ key, action, kind: 'custom' as const, target: 'mcp', payload: payload as unknown as Json },
    ...(first.unverified === undefined ? {} : { asterisk: `Not verified: ${first.unverified}.` }),
    ...(holds === undefined ? {} : { holds }),
    ...(coalesce === undefined ? {} : { coalesce }),
    repeat: isSafe ? ('safe' as const) : ('unsafe' as const),
    ...(captured.length === 0
      ? {}
      : { captures: Object.fromEntries(captured.map(name => [name, placeOf(name, vendor)])) }),
  } as Descriptor
}
