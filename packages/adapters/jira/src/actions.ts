import { createComment, editComment, logWork } from './actions/comment.ts'
import * as issues from './actions/issue.ts'
import { reads } from './actions/read.ts'
import * as workflow from './actions/workflow.ts'

/** Everything that callers may do; hooks send a few calls of their own besides. */
export const actions = { ...issues, createComment, editComment, logWork, ...workflow, ...reads } as const
