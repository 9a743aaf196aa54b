import { failure, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { OperationContext, Result } from '../../operations/operation.ts'
import { type Performed, type PerformOptions, performAction, performRead } from '../../operations/perform.ts'
import { pick, type Row } from '../../taiga/fields.ts'
import type { Hints } from '../tool.ts'

/** Reads and writes of one Taiga for one caller. */
export type Taiga = Readonly<{
  read: (action: string, input: object) => Promise<unknown>
  rows: (action: string, input: object) => Promise<readonly Row[]>
  write: (action: string, input: object, options?: PerformOptions) => Promise<Performed>
}>

export const open = (context: OperationContext, adapter: string): Taiga => {
  const read: Taiga['read'] = (action, input) =>
    performRead(context, adapter, action, omitUndefined({ ...input }))
  return {
    read,
    rows: async (action, input) => (await read(action, input)) as readonly Row[],
    write: (action, input, options) =>
      performAction(context, adapter, action, omitUndefined({ ...input }), options),
  }
}

const has = (value: unknown, sought: string): boolean =>
  typeof value === 'string' && value.toLowerCase().includes(sought.toLowerCase())

/** Rows that have the sought words in one of the fields; all where nothing is sought. */
export const sought = (
  rows: readonly Row[],
  words: string | undefined,
  fields: readonly string[],
): readonly Row[] =>
  words === undefined || words === ''
    ? rows
    : rows.filter(row => fields.some(field => has(row[field], words)))

export const id = z.int().min(1)
export const version = id.optional().describe('The version that was read: another one is refused.')
export const key = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('Any id of yours: a repeated call with it is sent once.')
export const text = z.string().nullable().optional()
export const named = z
  .union([id, z.string().min(1)])
  .optional()
  .describe('An id, a name or a slug.')
export const paging = { page: id.optional(), page_size: z.int().min(1).max(1_000).optional() }
export const tags = z.array(z.string()).nullable().optional()

/** Refuses a write that was made for another version. */
export const needVersion = async (
  { read }: Taiga,
  action: string,
  item: number,
  wanted: number | undefined,
) => {
  if (wanted === undefined) return
  const { version: latest } = (await read(action, { issue: item })) as Row
  if (latest !== wanted)
    throw failure('INVALID_INPUT', {
      field: 'version',
      problem: `conflict; the latest version is ${String(latest)}`,
      todo: 'Read it again and repeat the change.',
    })
}

/** The item as it is now; where the adapter only previews, where the call stands. */
export const showItem = async (
  { read }: Taiga,
  action: string,
  item: unknown,
  last: Performed,
  fields: readonly string[],
) =>
  last.state === 'delivered' && item !== undefined
    ? pick(await read(action, { issue: item }), fields)
    : { state: last.state, key: last.key, ...(last.reason === undefined ? {} : { reason: last.reason }) }

/** The id that a creation captured: its only value. */
export const readId = ({ captures }: Performed): unknown => Object.values(captures)[0]

export type NamedTool = Readonly<{
  /** Its name behind the adapter's, with dots. */
  name: string
  about: string
  input: z.ZodObject
  hints: Hints
  run: (taiga: Taiga, given: Readonly<Record<string, never>>) => Promise<Result>
}>

export const define = <S extends z.ZodObject>(
  name: string,
  about: string,
  input: S,
  hints: Hints,
  run: (taiga: Taiga, given: z.output<S>) => Promise<Result>,
): NamedTool => ({ name, about, input, hints, run: run as NamedTool['run'] })

export const READS: Hints = { readOnlyHint: true }
export const WRITES: Hints = { destructiveHint: false }
export const SETS: Hints = { destructiveHint: false, idempotentHint: true }
