import * as z from 'zod/mini'
import * as f from './fields.ts'
import { ENDS, FORMATS, LINK_KINDS, ROLES, SEVERITIES } from './kinds.ts'
import { LONG_BYTES, SHORT_BYTES } from './text.ts'

export type { Author, Usage } from './fields.ts'
export {
  ENDS,
  type End,
  type ExportFormat,
  type MessageRole,
  ROLES,
  SEVERITIES,
  type SessionStatus,
  type Severity,
} from './kinds.ts'

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const list = z._default(f.texts(SHORT_BYTES), [])

const start = {
  /** The user who works; default the tracker's `user`. */
  user: z.optional(f.shortText('a string that names the user')),
  /** The project it belongs to; default the tracker's `project`. */
  project: z.optional(f.id),
  /** The agent that works for the user, as in `Claude`; cut at 2 KiB. */
  agent: f.someName,
  /** The goal of the session; its first line is the title. Cut at 64 KiB. */
  goal: f.someText,
  /** Progress in percent, 0 to 100, rounded; default 0. */
  progress: z.optional(f.progress),
  /** The session this one is a part of. */
  parentId: z.optional(f.id),
  /** The session this one follows; default the newest of the project. */
  previousId: z.optional(f.id),
  /** Links to other sessions, by kind. */
  links: z.optional(
    z.array(
      z.strictObject({
        /** The kind of link. */
        kind: f.word(LINK_KINDS),
        /** The id of the other session. */
        sessionId: f.id,
      }),
      { error: 'invalid type; expected an array of links such as { kind: "references", sessionId: "…" }' },
    ),
  ),
  /** Where the work happens: an absolute path or any text; cut at 2 KiB. */
  workspace: f.someName,
  /** The machine it happens on; default this host's name. Cut at 2 KiB. */
  machine: f.someName,
  /** False: no adapter mirrors the session until `session.mirror`. Default true. */
  mirror: z.optional(
    z.pipe(
      f.flag,
      z.transform((value): false | undefined => (value ? undefined : value)),
    ),
  ),
  /** `host`: a host records it by many short processes, so that none of them ending means a crash. Default: this process. */
  writer: z.optional(f.word(['host'])),
  /** Existing items, by adapter and its own name, as in `{ tracker: { issue: "ENG-1" } }`: the adapter adopts it. */
  refs: z._default(f.refs, {}),
  /** Any JSON; keys that begin with `$` are refused. Default empty. */
  metadata: z._default(f.json, {}),
}

const update = {
  /** The step that was done; cut at 64 KiB. */
  description: f.longText('a string that says what was done'),
  /** Progress in percent, 0 to 100, rounded; may fall. Default as it was. */
  progress: z.optional(f.progress),
  /** Words to find it by, each cut at 2 KiB; blank ones are left out. Default none. */
  tags: list,
  /** The next steps, each cut at 64 KiB; cards show those of the newest update. */
  nextSteps: z.optional(f.texts(LONG_BYTES)),
  /** Replaces the session's goal, and with it the title; cut at 64 KiB. */
  goal: f.someText,
  /** Usage of a model for this step. */
  usage: f.usage,
  /** The author of its words: a person, or a model that works for one. Default: unknown. */
  author: f.author,
}

const message = {
  /** Author: `user`, `assistant`, `system` or `tool`. */
  role: f.word(ROLES),
  /** The text; cut at 64 KiB. It stays in the store unless an adapter asks for messages. */
  content: f.longText('a string with the text of the message'),
  /** The turn it belongs to. */
  turnId: z.optional(f.id),
  /** The id of the message it answers. */
  replyTo: z.optional(f.id),
  /** The name of its author or tool; cut at 2 KiB. */
  name: f.someName,
  /** The model that wrote it; cut at 2 KiB. */
  model: f.someName,
  /** Usage of the model for it. */
  usage: f.usage,
}

const decision = {
  /** The choice that was made; cut at 64 KiB. */
  content: f.longText('a string that says what was decided'),
  /** The reason; cut at 64 KiB. */
  rationale: f.someText,
  /** The alternatives that were considered, each cut at 64 KiB. Default none. */
  alternatives: z._default(f.texts(LONG_BYTES), []),
  /** The consequences; cut at 64 KiB. */
  impact: f.someText,
  /** A word for its kind, as in `architecture`; cut at 2 KiB. */
  category: f.someName,
  /** The `decisionId` of an earlier decision of this session that no longer holds. */
  supersedes: z.optional(f.id),
  /** Names of entities it concerns, as `entity` recorded them; each cut at 2 KiB. Default none. */
  relatedEntities: list,
  /** The author of its words: a person, or a model that works for one. Default: unknown. */
  author: f.author,
}

const entity = {
  /** Its name, as in `InvoiceLock`; cut at 2 KiB. */
  name: f.shortText('a string that names it'),
  /** A word for its type: file, class, pull request, pipeline; cut at 2 KiB. */
  type: f.shortText('a string that names its type, such as file'),
  /** Its location: a file's path or a web address; cut at 2 KiB. */
  path: f.someName,
  /** Its purpose; cut at 64 KiB. */
  description: f.someText,
  /** Any JSON; keys that begin with `$` are refused. Default empty. */
  properties: z._default(f.json, {}),
  /** The author of its words: a person, or a model that works for one. Default: unknown. */
  author: f.author,
}

const blocker = {
  /** The obstacle; cut at 64 KiB. */
  description: f.longText('a string that says what is in the way'),
  /** A word for where it comes from; default `general`. Cut at 2 KiB. */
  category: z._default(f.shortText('a string'), 'general'),
  /** How much it hinders: `low`, `medium`, `high` or `critical`; default `medium`. */
  severity: z._default(f.word(SEVERITIES), 'medium'),
  /** Event ids of updates it concerns. */
  relatedUpdates: z.optional(f.texts(SHORT_BYTES)),
  /** Names of entities it concerns, as `entity` recorded them; each cut at 2 KiB. */
  relatedEntities: z.optional(f.texts(SHORT_BYTES)),
  /** The author of its words: a person, or a model that works for one. Default: unknown. */
  author: f.author,
}

const resolve = {
  /** The blocker's id. */
  blockerId: f.id,
  /** How it was resolved; cut at 64 KiB. */
  resolution: f.someText,
  /** The author of its words: a person, or a model that works for one. Default: unknown. */
  author: f.author,
}

const close = {
  /** How it ended; default `completed`. */
  end: z._default(f.word(ENDS), 'completed'),
  /** The result, shown on the card; cut at 64 KiB. */
  summary: f.someText,
  /** Progress in percent, 0 to 100, rounded; default as it was. */
  progress: z.optional(f.progress),
  /** Usage of a model that no other call has counted. */
  usage: f.usage,
  /** The author of its words: a person, or a model that works for one. Default: unknown. */
  author: f.author,
}

/** Options of every recording call. */
export const call = {
  /** Records once: a call with the same key and the same input in this session is answered and not recorded again. */
  key: z.optional(f.id),
  /** The time it happened, a Date or ISO 8601 text; default now. At most 5 minutes ahead. */
  at: z.optional(f.moment),
  /** `skip` takes any known key as done and does not compare the input; default `compare`. */
  onRepeat: z.optional(f.word(['compare', 'skip'])),
}

const format = f.word(FORMATS)

/** Input of each recording call, strict: an unknown name is refused. */
export const INPUTS = {
  start: z.strictObject({
    ...start,
    /** Refuses to start while another session of the same project, workspace and agent is active. Default false. */
    exclusive: z.optional(f.flag),
    /** Takes over the progress of the project's newest session. Default false. */
    continue: z.optional(f.flag),
    ...call,
  }),
  update: z.strictObject({ ...update, ...call }),
  message: z.strictObject({ ...message, ...call }),
  decision: z.strictObject({ ...decision, ...call }),
  entity: z.strictObject({ ...entity, ...call }),
  blocker: z.strictObject({ ...blocker, ...call }),
  resolve: z.strictObject({ ...resolve, ...call }),
  close: z.strictObject({ ...close, ...call }),
  resume: z.strictObject({
    /** The reason; cut at 64 KiB. */
    reason: f.someText,
    ...call,
  }),
  export: z.strictObject({
    /** The format: `json`, `markdown` or `context`; default `markdown`. */
    format: z._default(format, 'markdown'),
  }),
} as const

/**
 * Payload of each hook's events: the input with its defaults, and what the session's rules add. The types of the hooks
 * follow from here, so a new hook is added here first.
 */
export const PAYLOADS = {
  init: z.strictObject({
    /** The tracker's project. */
    project: f.id,
    /** The adapter's name in the tracker. */
    adapter: f.id,
    /** Digest of its configuration, without mode and names of secrets. */
    configuration: f.id,
    /** Version of `@sessionwire/core` that wrote it. */
    coreVersion: f.id,
  }),
  start: z.strictObject({
    ...start,
    /** The project it belongs to. */
    project: f.id,
    /** The user who works. */
    user: f.shortText('a string that names the user'),
    /** Progress in percent, 0 to 100, whole. */
    progress: f.progress,
  }),
  update: z.strictObject(update),
  message: z.strictObject(message),
  decision: z.strictObject({
    /** The id that `supersedes` of a later decision names. */
    decisionId: f.id,
    ...decision,
  }),
  entity: z.strictObject({
    ...entity,
    /** Items that the session works on from then on, as `start` takes them: `mirror` linked them. */
    refs: z.optional(f.refs),
  }),
  blocker: z.strictObject({
    /** The id that `resolve` takes. */
    blockerId: f.id,
    ...blocker,
  }),
  resolve: z.strictObject(resolve),
  close: z.strictObject({
    ...close,
    /** From its start to this event, ms; never below 0. */
    durationMs: z.number().check(z.gte(0)),
  }),
  resume: z.strictObject({
    /** The call that resumed the session and how it had ended, or the caller's reason. */
    reason: f.longText('a string with the reason'),
  }),
  export: z.strictObject({
    /** The format of `content`. */
    format,
    /** The text, cut at 128 KiB with a note (32 KiB where escaping makes it too long); the caller got all of it. */
    content: z.string(),
  }),
} as const

/** Readonly, and without `undefined` where a field may be left out. */
type Exact<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> }
/** The value that a schema gives. */
type Out<S> = S extends { _zod: { output: infer O } } ? Exact<O> : never

/** The moment one subscribes to. */
export type Hook = keyof typeof PAYLOADS
/** Payload of an event of each hook: checked, complete, with defaults filled in. */
export type HookPayloads = { readonly [H in Hook]: Out<(typeof PAYLOADS)[H]> }
/** Hooks of recording calls. */
export type Called = keyof typeof INPUTS
/** Hooks of a session: all but `init`. */
export type RecordedHook = Exclude<Hook, 'init'>
/** Readonly, with arrays of any kind. */
type Loose<T> = {
  readonly [K in keyof T]: T[K] extends (infer I)[] | undefined ? readonly I[] | undefined : T[K]
}
/** Input of a recording call, by hook. */
export type Raw = { readonly [H in Called]: Loose<z.input<(typeof INPUTS)[H]>> }
/** Checked input, complete with defaults, and without fields that were not given. */
export type Inputs = { readonly [H in Called]: Out<(typeof INPUTS)[H]> }
