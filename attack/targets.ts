import { jiraTarget } from './targets/jira.ts'
import { linearTarget } from './targets/linear.ts'
import { neo4jTarget } from './targets/neo4j.ts'
import { opseraTarget } from './targets/opsera.ts'
import { slackTarget, webhookTarget } from './targets/slack.ts'
import { taigaTarget } from './targets/taiga.ts'
import type { Target } from './targets/target.ts'

/** Everything that is attacked, by name. */
export const TARGETS: readonly Target[] = [
  slackTarget,
  linearTarget,
  jiraTarget,
  taigaTarget,
  neo4jTarget,
  opseraTarget,
  webhookTarget,
]

/** The one of a name. Throws for another. */
export const targetOf = (name: string): Target => {
  const found = TARGETS.find(target => target.name === name)
  if (found === undefined)
    throw new Error(`There is no target ${name}; there is: ${TARGETS.map(each => each.name).join(', ')}.`)
  return found
}
