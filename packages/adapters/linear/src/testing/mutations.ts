import type { Json } from '@sessionwire/core/adapter'
import type { Host } from '@sessionwire/core/testing'
import type { Shown } from './document.ts'
import { broken, invalid, notFound, unfit } from './faults.ts'
import { checkInput, isUuid } from './inputs.ts'
import type { Stored } from './lists.ts'
import type { StoredIssue, World } from './stored.ts'
import { assertOpen, issueOf, type Showing } from './world.ts'

type Fields = Readonly<Record<string, Json>>

/** The state that mutations change. */
export type Scene = Readonly<{
  world: World
  show: Showing
  host: Host
  /** Answer to a creation with an id that exists; that of Linear is not documented. */
  repeatedId: 'refuse' | 'break' | 'accept'
  /** Called with the id of each new object. */
  onCreate: (id: string) => void
  /** Ids of issues and comments that the credential may not change, or `write` for everything. */
  closed: ReadonlySet<string>
}>

const timeOf = ({ host }: Scene) => new Date(host.now()).toISOString()

const find = <T extends Stored>(items: readonly T[], id: Json | undefined, entity: string): T => {
  const found = items.find(item => item.id === id)
  if (found !== undefined) return found
  throw notFound(entity)
}

const textOr = <T>(value: Json | undefined, otherwise: T): string | T =>
  typeof value === 'string' ? value : otherwise
const textOf: (value: Json | undefined, otherwise: string) => string = textOr

/** Creates an object; an id that exists is answered as `repeatedId` says, without a second object. */
const store = <T extends Stored>(
  scene: Scene,
  kind: string,
  items: T[],
  input: Fields,
  make: (stored: Stored) => T,
): T => {
  const { host, onCreate, repeatedId } = scene
  const id = isUuid(input.id) ? input.id : host.uuid()
  const there = items.find(item => item.id === id)
  if (there !== undefined && repeatedId === 'break') {
    host.refuseRepeat(kind, id)
    throw broken()
  }
  if (there !== undefined && repeatedId === 'refuse') {
    host.refuseRepeat(kind, id)
    throw unfit(`Entity with id ${id} already exists`)
  }
  const now = timeOf(scene)
  const item = make({ id, createdAt: there?.createdAt ?? now, updatedAt: now, archivedAt: null })
  if (there === undefined) items.push(item)
  else items[items.indexOf(there)] = item
  if (there === undefined) onCreate(id)
  host.effect(kind, id, input)
  return item
}

const stateIn = ({ world }: Scene, teamId: string, id: Json | undefined): string => {
  const state = find(world.states, id, 'WorkflowState')
  if (state.teamId !== teamId) throw unfit('Discrepancy between issue team and state team')
  return state.id
}

const labelsIn = ({ world }: Scene, teamId: string, ids: Json | undefined): readonly string[] =>
  (Array.isArray(ids) ? ids : []).map(id => {
    const label = find(world.labels, id, 'IssueLabel')
    if (label.isGroup) throw unfit('LabelIds contains a label group, which cannot be applied')
    if (label.teamId !== null && label.teamId !== teamId) throw unfit('LabelIds for incorrect team')
    return label.id
  })

const backlog = ({ world }: Scene, teamId: string): string =>
  world.states.find(state => state.teamId === teamId && state.type === 'backlog')?.id ?? ''

const references = ({ world }: Scene, input: Fields) => {
  const { projectId, assigneeId, parentId } = input
  if (typeof projectId === 'string') find(world.projects, projectId, 'Project')
  if (typeof assigneeId === 'string') find(world.users, assigneeId, 'User')
  return {
    ...(projectId === undefined ? {} : { projectId: textOr(projectId, null) }),
    ...(assigneeId === undefined ? {} : { assigneeId: textOr(assigneeId, null) }),
    ...(parentId === undefined ? {} : { parentId: parentId === null ? null : issueOf(world, parentId).id }),
  }
}

const plainFields = (input: Fields): Partial<StoredIssue> => {
  const names = ['title', 'description', 'priority', 'estimate', 'dueDate'].filter(name => name in input)
  return Object.fromEntries(names.map(name => [name, input[name]])) as Partial<StoredIssue>
}

const issueCreate = (scene: Scene, input: Fields): Shown => {
  const { world, show } = scene
  const team = find(world.teams, input.teamId, 'Team')
  const stateId =
    input.stateId === undefined ? backlog(scene, team.id) : stateIn(scene, team.id, input.stateId)
  const labelIds = [...labelsIn(scene, team.id, input.labelIds)]
  const linked = references(scene, input)
  const issue = store(scene, 'issueCreate', world.issues, input, (stored): StoredIssue => {
    const number = team.next
    team.next += 1
    return {
      ...stored,
      number,
      identifier: `${team.key}-${number}`,
      previousIdentifiers: [],
      title: '',
      description: null,
      teamId: team.id,
      stateId,
      projectId: null,
      assigneeId: null,
      parentId: null,
      labelIds,
      priority: 0,
      estimate: null,
      dueDate: null,
      ...plainFields(input),
      ...linked,
    }
  })
  return { issue: show.issue(issue) }
}

const issueUpdate = (scene: Scene, input: Fields, id: Json | undefined): Shown => {
  const { world, show, host } = scene
  const issue = issueOf(world, id)
  const { stateId, labelIds, addedLabelIds, removedLabelIds } = input
  const added = labelsIn(scene, issue.teamId, addedLabelIds)
  const kept = labelIds === undefined ? issue.labelIds : labelsIn(scene, issue.teamId, labelIds)
  const removed = Array.isArray(removedLabelIds) ? removedLabelIds : []
  const changed = {
    ...plainFields(input),
    ...references(scene, input),
    ...(stateId === undefined ? {} : { stateId: stateIn(scene, issue.teamId, stateId) }),
    labelIds: [...new Set([...kept, ...added])].filter(label => !removed.includes(label)),
    updatedAt: timeOf(scene),
  }
  Object.assign(issue, changed)
  host.effect('issueUpdate', undefined, { id: issue.id, ...input })
  return { issue: show.issue(issue) }
}

const commentCreate = (scene: Scene, input: Fields): Shown => {
  const { world, show } = scene
  const targets = ['issueId', 'projectUpdateId', 'documentContentId'].filter(
    name => typeof input[name] === 'string',
  )
  if (targets.length !== 1)
    throw invalid('Exactly one of issueId, projectUpdateId, documentContentId must be defined')
  if (textOf(input.body, '') === '') throw invalid('body should not be empty')
  const issue = issueOf(world, input.issueId)
  if (input.parentId !== undefined) find(world.comments, input.parentId, 'Comment')
  const comment = store(scene, 'commentCreate', world.comments, input, stored => ({
    ...stored,
    issueId: issue.id,
    body: textOf(input.body, ''),
    parentId: textOr(input.parentId, null),
    editedAt: null,
  }))
  return { comment: show.comment(comment) }
}

const commentUpdate = (scene: Scene, input: Fields, id: Json | undefined): Shown => {
  const { world, show, host } = scene
  if (!isUuid(id)) throw invalid('id must be a UUID.')
  const comment = find(world.comments, id, 'Comment')
  const now = timeOf(scene)
  Object.assign(comment, { body: textOf(input.body, comment.body), editedAt: now, updatedAt: now })
  host.effect('commentUpdate', undefined, { id, ...input })
  return { comment: show.comment(comment) }
}

const attachmentCreate = (scene: Scene, input: Fields): Shown => {
  const { world, show, host } = scene
  const issue = issueOf(world, input.issueId)
  const url = textOf(input.url, '')
  const shown = {
    title: textOf(input.title, ''),
    subtitle: textOr(input.subtitle, null),
    metadata: input.metadata ?? {},
  }
  const there = world.attachments.find(each => each.issueId === issue.id && each.url === url)
  if (there !== undefined) {
    Object.assign(there, shown, { updatedAt: timeOf(scene) })
    host.effect('attachmentUpdate', undefined, input)
    return { attachment: show.attachment(there) }
  }
  const attachment = store(scene, 'attachmentCreate', world.attachments, input, stored => ({
    ...stored,
    issueId: issue.id,
    url,
    ...shown,
  }))
  return { attachment: show.attachment(attachment) }
}

const issueLabelCreate = (scene: Scene, input: Fields): Shown => {
  const { world, show, host } = scene
  const name = textOf(input.name, '')
  const teamId = input.teamId === undefined ? null : find(world.teams, input.teamId, 'Team').id
  const same = world.labels.some(
    label =>
      (label.teamId === teamId || label.teamId === null) && label.name.toLowerCase() === name.toLowerCase(),
  )
  if (same) {
    host.refuseRepeat('issueLabelCreate', `${teamId} ${name}`)
    throw unfit('duplicate label name')
  }
  const label = store(scene, 'issueLabelCreate', world.labels, input, stored => ({
    ...stored,
    name,
    color: textOf(input.color, '#bec2c8'),
    teamId,
    isGroup: input.isGroup === true,
  }))
  return { issueLabel: show.label(label) }
}

const issueRelationCreate = (scene: Scene, input: Fields): Shown => {
  const { world, show } = scene
  const relation = store(scene, 'issueRelationCreate', world.relations, input, stored => ({
    ...stored,
    issueId: issueOf(world, input.issueId).id,
    relatedIssueId: issueOf(world, input.relatedIssueId).id,
    type: textOf(input.type, ''),
  }))
  return { issueRelation: show.relation(relation) }
}

const storeText = (scene: Scene, kind: 'projectUpdates' | 'documents', mutation: string, input: Fields) => {
  const { world } = scene
  const { projectId, issueId } = input
  if ((typeof projectId === 'string') === (typeof issueId === 'string'))
    throw invalid('Exactly one of projectId, issueId must be defined')
  if (typeof projectId === 'string') find(world.projects, projectId, 'Project')
  const issue = typeof issueId === 'string' ? issueOf(world, issueId).id : null
  return store(scene, mutation, world[kind], input, stored => ({
    ...stored,
    title: textOf(input.title, ''),
    text: textOf(input.body ?? input.content, ''),
    projectId: textOr(projectId, null),
    issueId: issue,
    health: textOf(input.health, 'onTrack'),
  }))
}

type Run = (scene: Scene, input: Fields, id: Json | undefined) => Shown

/** Every mutation: from its checked input (and the id of what it changes) to its payload. */
const MUTATIONS: Readonly<Record<string, Run>> = {
  issueCreate,
  issueUpdate,
  commentCreate,
  commentUpdate,
  attachmentCreate,
  issueLabelCreate,
  issueRelationCreate,
  projectUpdateCreate: (scene, input) => ({
    projectUpdate: scene.show.projectUpdate(storeText(scene, 'projectUpdates', 'projectUpdateCreate', input)),
  }),
  documentCreate: (scene, input) => ({
    document: scene.show.document(storeText(scene, 'documents', 'documentCreate', input)),
  }),
}

/** Deletes an object for good; the second time it is not found. */
const remove =
  (mutation: string, kind: 'comments' | 'attachments', entity: string) =>
  (scene: Scene, id: Json | undefined): Shown => {
    if (!isUuid(id)) throw invalid('id must be a UUID.')
    assertOpen(scene, {}, id)
    const all: Stored[] = scene.world[kind]
    all.splice(all.indexOf(find(all, id, entity)), 1)
    scene.host.effect(mutation, undefined, { id })
    return { __typename: 'DeletePayload', success: true, entityId: id }
  }

/** The mutations as an object whose fields can be selected. */
export const mutationRoot = (scene: Scene): Shown => ({
  commentDelete: (args: Fields) => remove('commentDelete', 'comments', 'Comment')(scene, args.id),
  attachmentDelete: (args: Fields) => remove('attachmentDelete', 'attachments', 'Attachment')(scene, args.id),
  ...Object.fromEntries(
    Object.entries(MUTATIONS).map(([name, run]) => [
      name,
      (args: Fields) => ({
        __typename: `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`,
        ...run(scene, assertOpen(scene, checkInput(name, args.input), args.id), args.id),
        success: true,
        lastSyncId: scene.host.now() % 1_000_000,
      }),
    ]),
  ),
})
