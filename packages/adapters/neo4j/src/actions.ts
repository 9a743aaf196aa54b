import {
  getBlockerStats,
  getDecisionsByProject,
  getSessionStats,
  getSessionsByUser,
  getVelocity,
  listBusiestEntities,
  listInconsistencies,
  listRelatedSessions,
} from './actions/analytics.ts'
import { openBlocker, resolveBlocker } from './actions/blocker.ts'
import { queryCypher, runCypher } from './actions/custom.ts'
import { recordDecision } from './actions/decision.ts'
import { addObservation, recordEntity, relateEntities, unrelateEntities } from './actions/entity.ts'
import { moveSession, recordMessage, recordProgress } from './actions/progress.ts'
import { ensureRule, registerProject, setProjectState } from './actions/project.ts'
import {
  getLastSession,
  getProjectContext,
  getProjectState,
  getSession,
  listActiveSessions,
  listDecisions,
  listOpenBlockers,
  listProgress,
  listSessions,
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
  recordMessage,
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
  listSessions,
  getLastSession,
  listActiveSessions,
  listOpenBlockers,
  listDecisions,
  listProgress,
  getSession,
  getProjectState,
  getProjectContext,
  getSessionStats,
  getSessionsByUser,
  getVelocity,
  getDecisionsByProject,
  getBlockerStats,
  listBusiestEntities,
  listRelatedSessions,
  listInconsistencies,
  queryCypher,
} as const
