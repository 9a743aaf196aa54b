import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { HostileServer, Received } from '@sessionwire/core/testing'

/** Options of an adapter as JSON, so that a process of its own can have them. */
export type Options = Readonly<Record<string, unknown>>

/** A session as people see it: its card's text, what stands below it, oldest first, and addresses of its other cards. */
type Shown = Readonly<{ card: string; entries: readonly string[]; links?: readonly string[] }>

/** A service under attack. It lives in the process that attacks, and so survives every kill. */
export type Service = Readonly<{
  server: HostileServer
  options: Options
  secrets: Readonly<Record<string, string>>
  listCards: () => readonly Shown[]
  /** Texts of everything else that was made, one for each time. */
  listMade: () => readonly string[]
  /** Texts of what cannot be looked up, one for each time. */
  once?: () => readonly string[]
  /** New things show in its lists and searches this much later, by the clock it was given: less than the adapter waits. */
  lag?: Readonly<{ ms: number; catchUp: () => void }>
}>

/** How a service is made; its secrets have these values, so that they can be searched for. */
type Serving = Readonly<{
  seed: number
  now: () => number
  secrets?: Readonly<Record<string, string>>
}>

/** A direct call; `n` goes into its text. */
type Act = (n: string) => Readonly<{ action: string; input: Options }>

/** One adapter and its service. */
export type Target = Readonly<{
  name: string
  /** Default values of its secrets, by name. */
  secrets: Readonly<Record<string, string>>
  serve: (serving: Serving) => Promise<Service>
  make: (options: Options) => AnyAdapter
  /** Direct calls that show below the session's card. */
  below: readonly Act[]
  /** Direct calls that make something else. */
  apart: readonly Act[]
  /** Direct calls that cannot be looked up: at most once. */
  once?: readonly Act[]
  /** The entries of a session below the card: all kinds of entries unless said. */
  entries?: 'none'
  /** Shows that a session was resumed without the reason. */
  resumesSilently?: true
  /** One that was dead and is retried may come late: nothing needs what it captures, and each says where it belongs. */
  unordered?: true
  /** Cannot look up any of what it sent: at most once. */
  blind?: true
  /** By its standard any success is a delivery, whatever its body says. */
  trusting?: true
  /** An answer with a field that its protocol does not have is not its own: nothing counts as delivered by it. */
  strict?: boolean
  /** Whether a request changes something: it is not a look-up, read or check. */
  isWrite: (request: Received) => boolean
}>

/** Addresses in the lines of a text that name the session's other cards. */
export const linksIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter(line => line.includes('Also in'))
    .flatMap(line => [...line.matchAll(/https:\/\/[^\s"<>|)\]]+/g)].map(([url]) => url))
