import type { Call } from './descriptor.ts'
import { originOf } from './endpoint.ts'
import { secretsIn } from './refs.ts'

/** The part of an adapter that decides where its secrets may be sent. */
export type Destination = Readonly<{
  /** Its name in the tracker. */
  name: string
  /** Origins its configuration points to. */
  origins?: readonly string[]
  /** Names of its secrets. */
  secrets: readonly string[]
}>

const isLoggedIn = ({ auth }: Call): boolean => auth !== undefined && 'login' in auth

/** Where a call goes; `secret` where the address itself is a secret, `undefined` where the call goes to no address. */
const targetOf = ({ endpoint }: Call): string | 'secret' | undefined => {
  if (endpoint === undefined) return undefined
  if (typeof endpoint !== 'string') return 'secret'
  return URL.canParse(endpoint) ? originOf(endpoint) : undefined
}

/**
 * Why a call must not be sent: it would send a secret to an origin that the adapter's configuration does not name, or it names
 * a secret that is not the adapter's. `undefined` when it may be sent. No secret is read for it.
 */
export const misdirection = (
  call: Call,
  { name, origins = [], secrets }: Destination,
): string | undefined => {
  const names = secretsIn(call)
  const foreign = names.find(each => !secrets.includes(each))
  if (foreign !== undefined)
    return `secret "${foreign}" does not belong to adapter "${name}" (its secrets: ${secrets.join(', ') || 'none'})`
  if (names.length === 0 && !isLoggedIn(call)) return undefined
  const target = targetOf(call)
  // The value of such a secret is the operator's own choice of a receiver.
  if (target === 'secret' || (target !== undefined && origins.includes(target))) return undefined
  const allowed = origins.length === 0 ? 'no origin' : origins.join(', ')
  return `adapter "${name}" sends its secrets only to ${allowed}, not to ${target ?? 'a call without an address'}`
}
