import {
  type Attributes,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api'
import type { DiagnosticsMessages } from '@sessionwire/core'
import { ATTRIBUTES as A } from './conventions.ts'

/** Deliveries whose recording is remembered, so that their attempts link to it. */
const LINKED_MAX = 10_000

/** Makes the spans of recordings and attempts. `isGenAi` adds the conversation's id by the generative AI conventions. */
export const createSpans = (tracer: () => Tracer, isGenAi: boolean) => {
  const recordings = new Map<string, SpanContext>()
  const remember = (keys: readonly string[], span: SpanContext) => {
    for (const key of keys) {
      const [oldest] = recordings.size >= LINKED_MAX ? recordings.keys() : []
      if (oldest !== undefined) recordings.delete(oldest)
      recordings.set(key, span)
    }
  }
  const conversation = (sessionId: string | undefined): Attributes =>
    sessionId === undefined || !isGenAi ? {} : { [A.genAiConversation]: sessionId }

  return {
    /** A recording call: a producer, below the caller's active span. */
    record: (message: DiagnosticsMessages['record']) => {
      const { hook, sessionId, repeated, keys, error, startedAt, durationMs } = message
      const span = tracer().startSpan(`record ${hook}`, {
        kind: SpanKind.PRODUCER,
        startTime: startedAt,
        attributes: {
          [A.system]: 'sessionwire',
          [A.operation]: 'record',
          [A.operationType]: 'create',
          [A.hook]: hook,
          [A.isRepeated]: repeated,
          [A.planned]: keys.length,
          ...(sessionId === undefined ? {} : { [A.session]: sessionId }),
          ...(error === undefined ? {} : { [A.error]: error }),
          ...conversation(sessionId),
        },
      })
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
      remember(keys, span.spanContext())
      span.end(startedAt + durationMs)
    },
    /** An attempt: a consumer in a trace of its own, perhaps hours later, with a link to the recording. */
    attempt: (message: DiagnosticsMessages['attempt']) => {
      const { adapter, action, key, lane, attempts, result, lookedUp, startedAt, durationMs } = message
      const recorded = recordings.get(key)
      const isGood = result === 'delivered' || result === 'lost'
      const sessionId = lane === 'init' || lane === key ? undefined : lane
      const span = tracer().startSpan(
        `deliver ${adapter}`,
        {
          kind: SpanKind.CONSUMER,
          root: true,
          startTime: startedAt,
          links: recorded === undefined ? [] : [{ context: recorded }],
          attributes: {
            [A.system]: 'sessionwire',
            [A.operation]: 'deliver',
            [A.operationType]: 'process',
            [A.destination]: adapter,
            [A.message]: key,
            [A.adapter]: adapter,
            [A.action]: action,
            [A.attempt]: attempts,
            [A.result]: result,
            [A.isLookedUp]: lookedUp,
            ...(sessionId === undefined ? {} : { [A.session]: sessionId, [A.conversation]: sessionId }),
            ...(isGood ? {} : { [A.error]: result }),
            ...conversation(sessionId),
          },
        },
        ROOT_CONTEXT,
      )
      if (!isGood) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(startedAt + durationMs)
    },
  }
}
