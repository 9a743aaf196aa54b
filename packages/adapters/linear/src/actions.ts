import { comments } from './actions/comments.ts'
import { issues } from './actions/issues.ts'
import { labels } from './actions/labels.ts'
import { links } from './actions/links.ts'
import { projects } from './actions/projects.ts'
import { reads } from './actions/reads.ts'
import { workspace } from './actions/workspace.ts'

/** Everything that callers may do in Linear; hooks send a few calls of their own besides. */
export const actions = {
  ...issues,
  ...comments,
  ...labels,
  ...links,
  ...projects,
  ...reads,
  ...workspace,
}
