import * as z from 'zod/mini'
import { checkJson } from './json.ts'
import { describe } from './message.ts'
import { isObject, refuse } from './options.ts'
import type { Json } from './schema.ts'
import { clean, cutText, LONG_BYTES, SHORT_BYTES } from './text.ts'
import { expecting, faultsOf, sentence, unknownName, words } from './words.ts'

const mustBeText = (bytes: number, expected: string) =>
  z
    .pipe(
      z.string(expecting(expected)),
      z.transform(raw => cutText(raw, bytes)),
    )
    .check(z.refine(value => value.trim() !== '', { error: sentence({ problem: 'empty', expected }) }))

/** A blank string counts as left out: models fill in every field they are shown. */
const optionalText = (bytes: number) =>
  z.optional(
    z.pipe(
      z.string(expecting('a string')),
      z.transform(raw => (raw.trim() === '' ? undefined : cutText(raw, bytes))),
    ),
  )

/** A text of up to 64 KiB that may not be blank; longer ones are cut with a note. */
export const longText = (expected: string) => mustBeText(LONG_BYTES, expected)
/** A text of up to 2 KiB that may not be blank; longer ones are cut with a note. */
export const shortText = (expected: string) => mustBeText(SHORT_BYTES, expected)
/** A text of up to 64 KiB that may be left out. */
export const someText = optionalText(LONG_BYTES)
/** A text of up to 2 KiB that may be left out. */
export const someName = optionalText(SHORT_BYTES)

/** Drops blank strings, and cuts each of the others. */
export const texts = (bytes: number) =>
  z.pipe(
    z.array(z.string(expecting('a string')), expecting('an array of strings')),
    z.transform((items): readonly string[] =>
      items.filter(item => item.trim() !== '').map(item => cutText(item, bytes)),
    ),
  )

/** An id is never cut: two cut ones could be the same. */
export const id = z.pipe(
  z
    .string(expecting('a string of 1 to 256 characters'))
    .check(
      z.minLength(1, expecting('a string of 1 to 256 characters')),
      z.maxLength(256, expecting('a string of 1 to 256 characters')),
    ),
  z.transform(clean),
)

/** One of these words; an unknown one is answered with the word that was probably meant. */
export const word = <const W extends readonly string[]>(known: W) =>
  z.literal(known, {
    error: ({ input }) =>
      sentence(
        typeof input === 'string'
          ? unknownName('value', input, known)
          : { problem: 'invalid type', expected: `one of ${known.join(', ')}`, got: describe(input) },
      ),
  })

const PERCENT = 'a number from 0 to 100'
/** Percent, rounded to a whole number; `+ 0` makes a plain zero of -0. */
export const progress = z.pipe(
  z.number(expecting(PERCENT)).check(z.gte(0, expecting(PERCENT)), z.lte(100, expecting(PERCENT))),
  z.transform(value => Math.round(value) + 0),
)

/** True or false. */
export const flag = z.boolean(expecting('true or false'))

const MOMENT = 'a Date or an ISO 8601 string such as 2026-01-31T12:00:00Z'
const ISO = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/
/** First and last moment whose year has four digits: the texts of others do not sort as the moments do. */
const [FIRST_MS, LAST_MS] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')]
/** A Date of any realm: one of Jest or `node:vm` fails `instanceof Date` here. */
const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'

/** Epoch ms of a moment; NaN for everything else. */
const momentMs = (raw: unknown): number => {
  const day = typeof raw === 'string' ? ISO.exec(raw)?.[1] : undefined
  if (day === undefined && !isDate(raw)) return Number.NaN
  // The language takes 30 February for 2 March.
  const midnight = new Date(day ?? 0)
  const exists = day === undefined || (!Number.isNaN(+midnight) && midnight.toISOString().startsWith(day))
  const ms = exists ? new Date(raw as string | Date).getTime() : Number.NaN
  return ms >= FIRST_MS && ms <= LAST_MS ? ms : Number.NaN
}

/** A moment as ISO 8601 text in UTC with milliseconds. */
export const moment = z.pipe(
  z.custom<string | Date>(),
  z.transform((raw: string | Date, context): string => {
    const ms = momentMs(raw)
    if (!Number.isNaN(ms)) return new Date(ms).toISOString()
    const message = sentence({ problem: 'invalid date', expected: MOMENT, got: describe(raw) })
    context.issues.push({ code: 'custom', message, input: raw })
    return z.NEVER
  }),
)

/** A point in time: a `Date`, an ISO 8601 text such as `2026-01-31T12:00:00Z`, or epoch ms. */
export type PointInTime = Date | string | number

const POINT = `${MOMENT}, or epoch milliseconds`
const isEpochMs = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** A point in time, as it was given. */
export const pointInTime = z.custom<PointInTime>(
  value => isEpochMs(value) || z.safeParse(moment, value as string | Date).success,
  { error: ({ input }) => sentence({ problem: 'invalid date', expected: POINT, got: describe(input) }) },
)

/** A point in time as epoch ms. */
export const toEpochMs = (point: PointInTime): number => new Date(point).getTime()

/** An object of JSON values, copied within the bounds of `checkedJson`. */
export const json = z.pipe(
  z.custom<Readonly<Record<string, unknown>>>(),
  z.transform((raw: Readonly<Record<string, unknown>>, context): Readonly<Record<string, Json>> => {
    const checked = checkJson(raw)
    if (checked.ok && isObject(raw)) return checked.value as Readonly<Record<string, Json>>
    const [path, problem] = checked.ok
      ? [[], { problem: 'invalid type', expected: 'an object', got: describe(raw) }]
      : [checked.path, checked.problem]
    context.issues.push({ code: 'custom', message: sentence(problem), path: [...path], input: raw })
    return z.NEVER
  }),
)

const REFS = 'an object of refs by adapter such as { tracker: { issue: "ENG-1" } }'
const named = z.string().check(z.regex(/^[^.\s\0\p{Cs}]+$/u, expecting(REFS)))
const ref = z.pipe(
  z
    .string(expecting('a string'))
    .check(
      z.minLength(1, expecting('a string of 1 to 2048 characters')),
      z.maxLength(2_048, expecting('a string of 1 to 2048 characters')),
    ),
  z.transform(clean),
)
/** Existing items of the services, by adapter and by the adapter's own name for each. */
export const refs = z.pipe(
  z.record(named, z.record(named, ref, expecting(REFS)), expecting(REFS)),
  z.transform((value): Readonly<Record<string, Readonly<Record<string, string>>>> => value),
)

const count = z.optional(
  z.number(expecting('a whole number from 0')).check(
    z.gte(0, expecting('a whole number from 0')),
    z.refine(Number.isSafeInteger, {
      error: sentence({ problem: 'invalid value', expected: 'a whole number from 0' }),
    }),
  ),
)
const USAGE = 'an object of counts such as { inputTokens: 1200, outputTokens: 80 }'
/** Usage of a model. */
export const usage = z.optional(
  z.pipe(
    z.strictObject(
      {
        /** Tokens given to the model. */
        inputTokens: count,
        /** Tokens the model wrote. */
        outputTokens: count,
        /** Tokens read from a prompt cache. */
        cacheReadTokens: count,
        /** Tokens written to a prompt cache. */
        cacheWriteTokens: count,
        /** Cost in US dollars. */
        costUsd: z.optional(
          z.number(expecting('a number from 0')).check(z.gte(0, expecting('a number from 0'))),
        ),
      },
      expecting(USAGE),
    ),
    z.transform((value): Usage => {
      const given = Object.entries(value).filter(([, each]) => each !== undefined)
      return Object.fromEntries(given)
    }),
  ),
)

/** Usage of a model. Counts of one session are summed. */
export type Usage = Readonly<{
  /** Tokens given to the model. */
  inputTokens?: number
  /** Tokens the model wrote. */
  outputTokens?: number
  /** Tokens read from a prompt cache. */
  cacheReadTokens?: number
  /** Tokens written to a prompt cache. */
  cacheWriteTokens?: number
  /** Cost in US dollars. */
  costUsd?: number
}>

const AUTHOR = 'an object such as { kind: "person", name: "Ada" }'
/** Every kind of author. */
const AUTHOR_KINDS = ['person', 'model'] as const
/** The author of what an event says. */
export const author = z.optional(
  z.pipe(
    z.strictObject(
      {
        /** `person` or `model`. */
        kind: word(AUTHOR_KINDS),
        /** The name of the person, or of the model or its program; cut at 2 KiB. */
        name: someName,
      },
      expecting(AUTHOR),
    ),
    z.transform(({ kind, name }): Author => (name === undefined ? { kind } : { kind, name })),
  ),
)

/** The author of what an event says: a person, or a model that works for one. */
export type Author = Readonly<{
  /** `person` or `model`. */
  kind: (typeof AUTHOR_KINDS)[number]
  /** The name of the person, or of the model or its program. Absent: unknown. */
  name?: string
}>

/** Checks the input of an action by its schema; throws `INVALID_INPUT` naming the field, with the action in front. */
export const checkInput = <S extends z.core.$ZodType>(name: string, schema: S, raw: unknown): z.output<S> => {
  const parsed = z.safeParse(schema, raw, words)
  if (parsed.success) return parsed.data
  throw refuse('INVALID_INPUT', name, raw, faultsOf(parsed.error))
}
