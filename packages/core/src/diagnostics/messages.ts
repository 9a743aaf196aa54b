/** When something began and how long it took. */
type Span = Readonly<{
  /** When it began, epoch ms by the process's own clock. */
  startedAt: number
  /** How long it took, ms. */
  durationMs: number
}>

/**
 * Messages of the diagnostics channels, by name: `sessionwire:record` and so on. They carry names, ids, counts and times; never
 * texts that a person or a model wrote, reasons of services, addresses or secrets.
 */
export type DiagnosticsMessages = Readonly<{
  /** A recording call ended. */
  record: Span &
    Readonly<{
      /** Hook of the event, or `act` for a direct call of an action. */
      hook: string
      /** Id of the session; absent for a direct call. */
      sessionId?: string
      /** Whether an event was stored: false where a filter left it out, or it failed. */
      recorded: boolean
      /** True: the key was known, and nothing was stored. */
      repeated: boolean
      /** Keys of the deliveries that it planned. */
      keys: readonly string[]
      /** Code of the error, as `STORE`, or the name of a foreign one; absent without an error. */
      error?: string
    }>
  /** An attempt to deliver ended; it is written to the store afterwards. */
  attempt: Span &
    Readonly<{
      /** `traceparent` of the call that planned the delivery, where a subscriber of `plan` gave one. */
      traceparent?: string
      /** The adapter's name in the tracker. */
      adapter: string
      /** The name of the adapter's action. */
      action: string
      /** The delivery's key. */
      key: string
      /** The session's id, `init`, or the key of a call that belongs to no session. */
      lane: string
      /** Attempts that count, this one too. */
      attempts: number
      /** `lost`: another worker took it over, and nothing was sent. `error`: the worker itself failed. */
      result: 'delivered' | 'retry' | 'in_doubt' | 'dead' | 'lost' | 'error'
      /** True: a look-up found it, nothing was sent this time. */
      lookedUp: boolean
    }>
  /** A delivery changed its state in the store, by an attempt or because a hook threw. */
  delivery: Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** The name of the adapter's action. */
    action: string
    /** The delivery's key. */
    key: string
    /** The session's id, `init`, or the key of a call that belongs to no session. */
    lane: string
    /** `in_doubt`: perhaps applied; it is looked up before it is sent again. */
    state: 'delivered' | 'retry' | 'in_doubt' | 'dead'
    /** Attempts that count. */
    attempts: number
  }>
  /**
   * Deliveries are about to be stored, within the call that plans them. A subscriber may set `traceparent`
   * (https://www.w3.org/TR/trace-context/#traceparent-header): it is stored with them, for their attempts in any process. Another
   * text is left out.
   */
  plan: {
    /** Keys of the deliveries; some may be known already. */
    readonly keys: readonly string[]
    /** The trace that they belong to; absent until a subscriber sets it. */
    traceparent?: string
  }
  /** The store answered a call. */
  store: Span &
    Readonly<{
      /** The store's verb, as `commit` or `claim`. */
      operation: string
      /** Code of the error, or the name of a foreign one; absent without an error. */
      error?: string
    }>
  /** An adapter, or one of its limits, was paused or goes on. */
  pause: Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** Absent: the whole adapter. */
    limit?: string
    /** False: it goes on. */
    paused: boolean
    /** Why it is paused: `throttled`, `down`, `denied` or `asked`; absent when it goes on. */
    reason?: string
  }>
  /** An error that was not thrown to any caller: of a listener, or of work in the background. */
  error: Readonly<{
    /** Code of the error, or the name of a foreign one. */
    error: string
  }>
}>

/** A call under way: one object for all messages of its tracing channel. */
type Under<M> = {
  /**
   * Runs the call, where a subscriber of `start` sets it, such as within a context of its own: it must call `work` once and at
   * once, and return its result. One that is set already must be called too.
   */
  run?: (<T>(work: () => T) => T) | undefined
  /** How it ended, as the plain channel of the same name tells it: absent before `asyncEnd`. */
  end?: M | undefined
}

/**
 * Messages of the tracing channels (https://nodejs.org/api/diagnostics_channel.html#class-tracingchannel), by name:
 * `tracing:sessionwire:record:start` and so on. A store that is bound to `start` is there for the whole call. Like the plain
 * messages they carry no texts: `result` is never set, and a failure is in `end`.
 */
export type DiagnosticsCalls = Readonly<{
  /** A recording call. */
  record: Under<DiagnosticsMessages['record']> &
    Readonly<{
      /** Hook of the event, or `act` for a direct call of an action. */
      hook: string
      /** Id of the session; absent for a direct call, and for a `start`, whose id is in `end`. */
      sessionId?: string
    }>
  /** An attempt to deliver, with all its requests. */
  attempt: Under<DiagnosticsMessages['attempt']> &
    Readonly<Pick<DiagnosticsMessages['attempt'], 'adapter' | 'action' | 'key' | 'lane' | 'traceparent'>>
}>

/** A channel of `node:diagnostics_channel`, or one without subscribers where the runtime has none. */
export type Channel<M> = Readonly<{
  /** Whether a message would reach anyone: without it, none is made. */
  hasSubscribers: boolean
  /** Calls the subscribers with a message. */
  publish: (message: M) => void
}>

/** A tracing channel of `node:diagnostics_channel`, or one without subscribers. */
export type TracingChannel<M> = Readonly<{
  /** The channels that it is made of: a message reaches someone where one of them has subscribers. */
  parts: readonly Readonly<{ hasSubscribers: boolean }>[]
  /** Publishes `start`, runs the call within the stores that are bound to it, and publishes `end` when it returns. */
  run: <T>(message: M, call: () => T) => T
  /** Publishes `asyncStart` and `asyncEnd`, and `error` before them where the call failed. */
  settle: (message: M, failed: boolean) => void
}>

/** The channels, by name. */
export type Channels = { readonly [N in keyof DiagnosticsMessages]: Channel<DiagnosticsMessages[N]> }

/** The tracing channels, by name. */
export type TracingChannels = {
  readonly [N in keyof DiagnosticsCalls]: TracingChannel<DiagnosticsCalls[N]>
}
