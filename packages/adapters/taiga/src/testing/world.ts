import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Host, Received } from '@sessionwire/core/testing'

/** A JSON object. */
export type Fields = Readonly<Record<string, Json>>
/** Kinds that have a number in a project. */
export type Kind = 'userstory' | 'task' | 'issue' | 'epic'

/** A person. */
export type StoredUser = Readonly<{ id: number; username: string; password: string; fullName: string }>

/** One entry of an object's history. */
export type StoredEntry = {
  id: string
  user: StoredUser
  createdAt: string
  comment: string
  /** Names of the fields that changed. */
  fields: readonly string[]
  deletedAt: string | null
  editedAt: string | null
  /** Older texts of the comment. */
  versions: readonly string[]
}

/** A story, task, issue or epic; or, with `slug`, a wiki page. */
export type StoredItem = {
  id: number
  kind: Kind | 'wiki'
  ref: number
  project: number
  version: number
  owner: number
  createdAt: string
  modifiedAt: string
  /** As the API answers them, without what is derived. */
  fields: Record<string, Json>
  tags: readonly string[]
  watchers: readonly number[]
  history: StoredEntry[]
  attributes: { values: Fields; version: number }
}

/** A named choice of a project. */
export type Choice = Readonly<{ id: number; name: string; slug?: string; is_closed?: boolean }>

/** A project with everything there is to choose in it. */
export type StoredProject = {
  id: number
  slug: string
  name: string
  members: readonly number[]
  /** Not null: every write is refused with 451. */
  blocked: string | null
  archived: boolean
  /** Rights that the role of its members lacks, such as `modify_us`. */
  denied: readonly string[]
  nextRef: number
  choices: Readonly<Record<string, readonly Choice[]>>
}

/** Everything the service holds. */
export type World = {
  users: readonly StoredUser[]
  projects: StoredProject[]
  items: StoredItem[]
  links: { epic: number; story: number }[]
  nextId: number
  /** User names of mentions, each time. */
  mentioned: string[]
}

/** A request that passed the door. */
export type Asked = Readonly<{
  world: World
  request: Received
  host: Host
  user: StoredUser
  spanish: boolean
}>

// ── answers, as the service words them

const type = (name: string) => `taiga.base.exceptions.${name}`
const error = (status: number, name: string, message: string): Answer => ({
  status,
  body: { _error_message: message, _error_type: type(name) },
})

/** 400 in general. */
export const badRequest = (message: string): Answer => error(400, 'BadRequest', message)
/** 400 for fields: each with a list of what is wrong. */
export const invalid = (fields: Readonly<Record<string, string>>): Answer => ({
  status: 400,
  body: Object.fromEntries(Object.entries(fields).map(([field, message]) => [field, [message]])),
})
/** 400 for a version: a text, not a list. */
export const versionRefused = (message: string): Answer => ({ status: 400, body: { version: message } })
/** 403: not allowed, or not there. */
export const forbidden = (message = 'You do not have permission to perform this action.'): Answer =>
  error(403, 'PermissionDenied', message)
/** 404: only reads say so. */
export const missing = (what: string): Answer => ({
  status: 404,
  body: { _error_message: `No ${what} matches the given query.`, _error_type: type('NotFound') },
})
/** 451: the project is blocked. */
const answerBlocked = (): Answer => error(451, 'Blocked', 'Blocked element')
/** 500, as without DEBUG. */
export const broken = (): Answer => ({ status: 500, body: { error: 'Server application error' } })
/** 429, with the header of Taiga's own where it says how long. */
export const answerThrottled = (waitSeconds: number | undefined): Answer => ({
  status: 429,
  headers: waitSeconds === undefined ? {} : { 'x-throttle-wait-seconds': String(waitSeconds) },
  body: {
    _error_message: `Request was throttled.Expected available in ${waitSeconds ?? 1} seconds.`,
    _error_type: type('Throttled'),
  },
})

// ── what is there at the beginning

const choices = (from: number, names: readonly string[], closed: readonly string[] = [], slugs = true) =>
  names.map(
    (name, place): Choice => ({
      id: from + place,
      name,
      ...(slugs ? { slug: name.toLowerCase().replace(/\s+/g, '-'), is_closed: closed.includes(name) } : {}),
    }),
  )

/** The default template's choices, in English, with ids from `from` on. */
const template = (from: number): StoredProject['choices'] => ({
  us_statuses: choices(
    from + 1,
    ['New', 'Ready', 'In progress', 'Ready for test', 'Done', 'Archived'],
    ['Done', 'Archived'],
  ),
  task_statuses: choices(
    from + 11,
    ['New', 'In progress', 'Ready for test', 'Closed', 'Needs Info'],
    ['Ready for test', 'Closed'],
  ),
  issue_statuses: choices(
    from + 21,
    ['New', 'In progress', 'Ready for test', 'Closed', 'Needs Info', 'Rejected', 'Postponed'],
    ['Ready for test', 'Closed', 'Rejected'],
  ),
  epic_statuses: choices(from + 31, ['New', 'Ready', 'In progress', 'Ready for test', 'Done'], ['Done']),
  issue_types: choices(from + 41, ['Bug', 'Question', 'Enhancement'], [], false),
  priorities: choices(from + 51, ['Low', 'Normal', 'High'], [], false),
  severities: choices(from + 61, ['Wishlist', 'Minor', 'Normal', 'Important', 'Critical'], [], false),
  points: choices(from + 71, ['?', '0', '1/2', '1', '2', '3', '5', '8', '10', '13', '20', '40'], [], false),
  milestones: choices(from + 91, ['Sprint 1', 'Sprint 2'], [], false),
})

const project = (
  id: number,
  slug: string,
  name: string,
  members: readonly number[],
  from: number,
): StoredProject => ({
  id,
  slug,
  name,
  members,
  blocked: null,
  archived: false,
  denied: [],
  nextRef: 42,
  choices: template(from),
})

/** Users `mirror-bot` (5), `bob` (6) and `eve` (7, member of nothing of ours); projects 7 `billing`, 8 `mobile`, 9 `secret`. */
export const createWorld = (): World => ({
  users: [
    { id: 5, username: 'mirror-bot', password: 'correct horse', fullName: 'Mirror Bot' },
    { id: 6, username: 'bob', password: 'battery staple', fullName: 'Bob' },
    { id: 7, username: 'eve', password: 'eve', fullName: 'Eve' },
  ],
  projects: [
    project(7, 'billing', 'Billing', [5, 6], 100),
    project(8, 'mobile', 'Mobile', [5], 300),
    project(9, 'secret', 'Secret', [7], 500),
  ],
  items: [],
  links: [],
  nextId: 4711,
  mentioned: [],
})

/** ISO 8601 by the server's clock. */
export const timeOf = (host: Host): string => new Date(host.now()).toISOString()

/** The project of an id or slug in a query, if the user may know of it. */
export const projectOf = (
  { world, user }: Asked,
  query: Readonly<Record<string, string>>,
): StoredProject | undefined =>
  world.projects.find(
    each =>
      each.members.includes(user.id) &&
      (query.project !== undefined
        ? String(each.id) === query.project
        : query.project__slug !== undefined && each.slug === query.project__slug),
  )

/** The answer that refuses a write into this project, or one that needs a right. */
export const writeRefused = (
  project: StoredProject | undefined,
  user: StoredUser,
  right?: string,
): Answer | undefined => {
  if (project === undefined || !project.members.includes(user.id)) return forbidden()
  if (right !== undefined && project.denied.includes(right)) return forbidden()
  if (project.blocked !== null) return answerBlocked()
  return project.archived ? forbidden('Archived element') : undefined
}

/** Rights of a member by Taiga's names: what may be done with each kind, and with wiki pages. */
export const RIGHTS: readonly string[] = ['us', 'task', 'issue', 'epic', 'wiki_page'].flatMap(noun =>
  ['view', 'add', 'modify', 'delete', 'comment'].map(
    verb => `${verb}_${verb === 'view' && noun !== 'us' ? `${noun}s` : noun}`,
  ),
)

/** Notes who is mentioned: `@name` outside code notifies. */
export const notify = (world: World, text: string): void => {
  const plain = text.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, ' ')
  for (const [, name = ''] of plain.matchAll(/\B@([\w.-]+)\b/g))
    if (world.users.some(({ username }) => username === name)) world.mentioned.push(name)
}

/** Adds to an object's history. */
export const remember = (
  { host, user, world }: Asked,
  item: StoredItem,
  comment: string,
  fields: readonly string[],
): void => {
  if (comment === '' && fields.length === 0) return
  const entry = { createdAt: timeOf(host), fields, deletedAt: null, editedAt: null, versions: [] }
  item.history.push({ id: host.uuid(), user, comment, ...entry })
  notify(world, comment)
}
