import type { Json } from '@sessionwire/core/adapter'
import type { Shown } from './document.ts'
import { invalid, notFound } from './faults.ts'
import { isUuid } from './inputs.ts'
import { connection, type Listing, type Stored } from './lists.ts'
import type { World } from './stored.ts'
import { issueOf, type Showing } from './world.ts'

type Fields = Readonly<Record<string, Json>>

/** The queries as an object whose fields can be selected. */
export const queryRoot = (world: World, show: Showing, listing: Listing): Shown => {
  const list =
    <T extends Stored>(items: () => readonly T[], shown: (item: T) => Shown) =>
    (args: Fields) => {
      const { id } = (args.filter ?? {}) as Record<string, Fields>
      if (typeof id?.eq === 'string' && !isUuid(id.eq)) throw invalid('filter.id.eq must be a UUID.')
      return connection(items(), shown, args, listing)
    }
  const one =
    <T extends Stored>(items: readonly T[], entity: string, shown: (item: T) => Shown) =>
    (args: Fields) => {
      const found = items.find(({ id }) => id === args.id)
      if (found === undefined) throw notFound(entity)
      return shown(found)
    }
  const me = () => show.user(world.users[0] as World['users'][number])
  return {
    viewer: me,
    organization: { __typename: 'Organization', id: world.teams[0]?.id ?? '', name: 'Acme', urlKey: 'acme' },
    issue: (args: Fields) => show.issue(issueOf(world, args.id)),
    comment: one(world.comments, 'Comment', show.comment),
    issues: list(() => world.issues, show.issue),
    comments: list(() => world.comments, show.comment),
    projectUpdates: list(() => world.projectUpdates, show.projectUpdate),
    documents: list(() => world.documents, show.document),
    issueLabels: list(() => world.labels, show.label),
    workflowStates: list(() => world.states, show.state),
    users: list(() => world.users, show.user),
    teams: list(() => world.teams, show.team),
    projects: list(() => world.projects, show.project),
    searchIssues: (args: Fields) => {
      const { term, ...others } = args
      const words = String(term).toLowerCase()
      const found = world.issues.filter(({ title, description }) =>
        `${title} ${description ?? ''}`.toLowerCase().includes(words),
      )
      return connection(found, show.issue, others, listing)
    },
  }
}
