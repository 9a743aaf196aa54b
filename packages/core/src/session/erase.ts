import type { SessionEvent } from './events.ts'
import type { HookPayloads, RecordedHook } from './schema.ts'

/** Stands where a text was erased that an event cannot be without. */
export const ERASED = '[erased]'

type Erase = { readonly [H in RecordedHook]: (payload: HookPayloads[H]) => HookPayloads[H] }

/** Erases each payload; ids, kinds, numbers and the user stay. */
const PAYLOADS: Erase = {
  start: ({ goal: _, metadata: __, workspace: ___, machine: ____, ...rest }) => ({ ...rest, metadata: {} }),
  update: ({ progress, usage }) => ({
    description: ERASED,
    tags: [],
    ...(progress === undefined ? {} : { progress }),
    ...(usage === undefined ? {} : { usage }),
  }),
  message: ({ name: _, content: __, ...rest }) => ({ ...rest, content: '' }),
  decision: ({ decisionId, supersedes }) => ({
    decisionId,
    content: ERASED,
    alternatives: [],
    relatedEntities: [],
    ...(supersedes === undefined ? {} : { supersedes }),
  }),
  entity: ({ type }) => ({ name: ERASED, type, properties: {} }),
  blocker: ({ blockerId, severity }) => ({ blockerId, description: ERASED, category: 'general', severity }),
  resolve: ({ blockerId }) => ({ blockerId }),
  close: ({ summary: _, ...rest }) => rest,
  resume: () => ({ reason: ERASED }),
  export: ({ format }) => ({ format, content: ERASED }),
}

/** The event without its texts. An `init` event has none of a session's. */
export const eraseEvent = (event: SessionEvent): SessionEvent => {
  if (event.type === 'init') return event
  const erase = PAYLOADS[event.type] as (payload: unknown) => unknown
  return { ...event, payload: erase(event.payload), erased: true } as SessionEvent
}
