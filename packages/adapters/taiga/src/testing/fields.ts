import type { Json } from '@sessionwire/core/adapter'
import type { Answer } from '@sessionwire/core/testing'
import {
  type Asked,
  broken,
  type Fields,
  forbidden,
  invalid,
  type Kind,
  type StoredItem,
  type StoredProject,
} from './world.ts'

/** Paths of the kinds, and where their statuses stand. */
export const PATHS = {
  userstories: {
    kind: 'userstory',
    name: 'UserStory',
    statuses: 'us_statuses',
    app: 'userstories.userstory',
  },
  tasks: { kind: 'task', name: 'Task', statuses: 'task_statuses', app: 'tasks.task' },
  issues: { kind: 'issue', name: 'Issue', statuses: 'issue_statuses', app: 'issues.issue' },
  epics: { kind: 'epic', name: 'Epic', statuses: 'epic_statuses', app: 'epics.epic' },
} as const satisfies Readonly<
  Record<string, Readonly<{ kind: Kind; name: string; statuses: string; app: string }>>
>

/** The row of a kind. */
export const rowOf = (kind: StoredItem['kind']) => Object.values(PATHS).find(each => each.kind === kind)

type Check = (value: Json, asked: Asked, project: StoredProject) => string | Answer | undefined

/** Whether a value is a whole number. */
export const isNumber = (value: Json) => typeof value === 'number' && Number.isInteger(value)
const text: Check = value => (typeof value === 'string' ? undefined : 'Not a valid string.')
const flag: Check = value => (typeof value === 'boolean' ? undefined : 'Not a valid boolean.')
const day: Check = value =>
  value === null || /^\d{4}-\d\d-\d\d$/.test(String(value)) ? undefined : 'Date has wrong format.'

const among =
  (list: string): Check =>
  (value, { world }, project) => {
    if (value === null) return undefined
    if (!isNumber(value)) return `Incorrect type. Expected pk value, received ${typeof value}.`
    const there = (each: StoredProject) => each.choices[list]?.some(({ id }) => id === value) === true
    if (there(project)) return undefined
    return world.projects.some(there) ? forbidden() : `Invalid pk '${String(value)}' - object does not exist.`
  }

const tag = (value: Json): boolean =>
  typeof value === 'string' ||
  (Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    (value[1] === null || /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(String(value[1]))))

const tags: Check = value => {
  if (!Array.isArray(value)) return broken()
  return value.every(tag)
    ? undefined
    : 'Invalid tag. It must be the name or a pair \'["name", "hex color" | null]\'.'
}

const member: Check = (value, _, { members }) =>
  value === null || members.includes(Number(value)) ? undefined : 'The user must be a project member.'

const story: Check = (value, { world }, { id }) =>
  value === null ||
  world.items.some(each => each.kind === 'userstory' && each.id === value && each.project === id)
    ? undefined
    : 'Invalid user story id. It must belong to the same project.'

const reference: Check = value =>
  value === null || (Array.isArray(value) && value.every(each => typeof each === 'string'))
    ? undefined
    : broken()

const COMMON: Readonly<Record<string, Check>> = {
  subject: value =>
    typeof value === 'string' && value.trim() !== '' ? undefined : 'This field may not be blank.',
  description: value => (value === null ? undefined : text(value, {} as Asked, {} as StoredProject)),
  assigned_to: member,
  tags,
  is_blocked: flag,
  blocked_note: text,
  external_reference: reference,
}
const DATED = { due_date: day, due_date_reason: text, milestone: among('milestones') }
const TEAM = { client_requirement: flag, team_requirement: flag }

/** Fields of each kind. Others are ignored without a word. */
const FIELDS: Readonly<Record<Kind, Readonly<Record<string, Check>>>> = {
  userstory: {
    ...COMMON,
    ...DATED,
    ...TEAM,
    status: among('us_statuses'),
    points: value => (value !== null && typeof value === 'object' ? undefined : 'Invalid points'),
  },
  task: { ...COMMON, ...DATED, status: among('task_statuses'), user_story: story, is_iocaine: flag },
  issue: {
    ...COMMON,
    ...DATED,
    status: among('issue_statuses'),
    type: among('issue_types'),
    priority: among('priorities'),
    severity: among('severities'),
  },
  epic: { ...COMMON, ...TEAM, status: among('epic_statuses'), color: text },
}

/** External references and days' reasons never conflict. */
export const NEVER = new Set(['external_reference', 'due_date_reason'])

/** Whether any text of a value holds NUL, which the database refuses. */
export const holdsNul = (value: Json): boolean =>
  typeof value === 'string'
    ? value.includes('\u0000')
    : value !== null && typeof value === 'object' && Object.values(value).some(each => holdsNul(each as Json))

/** Checks the fields of a body; an answer when one is refused. */
export const check = (asked: Asked, kind: Kind, body: Fields, project: StoredProject): Answer | undefined => {
  const wrong: Record<string, string> = {}
  for (const [field, rule] of Object.entries(FIELDS[kind])) {
    const value = body[field]
    if (value === undefined) continue
    if (holdsNul(value)) return broken()
    const found = rule(value, asked, project)
    if (typeof found === 'string') wrong[field] = found
    else if (found !== undefined) return found
  }
  return Object.keys(wrong).length > 0 ? invalid(wrong) : undefined
}

const names = (value: Json): readonly string[] =>
  Array.isArray(value)
    ? [...new Set(value.map(each => String(Array.isArray(each) ? each[0] : each).toLowerCase()))]
    : []

/** Writes the fields of a body, and gives the names of those that are other than before. */
export const write = (item: StoredItem, kind: Kind, body: Fields): readonly string[] => {
  const changed: string[] = []
  for (const field of Object.keys(FIELDS[kind])) {
    const value = body[field]
    if (value === undefined) continue
    const before = JSON.stringify(field === 'tags' ? item.tags : item.fields[field])
    if (field === 'tags') item.tags = names(value)
    else item.fields[field] = field === 'description' && value === null ? '' : value
    const after = JSON.stringify(field === 'tags' ? item.tags : item.fields[field])
    if (before !== after) changed.push(field)
  }
  if (item.fields.is_blocked === false) item.fields.blocked_note = ''
  return changed
}

const first = (project: StoredProject, list: string) => project.choices[list]?.[0]?.id ?? null

/** Fields of an object where nothing was said of it. */
export const defaults = (kind: Kind, project: StoredProject): Record<string, Json> => ({
  subject: '',
  description: '',
  status: first(project, rowOf(kind)?.statuses ?? ''),
  assigned_to: null,
  is_blocked: false,
  blocked_note: '',
  ...(kind === 'issue'
    ? {
        type: first(project, 'issue_types'),
        priority: first(project, 'priorities'),
        severity: first(project, 'severities'),
      }
    : {}),
  ...(kind === 'epic' ? { color: '#d3d3d3' } : { milestone: null, due_date: null, due_date_reason: '' }),
  ...(kind === 'task' ? { user_story: null, is_iocaine: false } : {}),
})
