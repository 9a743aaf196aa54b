import type { Json } from '@sessionwire/core/adapter'
import type { Host } from '@sessionwire/core/testing'
import { refuseGone } from './answers.ts'

type Properties = Map<string, Json>
type Status = Readonly<{ id: string; name: string; category: string }>

/** A comment as the service keeps it. */
export type StoredComment = {
  id: string
  body: Json
  created: string
  updated: string
  visibility?: Json
  properties: Properties
}
/** Logged work as the service keeps it. */
export type StoredWorklog = {
  id: string
  started: string
  seconds: number
  comment?: Json
  properties: Properties
}
/** A link to a web address. */
type StoredLink = { id: string; globalId: string | undefined; value: Json }
/** An issue as the service keeps it. */
export type StoredIssue = {
  id: string
  key: string
  /** Keys it had before it was moved. */
  formerKeys: string[]
  fields: Record<string, Json>
  statusId: string
  properties: Properties
  comments: StoredComment[]
  worklogs: StoredWorklog[]
  links: StoredLink[]
  points: Map<string, string>
}
/** A project as the service keeps it. */
export type StoredProject = {
  id: string
  key: string
  name: string
  next: number
  versions: { id: string; name: string; more: Json }[]
}

/** One way from a status to another. Its name is not the name of the status it leads to. */
export type Transition = Readonly<{
  id: string
  name: string
  to: string
  /** Statuses it leads away from. Default: every other one. */
  from?: readonly string[]
  requires?: readonly string[]
  screen?: readonly string[]
}>

/** Everything there is. */
export type World = {
  projects: StoredProject[]
  issues: StoredIssue[]
  issueLinks: { type: string; inward: string; outward: string }[]
  sprints: Map<string, string[]>
  statuses: readonly Status[]
  transitions: readonly Transition[]
  types: readonly Readonly<{ id: string; name: string; subtask: boolean }>[]
  users: readonly Readonly<{ accountId: string; name: string; displayName: string; active: boolean }>[]
  linkTypes: readonly Readonly<{ id: string; name: string; inward: string; outward: string }>[]
  priorities: readonly Readonly<{ id: string; name: string }>[]
}

const STATUSES: readonly Status[] = [
  { id: '1', name: 'To Do', category: 'To Do' },
  { id: '3', name: 'In Progress', category: 'In Progress' },
  { id: '4', name: 'In Review', category: 'In Progress' },
  { id: '5', name: 'Blocked', category: 'In Progress' },
  { id: '6', name: 'Done', category: 'Done' },
]

/** A workflow without shortcuts: to do, in progress, in review, done; work may be blocked and reopened. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  '11': ['3'],
  '21': ['1', '4', '5', '6'],
  '31': ['3'],
  '41': ['3'],
  '51': ['4'],
}

/** From anywhere but where they lead to. */
const TRANSITIONS: readonly Transition[] = [
  { id: '11', name: 'Reopen', to: '1' },
  { id: '21', name: 'Start work', to: '3' },
  { id: '31', name: 'Ask for review', to: '4' },
  { id: '41', name: 'Report obstacle', to: '5' },
  { id: '51', name: 'Finish', to: '6', screen: ['resolution'] },
]

const project = (id: string, key: string, name: string): StoredProject => ({
  id,
  key,
  name,
  next: 1,
  versions: [],
})

/**
 * Two projects, two people, a usual workflow. `strict`: work is finished only with a resolution. `steps`: no status can be
 * skipped.
 */
export const createWorld = (strict: boolean, steps: boolean): World => ({
  projects: [project('10000', 'ENG', 'Engineering'), project('10001', 'OPS', 'Operations')],
  issues: [],
  issueLinks: [],
  sprints: new Map([['7', []]]),
  statuses: STATUSES,
  transitions: TRANSITIONS.map(each => ({
    ...each,
    ...(strict && each.screen !== undefined ? { requires: each.screen } : {}),
    ...(steps ? { from: STEPS[each.id] ?? [] } : {}),
  })),
  types: ['Task', 'Bug', 'Story', 'Epic', 'Sub-task'].map((name, place) => ({
    id: String(10_001 + place),
    name,
    subtask: name === 'Sub-task',
  })),
  users: [
    { accountId: '5b10a2844c20165700ede21g', name: 'mia', displayName: 'Mia Krystof', active: true },
    { accountId: '5b10ac8d82e05b22cc7d4ef5', name: 'emma', displayName: 'Emma Richards', active: true },
  ],
  linkTypes: [
    { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
    { id: '10001', name: 'Relates', inward: 'relates to', outward: 'relates to' },
  ],
  priorities: ['Highest', 'High', 'Medium', 'Low'].map((name, place) => ({ id: String(place + 1), name })),
})

/** The issue of a key, a key it had before, or a number; refuses what is not there. */
export const issueOf = (world: World, idOrKey: string): StoredIssue => {
  const key = idOrKey.toUpperCase()
  return (
    world.issues.find(issue => issue.id === idOrKey || issue.key === key || issue.formerKeys.includes(key)) ??
    refuseGone()
  )
}

/** The project of a key or number; refuses what is not there. */
export const projectOf = (world: World, idOrKey: string): StoredProject =>
  world.projects.find(each => each.id === idOrKey || each.key === idOrKey) ?? refuseGone('Project')

const statusOf = (world: World, id: string) =>
  world.statuses.find(status => status.id === id) ?? refuseGone('Status')

const showStatus = (world: World, id: string): Json => {
  const { name, category } = statusOf(world, id)
  return { id, name, statusCategory: { name: category } }
}

/** An issue as a read shows it: `*all` or `*navigable` for every field, else the ones named. */
export const showIssue = (world: World, issue: StoredIssue, names: readonly string[]): Json => {
  const all: Record<string, Json> = {
    ...issue.fields,
    status: showStatus(world, issue.statusId),
    issuelinks: world.issueLinks.flatMap((link, place): Json[] => {
      const type = world.linkTypes.find(each => each.name === link.type) as Json
      const of = (key: string) => ({ key })
      return [
        ...(link.inward === issue.key
          ? [{ id: String(place + 1), type, outwardIssue: of(link.outward) }]
          : []),
        ...(link.outward === issue.key
          ? [{ id: String(place + 1), type, inwardIssue: of(link.inward) }]
          : []),
      ]
    }),
  }
  const every = names.some(name => name === '*all' || name === '*navigable')
  const fields = every
    ? all
    : Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
  return {
    id: issue.id,
    key: issue.key,
    self: `https://hostile.example/rest/api/3/issue/${issue.id}`,
    fields,
  }
}

/** Where an issue can go from here. */
export const waysOf = (world: World, issue: StoredIssue): readonly Transition[] =>
  world.transitions.filter(
    ({ to, from }) => to !== issue.statusId && (from?.includes(issue.statusId) ?? true),
  )

/** A transition as a read shows it; with its fields where they are asked for. */
export const showWay = (world: World, way: Transition, expanded: boolean): Json => ({
  id: way.id,
  name: way.name,
  hasScreen: way.screen !== undefined,
  isAvailable: true,
  to: showStatus(world, way.to),
  ...(expanded
    ? {
        fields: Object.fromEntries(
          (way.screen ?? []).map(name => [
            name,
            {
              required: way.requires?.includes(name) ?? false,
              name,
              allowedValues: [{ name: 'Done' }, { name: "Won't Do" }],
            },
          ]),
        ),
      }
    : {}),
})

/** `2026-11-20T07:30:00.000+0000`, as Jira writes times. */
export const jiraTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000')

/** Properties as they are given with what they belong to. */
export const showProperties = (properties: Properties): Json =>
  [...properties].map(([key, value]) => ({ key, value }))

/** A new number for something, as Jira counts: from 10000. */
export const numberOf = (host: Host, kind: string): string =>
  String(9_999 + Number(host.id(`${kind}:`).slice(kind.length + 1)))
