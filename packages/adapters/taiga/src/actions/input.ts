import type { Json, Lookup, Ref } from '@sessionwire/core/adapter'
import { TrackerError } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { Tag, type TaigaConfig } from '../config.ts'
import { clean, plain, written } from '../text.ts'
import { call, inProject, KINDS, type Kind } from './call.ts'

/** An id of Taiga's. */
export const Id = z.int('must be a whole number').positive('must be an id above 0')

/** A project by id or slug; what is left out is the configured one. */
export const Project = z.union(
  [Id, z.string().regex(/^[\p{L}\p{N}_-]{1,250}$/u)],
  'must be the id or the slug of a project',
)

/** A name or words people give, on one line. */
export const Words = z
  .string()
  .transform(text => plain(text))
  .refine(text => text !== '', 'must not be empty')

/** Something chosen by id or by the name people see. */
export const Named = z.union([Id, Words], 'must be an id or a name')

/** The name of a session as it stands in its comment and its page's address. */
export const Name = z.string().regex(/^[\w-]{1,200}$/, 'must have only letters, digits, - and _')

const FRONT =
  /^(https?:\/\/[^\s?#]+)\/project\/([\p{L}\p{N}_-]+)\/(us|task|issue|epic)\/(\d{1,9})(?:[/?#]\S*)?$/u
const REF = /^([\p{L}\p{N}_-]*)#(\d{1,9})$/u

/** One story, task, issue or epic, as people name it. */
export type Item =
  | Readonly<{ by: 'id'; id: number }>
  | Readonly<{ by: 'ref'; ref: number; project?: string; front?: string; path?: string }>
  | Readonly<{ by: 'session' }>

/**
 * What people hand over: an id (`4711`), a number of the configured project (`#42`), a number of another one
 * (`billing#42`), an address from the browser, or the word `session` for the session's own card.
 */
export const itemIn = (given: string | number): Item | undefined => {
  const text = String(given).trim()
  if (/^[1-9]\d{0,14}$/.test(text)) return { by: 'id', id: Number(text) }
  if (text === 'session') return { by: 'session' }
  const [, project, ref] = REF.exec(text) ?? []
  if (ref !== undefined) return { by: 'ref', ref: Number(ref), ...(project ? { project } : {}) }
  const [, front, slug, path, number] = FRONT.exec(text) ?? []
  if (front === undefined || slug === undefined || path === undefined || number === undefined)
    return undefined
  return { by: 'ref', ref: Number(number), project: slug, front, path }
}

/** One item: id, number, address or the session's card. */
export const Item = z
  .union(
    [
      Id,
      z
        .string()
        .refine(
          text => itemIn(text) !== undefined,
          'must be an id (4711), a number (#42, or billing#42 of another project), its address, or session',
        ),
    ],
    'must be an id (4711), a number (#42, or billing#42 of another project), its address, or session',
  )
  .transform((given): Item => itemIn(given) ?? { by: 'session' })

/** An item to link to: by id, or the session's card. */
export const Linked = z
  .union([Id, z.literal('session')], "must be an id, or session for the session's own card")
  .transform((given): Item => (given === 'session' ? { by: 'session' } : { by: 'id', id: given }))

/** What stands for an item in a payload. */
export const linkedValue = (kind: Kind, item: Item): Json =>
  item.by === 'id' ? item.id : ({ $ref: KINDS[kind].id } satisfies Ref)

/** Where an item is: what stands for its id in a path, and the read that finds it where only its number is known. */
export type Place = Readonly<{ place: string; before: readonly Lookup[] }>

const refuse = (why: string): TrackerError => new TrackerError('INVALID_INPUT', why, { field: 'id' })

/** The read of an item itself, and what stands for its id afterwards. */
const readOf = (config: TaigaConfig, kind: Kind, item: Item) => {
  const { path, noun, id, front } = KINDS[kind]
  if (item.by === 'id')
    return {
      place: String(item.id),
      call: call(config, 'GET', `${path}/${item.id}`),
      noun: `${noun} ${item.id}`,
    }
  if (item.by === 'session') return { place: `{${id}}`, call: call(config, 'GET', `${path}/{${id}}`), noun }
  if (item.path !== undefined && item.path !== front)
    throw refuse(`the address names another kind (${item.path}) than ${noun}`)
  if (item.front !== undefined && item.front !== config.frontUrl)
    throw refuse(`the address is on ${item.front}, and this adapter's Taiga is at ${config.frontUrl}`)
  const project = item.project ?? config.project
  const query = { ref: item.ref, ...inProject(project) }
  return {
    place: '{target}',
    call: call(config, 'GET', `${path}/by_ref`, { query }),
    noun: `${noun} #${item.ref} in ${typeof project === 'number' ? `project ${project}` : project}`,
  }
}

/** Where an item is; it is read before only where just its number is known. */
export const placeOf = (config: TaigaConfig, kind: Kind, item: Item): Place => {
  const { place, call: read, noun } = readOf(config, kind, item)
  const before = [{ call: read, captures: { target: '/id' }, noun }]
  return { place, before: item.by === 'ref' ? before : [] }
}

/** Where an item is, read afresh with each attempt: `version` and more are captured. */
export const readFirst = (
  config: TaigaConfig,
  kind: Kind,
  item: Item,
  captures: Readonly<Record<string, string>> = {},
): Place => {
  const { place, call: read, noun } = readOf(config, kind, item)
  const all = { ...(item.by === 'ref' ? { target: '/id' } : {}), version: '/version', ...captures }
  return { place, before: [{ call: read, captures: all, noun }] }
}

/** The read of one item, for an answer to a person. */
export const itemCall = (config: TaigaConfig, kind: Kind, item: Item) => {
  if (item.by === 'session')
    throw refuse('session means the card of a session, which only a delivery knows: give its id')
  return readOf(config, kind, item).call
}

/** Text: a string is shown exactly as it is; `{ markdown }` is trusted and keeps its links and mentions. */
export const Text = z.union(
  [z.string(), z.strictObject({ markdown: z.string().transform(clean) })],
  'must be text, or { markdown } for text you trust',
)
export type Text = z.output<typeof Text>

/** Text that says something. */
export const Said = Text.refine(
  text => (typeof text === 'string' ? text : text.markdown) !== '',
  'must not be empty',
)

/** A subject: one line, cut to 500 characters. */
export const Subject = z
  .string()
  .transform(text => plain(text))
  .refine(text => text !== '', 'must not be empty')

/** A list of tags, as Taiga keeps them. */
export const Tags = z.array(Tag).max(100)

/** A day: `2026-11-20`. */
export const Day = z.iso.date('must be a day, such as 2026-11-20')

/** Which page of a list, and how long a page is; without either, or with `all`, the list comes whole in one answer. */
export const Paging = {
  page: z.int().min(1).optional(),
  pageSize: z.int().min(1).max(1_000).optional(),
  all: z.boolean().optional(),
}

/** Text in Taiga's markup; undefined where none was given. */
export const textOf = (text: Text | undefined, config: TaigaConfig): string | undefined =>
  text === undefined ? undefined : written(text, config)
