import { omitUndefined } from '@sessionwire/core/adapter'

/** A row of Taiga's answer. */
export type Row = Readonly<Record<string, unknown>>

/** Fields of an item as the endpoints and the tools name them, by the fields of the actions. */
const NAMES = {
  title: 'subject',
  status: 'status',
  assignee: 'assigned_to',
  story: 'user_story_id',
  milestone: 'milestone_id',
  dueDate: 'due_date',
  color: 'color',
  priority: 'priority',
  severity: 'severity',
  type: 'type',
} as const

/** Given fields as the actions name them. A description is Markdown, as it is at Taiga; `null` empties it, and removes all tags. */
export const inputOf = (given: Row): Row => {
  const { description, tags } = given
  return omitUndefined({
    ...Object.fromEntries(Object.entries(NAMES).map(([ours, theirs]) => [ours, given[theirs]])),
    body: description === undefined ? undefined : { markdown: description ?? '' },
    labels: tags === undefined ? undefined : (tags ?? []),
    color: given.color ?? undefined,
  } as never)
}

/** The same for an item that is new: nothing is emptied there. */
export const newInputOf = (given: Row): Row =>
  inputOf({ ...given, assigned_to: given.assigned_to ?? undefined, due_date: given.due_date ?? undefined })

const ITEM = ['id', 'ref', 'subject', 'project', 'status', 'description', 'assigned_to', 'tags'] as const
const TIMES = ['created_date', 'modified_date'] as const
const STORY = [...ITEM, ...TIMES] as const
const TASK = [...ITEM, 'user_story', ...TIMES] as const
const LISTED = [...ITEM, 'epic', 'epics', 'status_extra_info', ...TIMES] as const

/** Fields that answers show: of the endpoints, and below `tools` those of a tool that shows more. */
export const SHOWN = {
  project: ['id', 'name', 'slug', 'description', 'is_private'],
  matched: ['id', 'name', 'slug', 'is_private'],
  status: ['id', 'name', 'slug', 'is_closed', 'order'],
  epics: ['id', 'ref', 'subject', ...TIMES, 'status'],
  stories: LISTED,
  story: STORY,
  epic: [...ITEM, 'color', ...TIMES],
  task: TASK,
  issue: [...ITEM, 'priority', 'severity', 'type', ...TIMES],
  user: ['id', 'full_name', 'username', 'email'],
  milestone: ['id', 'name', 'slug', 'estimated_start', 'estimated_finish', 'closed', 'project'],
  tools: {
    stories: [...LISTED, 'milestone', 'version'],
    story: [...STORY, 'status_extra_info', 'epics', 'milestone', 'version'],
    task: [...TASK, 'due_date', 'milestone', 'version'],
  },
} as const

/** The fields of a row that are shown; those that it has not are left out. */
export const pick = (row: unknown, names: readonly string[]): Row =>
  Object.fromEntries(
    names.flatMap(name => {
      const value = (row as Row)[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
