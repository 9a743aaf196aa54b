import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Host, Received } from '@sessionwire/core/testing'

/** Fields by name. */
export type Fields = Readonly<Record<string, Json>>

/** A project as Opsera keeps it. */
export type OpseraProject = Readonly<{ id: string; projectId: string; details: Fields; born: number }>

/** A user as Opsera keeps it. */
export type OpseraUser = Readonly<{
  /** Made by the server. */
  id: string
  /** Unique. */
  email: string
  /** As it was given. */
  firstName: string
  /** As it was given. */
  lastName: string
}>

/** A group as Opsera keeps it. */
export type OpseraGroup = Readonly<{
  /** Unique. */
  name: string
  /** Ids or e-mail addresses of users, as they were given. */
  members: readonly string[]
}>

/** A task; its type, tool and configuration are undocumented. */
export type OpseraTask = Readonly<{
  /** Made by the server. */
  id: string
  /** The body it was made with. */
  given: Fields
}>

/** How this Opsera behaves where the real one is not documented. */
export type Ways = Readonly<{
  /** How it treats a `projectId` it knows: refuses it (default), merges into the first, or makes a second one. */
  repeatedProject: 'refuse' | 'merge' | 'double'
  /** How an update treats fields it does not name. Default `replace`. */
  put: 'replace' | 'merge'
  /** How it answers creates and updates: with the record (default), in an envelope, with a sentence, or with nothing. */
  answers: 'record' | 'envelope' | 'text' | 'empty'
  /** The type of `assets`. Default `object`. */
  assets: 'object' | 'list'
  /** The object that holds a project's details. Default: none, they stand at the top. */
  nestIn: string | undefined
  /** Most projects in one answer. Default 1,000. */
  pageMax: number
  /** Name of the parameter that skips some. Default: there is none. */
  skipParameter: string | undefined
  /** For so many further requests a new project is not in the list. Default 0. */
  lag: number
}>

/** The data of the hostile Opsera. */
export interface World {
  readonly projects: OpseraProject[]
  readonly users: OpseraUser[]
  readonly groups: OpseraGroup[]
  readonly tasks: OpseraTask[]
  /** Everything that ran, stopped, reset, deleted, approved or rejected something. */
  readonly acted: string[]
  /** Bodies of notifications. */
  readonly notified: Fields[]
}

/** The surroundings of a rule. */
export type Scene = Readonly<{ world: World; host: Host; ways: Ways; request: Received }>

/** Says something, in the envelope of most answers. */
export const say = (status: number, message: string): Answer => ({
  status,
  body: { status: status < 300 ? 'success' : 'failed', message },
})

export const isFields = (value: Json | undefined): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The body, if it is a JSON object; else what is answered. */
export const bodyOf = ({ encoding, body }: Received): Fields | Answer => {
  if (encoding === 'broken') return say(400, 'Invalid JSON format')
  if (encoding !== 'json') return say(400, 'Invalid content type format')
  return isFields(body) ? body : say(400, 'Invalid body format')
}

/** Whether `bodyOf` gave an answer: no body of ours has a numeric `status`. */
export const isAnswer = (value: Fields | Answer): value is Answer => typeof value.status === 'number'

/** An id as those of MongoDB look: 24 hexadecimal digits. */
export const objectId = (host: Host): string => `5f3a1c2b9d8e7f6a${host.id('', 8)}`

const first: OpseraUser = {
  id: '5f3a1c2b9d8e7f6a00000001',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Fixer',
}

/** An Opsera with one user and nothing else. */
export const createWorld = (): World => ({
  projects: [],
  users: [first],
  groups: [],
  tasks: [],
  acted: [],
  notified: [],
})
