import {
  blockerStats,
  busiestEntities,
  decisionsByProject,
  inconsistencies,
  relatedSessions,
  sessionStats,
  sessionsByUser,
  velocity,
} from './actions/analytics.ts'
import { openBlocker, resolveBlocker } from './actions/blocker.ts'
import { runCypher, runRead } from './actions/custom.ts'
import { recordDecision } from './actions/decision.ts'
import { addObservation, recordEntity, relateEntities, unrelateEntities } from './actions/entity.ts'
import { moveSession, recordProgress } from './actions/progress.ts'
import { ensureRule, registerProject, setProjectState } from './actions/project.ts'
import {
  activeSessions,
  decisions,
  exportSession,
  lastSession,
  openBlockers,
  progressOverTime,
  projectContext,
  projectState,
  recentSessions,
} from './actions/recall.ts'
import { endSession, forgetSession, resumeSession, startSession } from './actions/session.ts'

/** Everything the adapter can do. */
export const actions = {
  ensureRule,
  registerProject,
  setProjectState,
  startSession,
  recordProgress,
  moveSession,
  recordDecision,
  recordEntity,
  addObservation,
  relateEntities,
  unrelateEntities,
  openBlocker,
  resolveBlocker,
  endSession,
  resumeSession,
  forgetSession,
  runCypher,
  recentSessions,
  lastSession,
  activeSessions,
  openBlockers,
  decisions,
  progressOverTime,
  exportSession,
  projectState,
  projectContext,
  sessionStats,
  sessionsByUser,
  velocity,
  decisionsByProject,
  blockerStats,
  busiestEntities,
  relatedSessions,
  inconsistencies,
  cypher: runRead,
} as const
