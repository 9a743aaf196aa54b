import * as analytics from './actions/analytics.ts'
import { queryCypher, runCypher } from './actions/custom.ts'
import * as entity from './actions/entity.ts'
import * as project from './actions/project.ts'
import * as recall from './actions/recall.ts'
import * as session from './actions/session.ts'

/** Everything that callers may do; hooks run statements of their own besides. */
export const actions = {
  ...project,
  ...entity,
  ...session,
  runCypher,
  ...recall,
  ...analytics,
  queryCypher,
} as const
