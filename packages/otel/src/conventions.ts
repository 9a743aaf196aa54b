/**
 * Names of spans, metrics and attributes. Those of `messaging`, `error` and `gen_ai` are of the semantic conventions 1.44, where
 * `messaging` and `gen_ai` may still change; everything else is our own.
 */
export const SCOPE = '@sessionwire/otel'

/** Attributes; on metrics only those of few values. */
export const ATTRIBUTES = {
  hook: 'sessionwire.hook',
  session: 'sessionwire.session.id',
  isRepeated: 'sessionwire.repeated',
  planned: 'sessionwire.deliveries.planned',
  adapter: 'sessionwire.adapter',
  action: 'sessionwire.action',
  attempt: 'sessionwire.attempt.number',
  result: 'sessionwire.attempt.result',
  isLookedUp: 'sessionwire.attempt.looked_up',
  state: 'sessionwire.delivery.state',
  verb: 'sessionwire.store.operation',
  limit: 'sessionwire.limit',
  reason: 'sessionwire.pause.reason',
  error: 'error.type',
  system: 'messaging.system.name',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  message: 'messaging.message.id',
  conversation: 'messaging.message.conversation_id',
  genAiConversation: 'gen_ai.conversation.id',
} as const

/** Bounds of a duration of requests to services, s: those that the messaging conventions advise. */
const REQUEST_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** Bounds of a duration of calls on this machine, s. */
const LOCAL_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

type Instrument = Readonly<{ name: string; description: string; unit: string; bounds?: readonly number[] }>

/** Instruments, by what they count. */
export const METRICS = {
  record: {
    name: 'sessionwire.record.duration',
    description: 'Time of a recording call, until it is stored.',
    unit: 's',
    bounds: LOCAL_S,
  },
  attempt: {
    name: 'sessionwire.attempt.duration',
    description: 'Time of an attempt to deliver, with all its requests.',
    unit: 's',
    bounds: REQUEST_S,
  },
  store: {
    name: 'sessionwire.store.operation.duration',
    description: 'Time of a call of the store.',
    unit: 's',
    bounds: LOCAL_S,
  },
  deliveries: {
    name: 'sessionwire.deliveries',
    description: 'Deliveries that were delivered, are tried again, are in doubt or are dead.',
    unit: '{delivery}',
  },
  pauses: { name: 'sessionwire.pauses', description: 'Pauses that began.', unit: '{pause}' },
  errors: { name: 'sessionwire.errors', description: 'Errors of work in the background.', unit: '{error}' },
  depth: {
    name: 'sessionwire.queue.depth',
    description: 'Deliveries in the store that are not delivered, by state.',
    unit: '{delivery}',
  },
  age: {
    name: 'sessionwire.queue.oldest.age',
    description: 'How long the oldest delivery on its way has been waiting.',
    unit: 's',
  },
  paused: {
    name: 'sessionwire.paused',
    description: 'Pauses of an adapter and its limits now; 0: it goes on.',
    unit: '{pause}',
  },
} as const satisfies Readonly<Record<string, Instrument>>
