/**
 * A hostile Linear for tests: GraphQL over HTTP on this machine, as strict as the real one, which fails on demand.
 * @module testing
 */
import type { Json } from '@sessionwire/core/adapter'
import {
  type Answer,
  createHostileServer,
  type HostileServer,
  type Received,
} from '@sessionwire/core/testing'
import { complexity, parse, pick, type Shown } from './testing/document.ts'
import {
  answerOf,
  broken,
  callerFault,
  documentFault,
  Fault,
  rateFault,
  tooComplex,
} from './testing/faults.ts'
import type { Listing, Stored } from './testing/lists.ts'
import { mutationRoot, type Scene } from './testing/mutations.ts'
import { queryRoot } from './testing/queries.ts'
import type {
  StoredAttachment,
  StoredComment,
  StoredIssue,
  StoredLabel,
  StoredRelation,
  StoredText,
  World,
} from './testing/stored.ts'
import { createWorld, issueOf, readDescription, showing } from './testing/world.ts'

export type { Stored } from './testing/lists.ts'
export type {
  StoredAttachment,
  StoredComment,
  StoredIssue,
  StoredLabel,
  StoredRelation,
  StoredText,
} from './testing/stored.ts'

type Fields = Readonly<Record<string, Json>>

/** Options of a hostile Linear. */
export type HostileLinearOptions = Readonly<{
  /** The personal key it takes, bare. Default `lin_api_test`. */
  apiKey?: string
  /** The OAuth token it takes, behind `Bearer`. Default `lin_oauth_test`. */
  oauthToken?: string
  /** Answer to a creation with an id that exists: refused (default), an internal error, or overwritten. */
  repeatedId?: 'refuse' | 'break' | 'accept'
  /** Lists show a new item only this many requests later. Default 0. */
  lag?: number
  /** Longest page, whatever was asked for. Default 250. */
  longestPage?: number
  /** Requests until the bucket is empty. Default 2,500; it is not refilled. */
  requests?: number
  /** Says what is wrong with a document, for instance by a real schema; nothing by default. */
  validate?: (query: string) => readonly string[]
  /** The server's clock, epoch ms. Default `Date.now`. */
  now?: () => number
  /** For ids. Default 1. */
  seed?: number
}>

/** A hostile Linear, and what it stores. */
export interface HostileLinear extends HostileServer {
  /** Issues, oldest first; BIL-212 and BIL-300 are there from the start. */
  issues(): readonly StoredIssue[]
  /** Comments, of one issue (UUID or identifier) or of all. */
  comments(issue?: string): readonly StoredComment[]
  /** Links from issues to addresses. */
  attachments(): readonly StoredAttachment[]
  /** Relations between issues. */
  relations(): readonly StoredRelation[]
  /** Labels of all teams and of the workspace. */
  labels(): readonly StoredLabel[]
  /** Status updates of projects. */
  projectUpdates(): readonly StoredText[]
  /** Documents of projects and issues. */
  documents(): readonly StoredText[]
  /** UUIDs by name: `team:BIL`, `state:BIL/Done`, `label:Bug`, `user:ada`, `project:Payments`. Throws for another. */
  idOf(name: string): string
  /** The name of an issue's workflow state. */
  stateOf(issue: string): string
  /** Archives an issue or comment: lists hide it unless archived ones are asked for. */
  archive(id: string): void
  /** Deletes for good: from now on it is not found. */
  remove(id: string): void
  /** Moves an issue to another team: it gets a new identifier, the old one still leads to it. */
  move(issue: string, team: string): void
  /** Edits the description of an issue as a person does, from the text that Linear shows. */
  edit(issue: string, change: (description: string) => string): void
  /** Forbids the credential to change an issue or comment, or with `write` anything. */
  forbid(what: string): void
  /** Allows everything again. */
  allow(): void
  /** Makes everything visible in lists that lag behind. */
  catchUp(): void
}

/** Starts a hostile Linear on a free port of 127.0.0.1. Its API is at `<url>/graphql`. */
export const hostileLinear = async (options: HostileLinearOptions = {}): Promise<HostileLinear> => {
  const { apiKey = 'lin_api_test', oauthToken = 'lin_oauth_test', repeatedId = 'refuse', lag = 0 } = options
  const budget = options.requests ?? 2_500
  const now = options.now ?? Date.now
  const births = new Map<string, number>()
  const closed = new Set<string>()
  let current = 0
  let used = 0
  let state: Readonly<{ world: World; scene: Scene; query: Shown }> | undefined

  const headersNow = (cost: number): Readonly<Record<string, string>> => ({
    date: new Date(now()).toUTCString(),
    'x-complexity': String(cost),
    'x-ratelimit-requests-limit': String(budget),
    'x-ratelimit-requests-remaining': String(Math.max(0, budget - used)),
    'x-ratelimit-requests-reset': String(now() + 3_600_000),
  })

  const run = (request: Received, { scene, query }: NonNullable<typeof state>): Answer => {
    if (request.method !== 'POST' || request.path !== '/graphql') return { status: 404, text: 'Not Found' }
    const given = request.headers.authorization
    if (given !== apiKey && given !== `Bearer ${oauthToken}`) throw callerFault()
    used += 1
    if (used > budget) throw rateFault(budget, 3_600_000 / budget)
    const body = request.body as Fields
    if (request.encoding !== 'json' || typeof body?.query !== 'string')
      throw documentFault('POST body must be JSON with a query.')
    const [wrong] = options.validate?.(body.query) ?? []
    if (wrong !== undefined) throw documentFault(wrong)
    const operation = parse(body.query)
    const variables = (body.variables ?? {}) as Fields
    for (const { name, required } of operation.variables)
      if (required && (variables[name] ?? null) === null)
        throw documentFault(`Variable "$${name}" of required type was not provided.`)
    const cost = Math.ceil(complexity(operation.fields, variables))
    if (cost > 10_000) throw tooComplex(cost)
    const root = operation.kind === 'query' ? query : mutationRoot(scene)
    return {
      status: 200,
      headers: headersNow(cost),
      body: { data: pick(root, operation.fields, variables) },
    }
  }

  const server = await createHostileServer({
    name: 'Linear',
    now,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    handle: request => {
      current = request.n
      try {
        return run(request, openWorld())
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return { ...answerOf(error), headers: headersNow(0) }
      }
    },
    voice: {
      tooManyRequests: (_, seconds) => ({
        ...answerOf(rateFault(budget, seconds === undefined ? undefined : seconds * 1000)),
        headers: {
          date: new Date(now()).toUTCString(),
          ...(seconds === undefined
            ? {}
            : {
                'x-ratelimit-requests-remaining': '0',
                'x-ratelimit-requests-reset': String(now() + seconds * 1000),
              }),
        },
      }),
      broken: () => answerOf(broken()),
      inside: (_, word) => ({
        ...answerOf(broken()),
        status: 200,
        ...(word === undefined ? {} : { body: { errors: [{ message: word }], data: null } }),
      }),
    },
  })
  const { host } = server

  const openWorld = (): NonNullable<typeof state> => {
    if (state !== undefined) return state
    const world = createWorld(host.uuid, new Date(now()).toISOString())
    const listing: Listing = {
      most: options.longestPage ?? 250,
      visible: id => (births.get(id) ?? Number.NEGATIVE_INFINITY) + lag < current,
    }
    const show = showing(world, listing)
    const scene: Scene = {
      world,
      show,
      host,
      repeatedId,
      onCreate: id => void births.set(id, current),
      closed,
    }
    state = { world, scene, query: queryRoot(world, show, listing) }
    return state
  }
  const { world } = openWorld()

  const idOf = (name: string): string => {
    const [kind, ...rest] = name.split(':')
    const what = rest.join(':')
    const [team, stateName] = what.split('/')
    const teamId = world.teams.find(({ key }) => key === team)?.id
    const ids: Readonly<Record<string, string | undefined>> = {
      team: teamId,
      state: world.states.find(each => each.teamId === teamId && each.name === stateName)?.id,
      label: world.labels.find(each => each.name === what)?.id,
      user: world.users.find(each => each.displayName === what)?.id,
      project: world.projects.find(each => each.name === what)?.id,
    }
    const found = ids[kind ?? '']
    if (found === undefined) throw new Error(`There is no ${name} in this Linear.`)
    return found
  }
  const drop = <T extends Stored>(items: T[], id: string): void => {
    const place = items.findIndex(item => item.id === id)
    if (place >= 0) items.splice(place, 1)
  }

  return Object.assign(server, {
    issues: () => [...world.issues],
    comments: (issue?: string) => {
      const only = issue === undefined ? undefined : issueOf(world, issue).id
      return world.comments.filter(({ issueId }) => only === undefined || issueId === only)
    },
    attachments: () => [...world.attachments],
    relations: () => [...world.relations],
    labels: () => [...world.labels],
    projectUpdates: () => [...world.projectUpdates],
    documents: () => [...world.documents],
    idOf,
    stateOf: (issue: string) =>
      world.states.find(({ id }) => id === issueOf(world, issue).stateId)?.name ?? '',
    archive: (id: string) => {
      const found = [...world.issues, ...world.comments].find(item => item.id === id)
      if (found !== undefined) found.archivedAt = new Date(now()).toISOString()
    },
    remove: (id: string) => {
      drop(world.issues, id)
      drop(world.comments, id)
    },
    move: (id: string, key: string) => {
      const issue = issueOf(world, id)
      const team = world.teams.find(each => each.key === key)
      if (team === undefined) throw new Error(`There is no team ${key} in this Linear.`)
      issue.previousIdentifiers.push(issue.identifier)
      issue.teamId = team.id
      issue.identifier = `${key}-${team.next}`
      issue.number = team.next
      issue.stateId = world.states.find(each => each.teamId === team.id && each.type === 'backlog')?.id ?? ''
      team.next += 1
    },
    edit: (id: string, change: (description: string) => string) => {
      const issue = issueOf(world, id)
      issue.description = change(readDescription(issue.description ?? ''))
    },
    forbid: (what: string) =>
      void closed.add(world.issues.find(each => each.identifier === what)?.id ?? what),
    allow: () => closed.clear(),
    catchUp: () => births.clear(),
  })
}
