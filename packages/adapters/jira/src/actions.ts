import { createComment, editComment, logWork } from './actions/comment.ts'
import {
  addLabels,
  assign,
  createIssue,
  createSubIssue,
  removeLabels,
  setProperty,
  updateIssue,
} from './actions/issue.ts'
import { reads } from './actions/read.ts'
import {
  addLink,
  addToSprint,
  createVersion,
  linkIssues,
  setStatus,
  setStoryPoints,
} from './actions/workflow.ts'

/** Everything that callers may do; hooks send a few calls of their own besides. */
export const actions = {
  createIssue,
  createSubIssue,
  updateIssue,
  createComment,
  editComment,
  setStatus,
  assign,
  addLabels,
  removeLabels,
  setProperty,
  addLink,
  linkIssues,
  logWork,
  createVersion,
  addToSprint,
  setStoryPoints,
  ...reads,
} as const
