/** Every severity, the lightest first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
/** How much a blocker hinders. */
export type Severity = (typeof SEVERITIES)[number]

/** Every way a session ends. */
export const ENDS = ['completed', 'failed', 'cancelled', 'crashed', 'abandoned', 'left'] as const
/**
 * How a session ended. `completed`, `failed` and `cancelled` are final until `resume`. After `crashed`, `abandoned` and
 * `left` (its host was quit) the next recording call resumes the session.
 */
export type End = (typeof ENDS)[number]
/** How a session stands. */
export type SessionStatus = 'active' | End

/** Every role of a message. */
export const ROLES = ['user', 'assistant', 'system', 'tool'] as const
/** Author of a message. */
export type MessageRole = (typeof ROLES)[number]

/** Every kind of link between sessions. */
export const LINK_KINDS = ['continues', 'references', 'depends_on'] as const

/** Formats of `export`. */
export const FORMATS = ['json', 'markdown', 'context'] as const
/** Format of an export. */
export type ExportFormat = (typeof FORMATS)[number]
