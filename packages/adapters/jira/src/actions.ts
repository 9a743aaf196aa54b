import { addWorklog, createComment, updateComment } from './actions/comment.ts'
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
  addToSprint,
  createVersion,
  linkIssues,
  setRemoteLink,
  setStatus,
  setStoryPoints,
} from './actions/workflow.ts'

/** Everything that callers may do; hooks send a few calls of their own besides. */
export const actions = {
  createIssue,
  createSubIssue,
  updateIssue,
  createComment,
  updateComment,
  setStatus,
  assign,
  addLabels,
  removeLabels,
  setProperty,
  setRemoteLink,
  linkIssues,
  addWorklog,
  createVersion,
  addToSprint,
  setStoryPoints,
  ...reads,
} as const
