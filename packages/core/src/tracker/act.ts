import type { Acted, ActOptions, NotRecorded } from '../recorder/calls.ts'
import type { Recorder } from '../recorder/contract.ts'
import { readInput } from '../session/at-once.ts'
import { TrackerError } from '../session/errors.ts'
import { message } from '../session/message.ts'
import { isObject } from '../session/options.ts'
import type { Json } from '../session/schema.ts'
import { callOptions } from './call-options.ts'
import type { Settled } from './settled.ts'

/** A delivery of one action, with what its answer gives by the action's own names. */
export type SettledAction<K extends string = string> = Omit<Settled, 'captures'> &
  Readonly<{
    /** Values of the service's answer, by name; empty until `state` is `delivered`. */
    captures: Readonly<{ [N in K]?: Json }>
  }>

/** A direct call that was stored, with the way to wait for it. */
export type ActedAction<K extends string = string> = Acted &
  Readonly<{
    /**
     * Waits until the delivery moves no more by itself, at most `timeoutMs` (default 10,000), and gives its state.
     * Throws `INVALID_INPUT` for an option it does not have.
     */
    settled: (options?: Readonly<{ timeoutMs?: number }>) => Promise<SettledAction<K>>
  }>

/** A direct call that was delivered. */
export type DeliveredAction<K extends string = string> = ActedAction<K> &
  Readonly<{
    /** Values of the service's answer, by the names that the action captures. */
    captures: Readonly<{ [N in K]: Json }>
  }>

/** Options of `act` that make it wait for the service. */
export type WaitOptions = ActOptions &
  Readonly<{
    /** True: resolves when the service has answered, with what it gave. Default: resolves when the call is stored. */
    wait: true
    /** How long to wait at most, ms. Default 10,000. */
    timeoutMs?: number | undefined
  }>

type Settle = (key: string, options?: Readonly<{ timeoutMs?: number }>) => Promise<Settled>

const notDelivered = (adapter: string, action: string, { key, state, reason }: Settled): TrackerError => {
  const isOpen = state === 'waiting' || state === 'claimed' || state === 'begun'
  const todo = isOpen
    ? `It stays in the queue and is sent later (delivery ${key}).`
    : state === 'planned'
      ? `The adapter is in mode preview; call release to send it (delivery ${key}).`
      : `Nothing more is sent (delivery ${key}).`
  const problem = `${adapter}.${action} is ${isOpen ? 'not delivered yet' : state}`
  return new TrackerError(
    'ADAPTER',
    message({ problem: reason === undefined ? problem : `${problem}: ${reason}`, todo }),
  )
}

/** Stores one call of an action; with `wait`, waits for the service and gives what it answered. */
export const act = async (
  recorder: Pick<Recorder, 'act'>,
  settle: Settle,
  adapter: string,
  action: string,
  input: unknown,
  given: ActOptions | WaitOptions | undefined,
): Promise<ActedAction | DeliveredAction | NotRecorded> => {
  const read: Partial<WaitOptions> | undefined = readInput('act', () =>
    isObject(given) ? { ...given } : undefined,
  )
  const { wait, timeoutMs, ...options } = read ?? {}
  callOptions('act', {
    ...(wait === undefined ? {} : { wait }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  // The recorder refuses anything that is not an object of options as a whole.
  const acted = await recorder.act(adapter, action, input, read === undefined ? given : options)
  if (!acted.recorded) return acted
  const handle: ActedAction = {
    ...acted,
    settled: async more => (await settle(acted.key, more)) as SettledAction,
  }
  if (wait !== true) return handle
  const settled = await settle(acted.key, timeoutMs === undefined ? {} : { timeoutMs })
  if (settled.state !== 'delivered') throw notDelivered(adapter, action, settled)
  return { ...handle, state: settled.state, captures: settled.captures }
}
