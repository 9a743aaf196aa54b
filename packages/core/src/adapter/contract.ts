import type { Descriptor, Link, Lookup } from '../descriptor/descriptor.ts'
import type { Answer, Outcome, Reply, SentCall } from '../descriptor/outcome.ts'
import type { Renderers } from '../descriptor/renderer.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Hook, HookPayloads, Json } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { Signer, TransportFactory } from '../transport/contract.ts'
import type { Action, Read } from './plan.ts'

/** Treatment of a planned descriptor: sent, kept to look at, or given to a person or host to send. */
export type Mode = 'execute' | 'preview' | 'handoff'

/** The key of a descriptor in the making, and the adapter's configuration. */
export type At<C> = Readonly<{
  /** Idempotency key of the call in the making. */
  key: string
  /** The adapter's own `config`. */
  config: C
}>

/** A checked call that waits only for its key. */
export type Step<C> = (at: At<C>) => Descriptor

/** A link that a card is to show. */
export type LinkChange = Readonly<{
  /** The new one, or the one that takes the place of a former one. */
  link: Link
  /** Address of the same adapter's former card, which is shown now and was made again. Absent: there was none. */
  former?: string
  /** All links that the card shows from now on, by adapter. */
  links: readonly Link[]
}>

/** Calls that show a link. `inCard`: it edits the card's text, and every edit of the card shows all links. */
export type LinkHook<C> = ((
  change: LinkChange,
  session: Session,
  event: SessionEvent,
  config: C,
) => readonly Step<C>[]) &
  Readonly<{
    /** Default: each link is a call of its own, which leaves the card alone. */
    inCard?: true
  }>

/**
 * Which hook makes which calls. Pure; the session is as it was at the event. `links` are those that the card shows, where the
 * hook `linked` is `inCard`. `linked` is not an event: the recorder asks it when the session's card in another service becomes known.
 */
export type Hooks<C> = {
  readonly [H in Hook]?: (
    payload: HookPayloads[H],
    session: Session,
    event: SessionEvent<H>,
    config: C,
    links?: readonly Link[],
  ) => readonly Step<C>[]
} & Readonly<{
  /** Left out: the service has no place for links. */
  linked?: LinkHook<C>
  /**
   * Reads where the card of the session is, for links to it in other services: asked once the card is there, and only where the
   * session has other cards. Left out: the answer to the card's creation says it, or nothing does.
   */
  located?: (session: Session, event: SessionEvent, config: C) => readonly Step<C>[]
}>

/** At most `count` calls in any `perMs` milliseconds. */
export type Rate = Readonly<{
  /** Calls. */
  count: number
  /** Length of the window, ms. */
  perMs: number
}>

/** Rates by the name a call gives in `limit` (`post:*` serves every `post:…`), and how many calls may run at once. */
export type Limits = Readonly<{
  /** Calls under way at once; the smaller of this and the worker's own counts. Default: the worker's own. */
  concurrency?: number
  /** By the name a call gives in `limit`; one that is not named here is not held back. */
  rates: Readonly<Record<string, Rate>>
}>

/**
 * A read that `tracker.check` runs after the adapter's `check`, to prove that the target of the hooks is there and may be
 * written: the team, the project, the channel's membership, the issue type. Delivery never runs it.
 */
export type Probe = Readonly<{
  /** The fact that it proves, as in `channel membership`. */
  about: string
  /** Finding no item, or being refused, means that the target is not as it must be. */
  lookup: Lookup
  /** Advice for that case, as a sentence: `Invite the bot to the channel: /invite @bot.` */
  todo: string
}>

/** Everything an adapter can do, by name. */
// biome-ignore lint/suspicious/noExplicitAny: an action is invariant in its input; a table of them has no better type
export type Actions<C> = Readonly<Record<string, Action<any, C, any> | Read<any, any, C>>>

/** Known values of a session's place in a service. */
export type Known = Readonly<{
  /** The refs that `start` gave to this adapter, by the adapter's own names. */
  refs: Readonly<Record<string, string>>
  /** Values that the session's calls captured so far, by name. */
  captured: Readonly<Record<string, Json>>
}>

/** One service, as plain functions and data. It never sends, stores or waits. */
export interface Adapter<
  C = never,
  N extends string = string,
  A extends Actions<C> = Actions<C>,
  R extends string = string,
> {
  /**
   * Unique in a tracker; default the service's name. Lanes, keys, limits and refs live under it. `act` and `read` are held
   * to its type: write `satisfies Adapter<Config, 'board'>`, for with `satisfies Adapter<Config>` it is any text.
   */
  readonly name: N
  /** Checked, plain JSON, with names of secrets and never their values; every step is given it. */
  readonly config: C
  /** For what is planned from now on; what was planned keeps its own. */
  readonly mode: Mode
  /** A hook that is left out plans nothing. */
  readonly hooks: Hooks<C>
  /** Actions and reads for `act` and `read`. */
  readonly actions: A
  /** By the service's documents. */
  readonly limits: Limits
  /** One cheap read that proves the address and the credential. */
  readonly check: Lookup
  /** Gives the meaning of a reply of this service. `call` is what was sent, for reasons that name what was asked for. */
  readonly outcome: (reply: Reply, sent: SentCall) => Outcome
  /**
   * True when a reply is in the service's own form (content type and a field of it), whatever its status: a page of a proxy
   * is not. It is not asked about a 429, nor about a 204 or 205 without a body. An answer in another form is `unknown` for a
   * call and no answer for a read. Left out: every answer is taken for the service's own, and `outcome` alone decides.
   */
  readonly isOwn?: (reply: Answer) => boolean
  /**
   * Reads of the session's card, each filled from the lane's captures and refs (`{issueId}`). After a call that was
   * `rejected` as `missing`, the worker runs the first one whose placeholders the call's own values fill: finding nothing
   * means that a person deleted the card. Left out: only an outcome with `gone` says so.
   */
  readonly cardLookups?: readonly Lookup[]
  /** Reads that `tracker.check` runs after `check`. Left out: none. */
  readonly probes?: readonly Probe[]
  /** Pointer, in the reply to `check`, to the account that the credential belongs to. Left out: the service names none. */
  readonly account?: string
  /**
   * Origins (`https://api.example.com`) its secrets may be sent to, from its own configuration. A call to another origin is
   * rejected before a secret is read. Left out: no secret may be sent in an HTTP call.
   */
  readonly origins?: readonly string[]
  /** Plain `http` is allowed to hosts of a private network too. Default false: only to this machine. */
  readonly allowPlaintext?: boolean
  /** Headers sent with every HTTP call, never credentials. Default: none. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Changes or leaves out a planned descriptor. Pure; runs when the event is planned, and what it returns is checked, stored
   * and shown by previews. Left out: descriptors are stored as the hooks plan them.
   */
  readonly transform?: (
    descriptor: Descriptor,
    event: SessionEvent,
    session: Session,
  ) => Descriptor | undefined
  /** Names that `start({ refs })` may give it (`issue`); other names are refused, by the compiler too. Left out: any name. */
  readonly refs?: readonly R[]
  /**
   * Turns a ref that people gave into the value that calls use: the address of a page into the key of its issue. Pure; a
   * value that it does not know stays as it is. Left out: calls use what was given.
   */
  readonly readRef?: (name: string, value: string) => string
  /**
   * Where people find a session in this service, and what it is called there (`BIL-212`); `undefined` where that cannot
   * be known. Pure. The report shows it, if it is an https address. Left out: the first address that was captured.
   */
  readonly link?: (known: Known) =>
    | Readonly<{
        /** Its name for people, as in `BIL-212`. */
        name: string
        /** Where it is. */
        url: string
      }>
    | undefined
  /**
   * Removals of what an action or a step left in the service, by its name, for `tracker.forget`: each is given the descriptor
   * that was sent, and may name its captures as placeholders. A removal of something that is not there any more must be
   * `delivered`. Left out: `forget` names what was sent in `remaining`.
   */
  readonly removals?: Readonly<Record<string, (sent: Descriptor) => Step<C>>>
  /** False: its cards show no links to the session's other cards. Default true. */
  readonly crossLinks?: boolean
  /** Leaves events out: false plans nothing for this event. */
  readonly when?: (event: SessionEvent, session: Session) => boolean
  /** Destructive actions run only when this is true. Default false. */
  readonly allowDestructive?: boolean
  /** Treatment of an `unsafe` call in doubt: keep it for a person (default) or send it again. */
  readonly onDoubt?: 'hold' | 'repeat'
  /** Names of the secrets that may be needed; for `status` and hints. */
  readonly secrets: readonly string[]
  /** Those of `secrets` whose values are user names or mail addresses: they are not redacted. Default: none. */
  readonly publicSecrets?: readonly string[]
  /** A way to send that plain HTTP does not cover (custom calls, a login that must be kept). */
  readonly transport?: TransportFactory
  /** Signers by the name that `auth.sign` of its calls gives. Default: none. */
  readonly signers?: Readonly<Record<string, Signer>>
  /** Renderers of its custom calls, by their target. Left out: they are shown as JSON. */
  readonly renderers?: Renderers
  /** Lines for people in the format `text`, by action, as in `post to C012: Hello`. Left out: action and address. */
  readonly describe?: Readonly<Record<string, (descriptor: Descriptor) => string>>
}

/** An adapter whatever its configuration. */
// biome-ignore lint/suspicious/noExplicitAny: the configuration of a foreign adapter has an unknown type
export type AnyAdapter = Adapter<any, string, any>
