import {
  type Captures,
  cleanText,
  invalidInput,
  type Json,
  type Lookup,
  lineInput,
  markdownInput,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import { Id, Label, Slug, type TaigaConfig } from '../config.ts'
import { markdown, SUBJECT_UNITS } from '../text.ts'
import { call, inProject, KINDS, type Kind } from './call.ts'

/** A project by id or slug; left out, it is the configured one. */
export const Project = z.union([Id, Slug], 'expected the id or the slug of a project')

/** A name or words people give, on one line. */
export const Words = lineInput(SUBJECT_UNITS)

/** Something chosen by id or by the name people see. */
export const Named = z.union([Id, Words], 'expected an id or a name')

const FRONT =
  /^(https?:\/\/[^\s?#]+)\/project\/([\p{L}\p{N}_-]+)\/(us|task|issue|epic)\/(\d{1,9})(?:[/?#]\S*)?$/u
const REF = /^([\p{L}\p{N}_-]*)#(\d{1,9})$/u

/** One story, task, issue or epic, as people name it. */
export type Item =
  | Readonly<{ by: 'id'; id: number }>
  | Readonly<{ by: 'ref'; ref: number; project?: string; front?: string; path?: string }>
  | Readonly<{ by: 'session' }>

/**
 * How people name an item: an id (`4711`), a number of the configured project (`#42`), a number of another one
 * (`billing#42`), an address from the browser, or the word `session` for the card of the session.
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

const ITEM =
  'expected an id (4711), a number (#42, or billing#42 of another project), its address, or session'
const given = z.union([Id, z.string().refine(text => itemIn(text) !== undefined, ITEM)], ITEM)

/** One item: id, number, address or the session's card. */
export const Item = given.transform((value): Item => itemIn(value) ?? { by: 'session' })
/** One item; left out, the session's card. */
export const OrSession = given
  .optional()
  .transform((value): Item => itemIn(value ?? 'session') ?? { by: 'session' })

/** A kind of item. */
export const Kinds = z.literal(['userstory', 'task', 'issue', 'epic'])

/** The kind of an item: as it was given, or by its address, else the configured kind of cards. */
export const kindOf = (config: TaigaConfig, kind: Kind | undefined, item: Item): Kind => {
  const path = item.by === 'ref' ? item.path : undefined
  return kind ?? (Object.keys(KINDS) as Kind[]).find(each => KINDS[each].front === path) ?? config.kind
}

/** An item to link to: by id, or the session's card. */
export const Linked = z
  .union([Id, z.literal('session')], 'expected an id, or session for the card of the session')
  .transform((given): Item => (given === 'session' ? { by: 'session' } : { by: 'id', id: given }))

/** The value of an item in a payload. */
export const refTo = (kind: Kind, item: Item): Json => (item.by === 'id' ? item.id : { $ref: KINDS[kind].id })

/** Where an item is: what stands for its id in a path, and the read that finds it where only its number is known. */
export type Place = Readonly<{ place: string; before: readonly Lookup[] }>

const refuse = (expected: string, got: string) =>
  invalidInput({ field: 'issue', problem: 'invalid value', expected, got })

/** The read of an item itself, and the value of its id in later paths. */
export const readOf = (config: TaigaConfig, kind: Kind, item: Item) => {
  const { path, noun, id, front } = KINDS[kind]
  if (item.by === 'id')
    return {
      place: String(item.id),
      call: call(config, 'GET', `${path}/${item.id}`),
      noun: `${noun} ${item.id}`,
    }
  if (item.by === 'session')
    return { place: `{${id}}`, call: call(config, 'GET', `${path}/{${id}}`), noun: `${noun} of the session` }
  if (item.path !== undefined && item.path !== front)
    throw refuse(`the address of one ${noun}, with /${front}/`, `one with /${item.path}/`)
  if (item.front !== undefined && item.front !== config.frontUrl)
    throw refuse(`an address at ${config.frontUrl} (option frontUrl)`, item.front)
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
export const readFirst = (config: TaigaConfig, kind: Kind, item: Item, captures: Captures = {}): Place => {
  const { place, call: read, noun } = readOf(config, kind, item)
  const all = { ...(item.by === 'ref' ? { target: '/id' } : {}), version: '/version', ...captures }
  return {
    place,
    before: [{ call: read, captures: all, noun, ...(item.by === 'session' ? { gone: true } : {}) }],
  }
}

/** The read of one item, for an answer to a person. */
export const itemCall = (config: TaigaConfig, kind: Kind, item: Item) => {
  if (item.by === 'session')
    throw refuse('an id, a number or an address', 'session, which only deliveries know')
  return readOf(config, kind, item).call
}

/** Text: a string is shown exactly as it is; `{ markdown }` is trusted and keeps its links and mentions. */
export const Text = z.union(
  [z.string(), z.strictObject({ markdown: z.string().transform(cleanText) })],
  'expected a string, or { markdown } for text you trust',
)
export type Text = z.output<typeof Text>

/** Text of which something is visible. */
export const VisibleText = markdownInput

/** A subject: one line, cut to 500 characters. */
export const Subject = lineInput(SUBJECT_UNITS)

/** Tags as Taiga stores them. */
export const Labels = z.array(Label).max(100)

/** A day: `2026-11-20`. */
export const Day = z.iso.date('expected a day, such as 2026-11-20')

/** Which page of a list, and how long a page is; without either, or with `all`, the list comes whole in one answer. */
export const Paging = {
  page: z.int().min(1).optional(),
  pageSize: z.int().min(1).max(1_000).optional(),
  all: z.boolean().optional(),
}

/** Text in Taiga's markup; undefined where none was given. */
export const textOf = (text: Text | undefined, config: TaigaConfig): string | undefined =>
  text === undefined ? undefined : markdown.text(text, config)
