import { checks } from './actions/checks.ts'
import { issues } from './actions/issues.ts'
import { pulls } from './actions/pulls.ts'
import { reads } from './actions/reads.ts'

/** Everything that callers may do in GitHub; hooks send a few calls of their own besides. */
export const actions = { ...issues, ...pulls, ...checks, ...reads }
