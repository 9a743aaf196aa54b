import { cards } from './actions/cards.ts'
import { comments } from './actions/comments.ts'
import { issues } from './actions/issues.ts'
import { labels } from './actions/labels.ts'
import { links } from './actions/links.ts'
import { projects } from './actions/projects.ts'
import { reads } from './actions/reads.ts'
import { workspace } from './actions/workspace.ts'

/** Everything this adapter can do in Linear, by name. */
export const actions = {
  ...cards,
  ...issues,
  ...comments,
  ...labels,
  ...links,
  ...projects,
  ...reads,
  ...workspace,
}
