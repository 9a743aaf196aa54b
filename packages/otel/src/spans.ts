import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import {
  type Attributes,
  type Context,
  context,
  diag,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { DiagnosticsCalls, DiagnosticsMessages } from '@sessionwire/core'
import { ATTRIBUTES as A } from './conventions.ts'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The span that a stored `traceparent` names; `undefined` for a text that names none. */
const spanOf = (traceparent = ''): SpanContext | undefined => {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? []
  const found = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  }
  return isSpanContextValid(found) ? found : undefined
}

const hex = (value: number): string => value.toString(16).padStart(2, '0')

/** The `traceparent` of a span; `undefined` without an SDK. */
export const traceparentOf = (span: Span | undefined): string | undefined => {
  const known = span?.spanContext()
  return known === undefined || !isSpanContextValid(known)
    ? undefined
    : `00-${known.traceId}-${known.spanId}-${hex(known.traceFlags)}`
}

type Name = keyof DiagnosticsCalls

/** Makes a span when a call begins, and the context in which the call runs; ends it when the call does. */
type Follow<N extends Name> = Readonly<{
  begin: (message: DiagnosticsCalls[N]) => Readonly<{ span: Span; within: Context }>
  end: (span: Span, told: DiagnosticsMessages[N]) => void
}>

/** Reports what an SDK throws, and goes on without it. */
export const carefully = <T>(name: string, observe: () => T): T | undefined => {
  try {
    return observe()
  } catch (thrown) {
    diag.error(`sessionwire: a ${name} could not be observed`, thrown)
    return undefined
  }
}

/** The spans of recordings and attempts. `isGenAi` adds the conversation's id by the generative AI conventions. */
const createSpans = (tracer: () => Tracer, isGenAi: boolean): { readonly [N in Name]: Follow<N> } => {
  const sessionOf = (sessionId: string | undefined): Attributes =>
    sessionId === undefined
      ? {}
      : { [A.session]: sessionId, ...(isGenAi ? { [A.genAiConversation]: sessionId } : {}) }
  const fail = (span: Span, error: string): void => {
    span.setAttribute(A.error, error)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  /** A recording call: a producer, below the caller's active span. */
  const record: Follow<'record'> = {
    begin: ({ hook, sessionId }) => {
      const parent = context.active()
      const attributes = {
        [A.system]: 'sessionwire',
        [A.operation]: 'record',
        [A.operationType]: 'create',
        [A.hook]: hook,
        ...sessionOf(sessionId),
      }
      const span = tracer().startSpan(`record ${hook}`, { kind: SpanKind.PRODUCER, attributes }, parent)
      return { span, within: trace.setSpan(parent, span) }
    },
    end: (span, { sessionId, repeated, keys, error }) => {
      span.setAttributes({
        ...sessionOf(sessionId),
        [A.isRepeated]: repeated,
        [A.planned]: keys.length,
      })
      if (error !== undefined) fail(span, error)
    },
  }
  /**
   * An attempt: a consumer in a trace of its own, perhaps hours later, with a link to the recording. Baggage of the call that woke the
   * worker must not reach a service, so it begins at the root.
   */
  const attempt: Follow<'attempt'> = {
    begin: ({ adapter, action, key, lane, traceparent }) => {
      const recorded = spanOf(traceparent)
      const links: Link[] = recorded === undefined ? [] : [{ context: recorded }]
      const sessionId = lane === 'init' || lane === key ? undefined : lane
      const attributes = {
        [A.system]: 'sessionwire',
        [A.operation]: 'deliver',
        [A.operationType]: 'process',
        [A.destination]: adapter,
        [A.message]: key,
        [A.adapter]: adapter,
        [A.action]: action,
        ...(sessionId === undefined ? {} : { [A.conversation]: sessionId }),
        ...sessionOf(sessionId),
      }
      const options = { kind: SpanKind.CONSUMER, root: true, links, attributes }
      const span = tracer().startSpan(`deliver ${adapter}`, options, ROOT_CONTEXT)
      return { span, within: trace.setSpan(ROOT_CONTEXT, span) }
    },
    end: (span, { attempts, result, lookedUp }) => {
      span.setAttributes({ [A.attempt]: attempts, [A.result]: result, [A.isLookedUp]: lookedUp })
      if (result !== 'delivered' && result !== 'lost') fail(span, result)
    },
  }
  return { record, attempt }
}

/**
 * Makes a span of each recording and attempt, active while it runs: spans that other instrumentations make meanwhile are below
 * it. Answers how to end it.
 */
export const followCalls = (tracer: () => Tracer, isGenAi: boolean): (() => void) => {
  const spans = createSpans(tracer, isGenAi)
  /** The span of the call under way, also without a context manager. */
  const current = new AsyncLocalStorage<Span | undefined>()
  const follow = <N extends Name>(name: N): (() => void) => {
    const { begin, end } = spans[name]
    const open = new Map<object, Span>()
    const enter = (message: DiagnosticsCalls[N]): Span | undefined =>
      carefully(name, () => {
        const { span, within } = begin(message)
        open.set(message, span)
        const { run } = message
        message.run = work => context.with(within, run === undefined ? work : () => run(work))
        return span
      })
    const leave = (message: unknown): void => {
      const { end: told } = message as DiagnosticsCalls[N]
      const span = open.get(message as object)
      if (span === undefined || told === undefined) return
      open.delete(message as object)
      carefully(name, () => {
        try {
          end(span, told as DiagnosticsMessages[N])
        } finally {
          span.end()
        }
      })
    }
    const channel = tracingChannel<Span | undefined, DiagnosticsCalls[N]>(`sessionwire:${name}`)
    channel.start.bindStore(current, enter)
    channel.asyncEnd.subscribe(leave)
    return () => {
      channel.start.unbindStore(current)
      channel.asyncEnd.unsubscribe(leave)
      // Calls that are under way are not observed to their end any more.
      for (const span of open.values()) carefully(name, () => span.end())
      open.clear()
    }
  }
  const plan = (message: unknown): void => {
    const known = carefully('plan', () => traceparentOf(current.getStore()))
    if (known !== undefined) (message as DiagnosticsMessages['plan']).traceparent = known
  }
  const endings = [follow('record'), follow('attempt')]
  subscribe('sessionwire:plan', plan)
  return () => {
    for (const end of endings) end()
    unsubscribe('sessionwire:plan', plan)
  }
}
