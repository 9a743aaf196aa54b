import { customTarget } from './targets/custom.ts'
import { filesTarget } from './targets/files.ts'
import { githubTarget } from './targets/github.ts'
import { jiraTarget } from './targets/jira.ts'
import { linearTarget } from './targets/linear.ts'
import { neo4jTarget } from './targets/neo4j.ts'
import { opseraTarget } from './targets/opsera.ts'
import { otlpTarget } from './targets/otlp.ts'
import { slackTarget, webhookTarget } from './targets/slack.ts'
import { taigaLoginTarget, taigaTarget } from './targets/taiga.ts'
import type { Target } from './targets/target.ts'
import { receiverTarget } from './targets/webhook.ts'

/** Everything that is attacked, by name. */
export const TARGETS: readonly Target[] = [
  slackTarget,
  linearTarget,
  jiraTarget,
  taigaTarget,
  neo4jTarget,
  opseraTarget,
  githubTarget,
  receiverTarget,
  otlpTarget,
  webhookTarget,
]

/** Everything, and a way of sending that none of them has: for what is killed. */
export const KILLED: readonly Target[] = [...TARGETS, customTarget, filesTarget]

/** Other ways into the same services: attacked by tests of their own, and by `--only`. */
const WAYS: readonly Target[] = [taigaLoginTarget, customTarget, filesTarget]

/** The one of a name. Throws for another. */
export const targetOf = (name: string): Target => {
  const found = [...TARGETS, ...WAYS].find(target => target.name === name)
  if (found === undefined)
    throw new Error(
      `There is no target ${name}; there is: ${[...TARGETS, ...WAYS].map(each => each.name).join(', ')}.`,
    )
  return found
}
