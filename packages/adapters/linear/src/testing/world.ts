import type { Json } from '@sessionwire/core/adapter'
import type { Shown } from './document.ts'
import { forbidden, notFound } from './faults.ts'
import { connection, type Listing, type Stored } from './lists.ts'
import type {
  StoredAttachment,
  StoredComment,
  StoredIssue,
  StoredLabel,
  StoredProject,
  StoredRelation,
  StoredState,
  StoredTeam,
  StoredText,
  StoredUser,
  World,
} from './stored.ts'

type Fields = Readonly<Record<string, Json>>

const STATES = [
  ['Triage', 'triage'],
  ['Backlog', 'backlog'],
  ['Todo', 'unstarted'],
  ['In Progress', 'started'],
  ['Blocked', 'started'],
  ['Done', 'completed'],
  ['Canceled', 'canceled'],
] as const

/** Two teams with their states and labels, one project, one person, and the issues BIL-212 and BIL-300. */
export const createWorld = (uuid: () => string, at: string): World => {
  const stamp = () => ({ id: uuid(), createdAt: at, updatedAt: at, archivedAt: null })
  const teams = [
    { ...stamp(), key: 'BIL', name: 'Billing', next: 301 },
    { ...stamp(), key: 'OPS', name: 'Operations', next: 1 },
  ]
  const states = teams.flatMap(team =>
    STATES.map(([name, type], position) => ({ ...stamp(), name, type, position, teamId: team.id })),
  )
  const billing = teams[0]?.id ?? ''
  const label = (name: string, teamId: string | null, isGroup = false) => ({
    ...stamp(),
    name,
    color: '#EB5757',
    teamId,
    isGroup,
  })
  const issue = (number: number, title: string): StoredIssue => ({
    ...stamp(),
    number,
    identifier: `BIL-${number}`,
    previousIdentifiers: [],
    title,
    description: null,
    teamId: billing,
    stateId: states.find(({ name }) => name === 'Backlog')?.id ?? '',
    projectId: null,
    assigneeId: null,
    parentId: null,
    labelIds: [],
    priority: 0,
    estimate: null,
    dueDate: null,
  })
  return {
    teams,
    states,
    labels: [
      label('Bug', billing),
      label('agent', null),
      label('Area', null, true),
      label('Pager', teams[1]?.id ?? ''),
      label('On Call', null),
      label('on-call', billing),
    ],
    users: [
      {
        ...stamp(),
        name: 'Ada Fixer',
        displayName: 'ada',
        email: 'ada@example.com',
        active: true,
        app: false,
        isMe: true,
      },
    ],
    projects: [{ ...stamp(), name: 'Payments' }],
    issues: [issue(212, 'Double charging'), issue(300, 'Refunds')],
    comments: [],
    attachments: [],
    relations: [],
    projectUpdates: [],
    documents: [],
  }
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
const ROOT = 'https://linear.app/acme'

/** An issue by UUID or by an identifier it has or had. */
export const issueOf = (world: World, id: Json | undefined): StoredIssue => {
  const found = world.issues.find(
    issue => issue.id === id || issue.identifier === id || issue.previousIdentifiers.includes(String(id)),
  )
  if (found === undefined) throw notFound('Issue')
  return found
}

/** Refuses a change that is closed to the credential; gives the input it was given. */
export const assertOpen = (
  { world, closed }: Readonly<{ world: World; closed: ReadonlySet<string> }>,
  input: Fields,
  id: Json | undefined,
): Fields => {
  if (closed.has('write')) throw forbidden('Invalid scope: `write` required')
  for (const given of [id, input.issueId, input.parentId]) {
    const issue = world.issues.find(each => each.id === given || each.identifier === given)
    if (closed.has(issue?.id ?? String(given))) throw forbidden('You do not have access to this issue')
  }
  return input
}

/** Linear keeps text as a document and makes Markdown of it again: the same words, in another spelling. */
export const readDescription = (markdown: string): string =>
  markdown
    .replace(/^- /gm, '* ')
    .replace(/ {2}\n/g, '\\\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** How objects are shown; relations are looked up when they are asked for. */
export const showing = (world: World, listing: Listing) => {
  const by = <T extends Stored>(
    items: readonly T[],
    id: string | null,
    show: (item: T) => Shown,
  ): Shown | null => {
    const found = items.find(item => item.id === id)
    return found === undefined ? null : show(found)
  }
  const state = (item: StoredState): Shown => ({
    __typename: 'WorkflowState',
    ...item,
    team: () => by(world.teams, item.teamId, team),
  })
  const team = (item: StoredTeam): Shown => ({
    __typename: 'Team',
    ...item,
    states: (args: Fields) =>
      connection(
        world.states.filter(({ teamId }) => teamId === item.id),
        state,
        args,
        listing,
      ),
    labels: (args: Fields) =>
      connection(
        world.labels.filter(({ teamId }) => teamId === item.id),
        label,
        args,
        listing,
      ),
  })
  const label = (item: StoredLabel): Shown => ({
    __typename: 'IssueLabel',
    ...item,
    team: () => by(world.teams, item.teamId, team),
    parent: null,
  })
  const user = (item: StoredUser): Shown => ({ __typename: 'User', ...item })
  const project = (item: StoredProject): Shown => ({
    __typename: 'Project',
    ...item,
    slugId: slug(item.name),
    url: `${ROOT}/project/${slug(item.name)}`,
    health: null,
    targetDate: null,
    progress: 0,
    status: { id: item.id, name: 'In Progress', type: 'started' },
  })
  const issue = (item: StoredIssue): Shown => ({
    __typename: 'Issue',
    ...item,
    description: item.description === null ? null : readDescription(item.description),
    url: `${ROOT}/issue/${item.identifier}/${slug(item.title)}`,
    branchName: `ada/${item.identifier.toLowerCase()}-${slug(item.title)}`,
    trashed: null,
    team: () => by(world.teams, item.teamId, team),
    state: () => by(world.states, item.stateId, state),
    assignee: () => by(world.users, item.assigneeId, user),
    project: () => by(world.projects, item.projectId, project),
    parent: () => by(world.issues, item.parentId, issue),
    labels: (args: Fields) =>
      connection(
        world.labels.filter(({ id }) => item.labelIds.includes(id)),
        label,
        args,
        listing,
      ),
    comments: (args: Fields) =>
      connection(
        world.comments.filter(({ issueId }) => issueId === item.id),
        comment,
        args,
        listing,
      ),
    attachments: (args: Fields) =>
      connection(
        world.attachments.filter(({ issueId }) => issueId === item.id),
        attachment,
        args,
        listing,
      ),
    relations: (args: Fields) =>
      connection(
        world.relations.filter(({ issueId }) => issueId === item.id),
        relation,
        args,
        listing,
      ),
  })
  const comment = (item: StoredComment): Shown => ({
    __typename: 'Comment',
    ...item,
    url: `${ROOT}/comment/${item.id}`,
    issue: () => by(world.issues, item.issueId, issue),
    parent: () => by(world.comments, item.parentId, comment),
    user: () => by(world.users, world.users[0]?.id ?? null, user),
  })
  const relation = (item: StoredRelation): Shown => ({
    __typename: 'IssueRelation',
    ...item,
    issue: () => by(world.issues, item.issueId, issue),
    relatedIssue: () => by(world.issues, item.relatedIssueId, issue),
  })
  const attachment = (item: StoredAttachment): Shown => ({
    __typename: 'Attachment',
    ...item,
    issue: () => by(world.issues, item.issueId, issue),
  })
  const text =
    (kind: 'ProjectUpdate' | 'Document') =>
    (item: StoredText): Shown => ({
      __typename: kind,
      ...item,
      url: `${ROOT}/${kind.toLowerCase()}/${item.id}`,
      project: () => by(world.projects, item.projectId, project),
    })
  return {
    state,
    team,
    label,
    user,
    project,
    issue,
    comment,
    relation,
    attachment,
    projectUpdate: text('ProjectUpdate'),
    document: text('Document'),
  }
}
export type Showing = ReturnType<typeof showing>
