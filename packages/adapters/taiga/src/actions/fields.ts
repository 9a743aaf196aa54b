import type { Lookup } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { TaigaConfig } from '../config.ts'
import { plain } from '../text.ts'
import type { Fields, Kind } from './call.ts'
import { namedBy, type Of, statusBy } from './choose.ts'
import { Day, Id, Item, Linked, linkedValue, Named, Subject, Tags, Text, textOf } from './input.ts'

/** What every kind has and people set. `null` empties. */
const common = {
  description: Text.optional(),
  status: Named.optional(),
  assignedTo: Named.nullable().optional(),
  isBlocked: z.boolean().optional(),
  blockedNote: Text.optional(),
}

const dated = {
  dueDate: Day.nullable().optional(),
  dueDateReason: z
    .string()
    .transform(text => plain(text))
    .optional(),
  milestone: Named.nullable().optional(),
}

/** What only some kinds have. */
const own = {
  userstory: {
    ...dated,
    clientRequirement: z.boolean().optional(),
    teamRequirement: z.boolean().optional(),
    /** Ids of points by ids of roles. */
    points: z.record(z.string().regex(/^\d+$/, 'must be the id of a role'), Id).optional(),
  },
  task: { ...dated, story: Linked.optional(), isIocaine: z.boolean().optional() },
  issue: {
    ...dated,
    type: Named.optional(),
    severity: Named.optional(),
    priority: Named.optional(),
  },
  epic: {
    color: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour, such as #83b1d1')
      .optional(),
    clientRequirement: z.boolean().optional(),
    teamRequirement: z.boolean().optional(),
  },
}

/** What may be given when one is made. */
export const created = {
  userstory: { subject: Subject, ...common, ...own.userstory, tags: Tags.optional() },
  task: { subject: Subject, ...common, ...own.task, tags: Tags.optional() },
  issue: { subject: Subject, ...common, ...own.issue, tags: Tags.optional() },
  epic: { subject: Subject, ...common, ...own.epic, tags: Tags.optional() },
}

const changes = {
  id: Item,
  subject: Subject.optional(),
  ...common,
  /** Replaces all tags. */
  tags: Tags.optional(),
  /** Joins tags to those that are there. */
  addTags: Tags.optional(),
}

/** What may be changed of one that is there. */
export const changed = {
  userstory: { ...changes, ...own.userstory },
  task: { ...changes, ...own.task },
  issue: { ...changes, ...own.issue },
  epic: { ...changes, ...own.epic },
}

type Maybe<T> = T | undefined
/** Fields of any kind, checked. */
export type Given = Readonly<{
  subject?: Maybe<string>
  description?: Maybe<Text>
  status?: Maybe<number | string>
  assignedTo?: Maybe<number | string | null>
  isBlocked?: Maybe<boolean>
  blockedNote?: Maybe<Text>
  dueDate?: Maybe<string | null>
  dueDateReason?: Maybe<string>
  milestone?: Maybe<number | string | null>
  clientRequirement?: Maybe<boolean>
  teamRequirement?: Maybe<boolean>
  points?: Maybe<Readonly<Record<string, number>>>
  story?: Maybe<Item>
  isIocaine?: Maybe<boolean>
  type?: Maybe<number | string>
  severity?: Maybe<number | string>
  priority?: Maybe<number | string>
  color?: Maybe<string>
}>

/** Taiga's fields of what was given, with the reads that find ids by name. */
export const fieldsOf = (
  config: TaigaConfig,
  kind: Kind,
  given: Given,
  of: Of,
): Readonly<{ payload: Fields; before: readonly Lookup[] }> => {
  const choices = {
    status: given.status === undefined ? undefined : statusBy(config, kind, given.status, of),
    assigned_to: namedBy(config, 'assignedTo', given.assignedTo, of),
    milestone: namedBy(config, 'milestone', given.milestone, of),
    type: namedBy(config, 'type', given.type, of),
    severity: namedBy(config, 'severity', given.severity, of),
    priority: namedBy(config, 'priority', given.priority, of),
  }
  const chosen = Object.entries(choices).map(([field, choice]) => [field, choice?.id] as const)
  return {
    payload: {
      subject: given.subject,
      description: textOf(given.description, config),
      ...Object.fromEntries(chosen),
      is_blocked: given.isBlocked,
      blocked_note: textOf(given.blockedNote, config),
      due_date: given.dueDate,
      due_date_reason: given.dueDateReason,
      client_requirement: given.clientRequirement,
      team_requirement: given.teamRequirement,
      points: given.points,
      is_iocaine: given.isIocaine,
      user_story: given.story === undefined ? undefined : linkedValue('userstory', given.story),
      color: given.color,
    },
    before: Object.values(choices).flatMap(choice => choice?.before ?? []),
  }
}
