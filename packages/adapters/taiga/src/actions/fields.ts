import { type Lookup, oneLine } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { Id, type TaigaConfig } from '../config.ts'
import { SUBJECT_UNITS } from '../text.ts'
import type { Fields, Kind, ProjectId } from './call.ts'
import { choose } from './choose.ts'
import { Day, type Item, Labels, Linked, Named, OrSession, refTo, Subject, Text, textOf } from './input.ts'

/** Fields of every kind; `null` empties one. */
const common = {
  body: Text.optional(),
  status: Named.optional(),
  assignee: Named.nullable().optional(),
  isBlocked: z.boolean().optional(),
  blockedNote: Text.optional(),
}

const dated = {
  dueDate: Day.nullable().optional(),
  dueDateReason: z
    .string()
    .transform(text => oneLine(text, SUBJECT_UNITS))
    .optional(),
  milestone: Named.nullable().optional(),
}

/** Fields of some kinds. */
const own = {
  userstory: {
    ...dated,
    clientRequirement: z.boolean().optional(),
    teamRequirement: z.boolean().optional(),
    /** Ids of points by ids of roles. */
    points: z.record(z.string().regex(/^\d+$/, 'expected the id of a role'), Id).optional(),
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
      .regex(/^#[0-9a-fA-F]{6}$/, 'expected a colour, such as #83b1d1')
      .optional(),
    clientRequirement: z.boolean().optional(),
    teamRequirement: z.boolean().optional(),
  },
}

/** Fields that a creation accepts. */
export const created = {
  userstory: { title: Subject, ...common, ...own.userstory, labels: Labels.optional() },
  task: { title: Subject, ...common, ...own.task, labels: Labels.optional() },
  issue: { title: Subject, ...common, ...own.issue, labels: Labels.optional() },
  epic: { title: Subject, ...common, ...own.epic, labels: Labels.optional() },
}

const changes = {
  issue: OrSession,
  title: z.optional(Subject),
  ...common,
  /** Replaces all tags. */
  labels: Labels.optional(),
}

/** Fields that an update accepts. */
export const changed = {
  userstory: { ...changes, ...own.userstory },
  task: { ...changes, ...own.task },
  issue: { ...changes, ...own.issue },
  epic: { ...changes, ...own.epic },
}

type Maybe<T> = T | undefined
/** Fields of any kind, checked. */
export type Given = Readonly<{
  title?: Maybe<string>
  body?: Maybe<Text>
  status?: Maybe<number | string>
  assignee?: Maybe<number | string | null>
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
  project: ProjectId,
): Readonly<{ payload: Fields; before: readonly Lookup[] }> => {
  const choices = {
    status: choose(config, kind, given.status, project),
    assigned_to: choose(config, 'assignee', given.assignee, project),
    milestone: choose(config, 'milestone', given.milestone, project),
    type: choose(config, 'type', given.type, project),
    severity: choose(config, 'severity', given.severity, project),
    priority: choose(config, 'priority', given.priority, project),
  }
  const chosen = Object.entries(choices).map(([field, choice]) => [field, choice?.id] as const)
  return {
    payload: {
      subject: given.title,
      description: textOf(given.body, config),
      ...Object.fromEntries(chosen),
      is_blocked: given.isBlocked,
      blocked_note: textOf(given.blockedNote, config),
      due_date: given.dueDate,
      due_date_reason: given.dueDateReason,
      client_requirement: given.clientRequirement,
      team_requirement: given.teamRequirement,
      points: given.points,
      is_iocaine: given.isIocaine,
      user_story: given.story === undefined ? undefined : refTo('userstory', given.story),
      color: given.color,
    },
    before: Object.values(choices).flatMap(choice => choice?.before ?? []),
  }
}
