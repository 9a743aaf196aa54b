import * as z from 'zod/mini'
import { TrackerError } from './errors.ts'
import type { HookPayloads } from './events.ts'
import { checkedJson } from './json.ts'
import { type Json, SEVERITIES } from './schema.ts'
import { bounded, clean, jsonBytes, LONG_BYTES, SHORT_BYTES } from './text.ts'
import { faultOf, instead, words } from './words.ts'

/** Largest event, in bytes of its payload as JSON. */
export const EVENT_BYTES = 262_144

const text = (bytes: number, empty: string) =>
  z
    .pipe(
      z.string({ error: 'give a text' }),
      z.transform(raw => bounded(raw, bytes)),
    )
    .check(z.refine(value => value.trim() !== '', { error: `it is empty: ${empty}` }))

/** A blank text that may be left out counts as left out: models fill in every field they are shown. */
const optional = (bytes: number) =>
  z.optional(
    z.pipe(
      z.string({ error: 'give a text or leave it out' }),
      z.transform(raw => (raw.trim() === '' ? undefined : bounded(raw, bytes))),
    ),
  )

const list = (bytes: number) =>
  z.pipe(
    z.array(z.string({ error: 'give a text' }), { error: 'give a list of texts' }),
    z.transform(items => items.filter(item => item.trim() !== '').map(item => bounded(item, bytes))),
  )

const longText = text(LONG_BYTES, 'say what happened')
const name = text(SHORT_BYTES, 'give a name')
const someText = optional(LONG_BYTES)
const someName = optional(SHORT_BYTES)

/** What others are found by is never cut: two cut ones could be the same. */
const id = z.pipe(
  z
    .string({ error: 'give a text' })
    .check(
      z.minLength(1, { error: 'it is empty: give an id' }),
      z.maxLength(256, { error: 'it is too long: at most 256 characters' }),
    ),
  z.transform(clean),
)

type Wrong = Readonly<{ input?: unknown }>

/** What was given, as it is told back. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  if (value === null || !/^(object|function)$/.test(typeof value)) return String(value)
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : 'a function'
}

const notNumber = ({ input }: Wrong): string =>
  `${shown(input)} is ${typeof input === 'string' ? 'a text' : 'no number'}: give a number from 0 to 100`

/** One of these words; another is answered with them, the one that was meant first. */
const word = <const W extends readonly string[]>(known: W) =>
  z.literal(known, {
    error: ({ input }: Wrong) => `${shown(input)} is not known: ${instead(String(input), known)}`,
  })

const progress = z.pipe(
  z
    .number({ error: notNumber })
    .check(
      z.gte(0, { error: issue => `${issue.input} is below 0: give a number from 0 to 100` }),
      z.lte(100, { error: issue => `${issue.input} is above 100: give a number from 0 to 100` }),
    ),
  // `+ 0` makes a plain zero of -0.
  z.transform(value => Math.round(value) + 0),
)

const asFields = z.transform((raw: unknown, context): Readonly<Record<string, Json>> => {
  const checked = checkedJson(raw)
  const isObject = raw !== null && typeof raw === 'object' && !Array.isArray(raw)
  if (checked.ok && isObject) return checked.value as Readonly<Record<string, Json>>
  const [path, message] = checked.ok
    ? [[], 'give an object of names and values']
    : [checked.path, checked.problem]
  context.issues.push({ code: 'custom', message, path: [...path], input: raw })
  return z.NEVER
})
const fields = z.pipe(z.unknown(), asFields)

const refs = z.record(
  z.string().check(z.regex(/^[^.\s]+\.[^.\s]+$/, { error: 'name it "<adapter>.<name>"' })),
  z.pipe(
    z
      .string({ error: 'give the id as a text' })
      .check(z.minLength(1, { error: 'it is empty: leave it out' }), z.maxLength(2_048)),
    z.transform(clean),
  ),
  {
    error: issue =>
      issue.code === 'invalid_key' ? undefined : 'give an object like { "<adapter>.<name>": "<id>" }',
  },
)

const severity = word(SEVERITIES)
const format = word(['json', 'markdown', 'context'])
const end = word(['completed', 'crashed', 'abandoned'])

const start = {
  user: z.optional(name),
  project: z.optional(id),
  agent: someName,
  goal: someText,
  progress: z.optional(progress),
  parentId: z.optional(id),
  previousId: z.optional(id),
  refs: z._default(refs, {}),
  metadata: z._default(fields, {}),
}
const update = {
  description: longText,
  progress: z.optional(progress),
  tags: z._default(list(SHORT_BYTES), []),
  nextSteps: z.optional(list(LONG_BYTES)),
}
const decision = {
  content: longText,
  rationale: someText,
  alternatives: z._default(list(LONG_BYTES), []),
  impact: someText,
  category: someName,
  supersedes: z.optional(id),
  relatedEntities: z._default(list(SHORT_BYTES), []),
}
const entity = {
  name,
  type: name,
  path: someName,
  description: someText,
  properties: z._default(fields, {}),
}
const blocker = {
  description: longText,
  category: z._default(name, 'general'),
  severity: z._default(severity, 'medium'),
}
const resolve = { blockerId: id, resolution: someText }
const close = { end: z._default(end, 'completed'), summary: someText, progress: z.optional(progress) }

/** What a recording call may be given, by hook. */
const INPUTS = {
  start: z.strictObject(start),
  update: z.strictObject(update),
  decision: z.strictObject(decision),
  entity: z.strictObject(entity),
  blocker: z.strictObject(blocker),
  resolve: z.strictObject(resolve),
  close: z.strictObject(close),
  export: z.strictObject({ format: z._default(format, 'markdown') }),
} as const

/** Names of the recording calls, as they stand in errors. */
const CALLS = {
  start: 'start',
  update: 'update',
  decision: 'decide',
  entity: 'entity',
  blocker: 'block',
  resolve: 'resolve',
  close: 'close',
  export: 'export',
} as const

/** What an event may carry, by hook: the input, and what the machine adds. */
const PAYLOADS = {
  start: z.strictObject({ ...start, project: id, user: name, progress }),
  update: INPUTS.update,
  decision: z.strictObject({ decisionId: id, ...decision }),
  entity: INPUTS.entity,
  blocker: z.strictObject({ blockerId: id, ...blocker }),
  resolve: INPUTS.resolve,
  close: z.strictObject({ ...close, durationMs: z.number().check(z.gte(0)) }),
  resume: z.strictObject({ reason: longText }),
  export: z.strictObject({ format, content: z.string() }),
} as const

/** Hooks that a session goes through. */
export type Recorded = keyof typeof PAYLOADS
/** Hooks that a recording call takes input for. */
export type Called = keyof typeof INPUTS

/** Checked input, complete with defaults, and without fields that were not given. */
export type Inputs = Readonly<{
  start: Omit<HookPayloads['start'], 'project' | 'user' | 'progress'> &
    Partial<Pick<HookPayloads['start'], 'project' | 'user' | 'progress'>>
  update: HookPayloads['update']
  decision: Omit<HookPayloads['decision'], 'decisionId'>
  entity: HookPayloads['entity']
  blocker: Omit<HookPayloads['blocker'], 'blockerId'>
  resolve: HookPayloads['resolve']
  close: Omit<HookPayloads['close'], 'durationMs'>
  export: Pick<HookPayloads['export'], 'format'>
}>

/** Checks by a strict schema; throws `INVALID_INPUT` naming the field with `name` in front. */
const parsed = <T>(name: string, schema: z.ZodMiniType, raw: unknown): T => {
  const result = schema.safeParse(raw, words)
  if (result.success) {
    const value = result.data as Record<string, unknown>
    for (const key in value) if (value[key] === undefined) delete value[key]
    return value as T
  }
  const [path, problem] = faultOf(result.error)
  const field = [name, ...path].join('.')
  throw new TrackerError('INVALID_INPUT', `${field}: ${problem}.`, { field })
}

const tooLarge = (name: string, payload: Readonly<Record<string, unknown>>, bytes: number) => {
  const sizes = Object.entries(payload).map(([key, value]) => [key, jsonBytes(value, 0)] as const)
  const [largest = ''] = sizes.sort((a, b) => b[1] - a[1])[0] ?? []
  return new TrackerError(
    'INVALID_INPUT',
    `${name}.${largest}: the event has ${Math.ceil(bytes / 1024)} KiB, at most ${EVENT_BYTES / 1024} KiB are kept: shorten it.`,
    { field: `${name}.${largest}` },
  )
}

const sized = <T>(name: string, value: T): T => {
  const bytes = jsonBytes(value, EVENT_BYTES)
  if (bytes > EVENT_BYTES) throw tooLarge(name, value as Readonly<Record<string, unknown>>, bytes)
  return value
}

/** Checks what a recording call was given. Throws `INVALID_INPUT` naming the field, as in `update.progress`. */
export const checkedInput = <H extends Called>(hook: H, raw: unknown): Inputs[H] =>
  sized(CALLS[hook], parsed<Inputs[H]>(CALLS[hook], INPUTS[hook], raw))

/** Checks an event's whole payload again, after a filter had it. Throws `INVALID_INPUT` naming the filter and field. */
export const checkedPayload = <H extends Recorded>(hook: H, payload: unknown): HookPayloads[H] =>
  sized(`filter.${hook}`, parsed<HookPayloads[H]>(`filter.${hook}`, PAYLOADS[hook], payload))
