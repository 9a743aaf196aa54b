import type { Descriptor, Link } from '../descriptor/descriptor.ts'
import type { SessionEvent } from '../session/events.ts'
import type { End, Hook } from '../session/schema.ts'
import { openBlockers, parseRef, type Session } from '../session/session.ts'
import { type Card, card, type Entry, entry } from './card.ts'
import type { StatusMoment } from './common.ts'
import type { Hooks, LinkChange, LinkHook, Step } from './contract.ts'

/** Calls of one hook, in order. */
export type Steps<C> = readonly Step<C>[]

/** The argument of a card policy's functions: one event of a session, and the card as it is after it. */
export type CardContext<C, H extends Hook = Hook, L = unknown> = Readonly<{
  /** The session right after the event. */
  session: Session
  /** The event. */
  event: SessionEvent<H>
  /** The adapter's configuration. */
  config: C
  /** Texts that the card shows, before markup. */
  card: Card
  /** Web address of the session, by the option `sessionUrl`. Absent: none was configured. */
  url?: string
  /** The item that people linked, as the policy's `linked` reads it. Absent: the session has a card of its own. */
  linked?: L
}>

type More<C, L> = { readonly [H in Hook]?: (context: CardContext<C, H, L>) => Steps<C> }

/** How a service shows sessions as cards: the pieces of which `cardHooks` makes every hook. */
export type CardPolicy<C, T = string, L = string> = Readonly<{
  /**
   * The ref by which `start({ refs })` names an item of people, for `context.linked`; another value than `expected` says is
   * refused. Default: every session has a card of its own.
   */
  linked?: Readonly<{
    /** Name of the ref. */
    ref: string
    /** Reads its value; `undefined` where that is invalid. */
    read: (given: string, config: C) => L | undefined
    /** The values that it takes, for the message. */
    expected: string | ((config: C) => string)
  }>
  /** Makes the card, or takes up one that `start({ refs })` named. A step with captures holds the lane until it is delivered. */
  create: (context: CardContext<C, 'start', L>) => Steps<C>
  /** Edits the card to what it shows now. */
  edit: (context: CardContext<C, Hook, L>) => Steps<C>
  /**
   * Gives the card of the session the title `card.title`: at an update with a new goal, and when `forget` erases texts; an item
   * that people linked keeps theirs. Default: the title stays, or `edit` changes it with the rest of the card.
   */
  retitle?: (context: CardContext<C>) => Steps<C>
  /** Adds an entry below the card. Default: the service has no place for entries. */
  entry?: (entry: Entry, context: CardContext<C, Hook, L>) => Steps<C>
  /** Moves the card to a workflow state. Default: the service has none. */
  setStatus?: (status: T, context: CardContext<C, Hook, L>) => Steps<C>
  /** Which state the card moves to at each moment; where one is absent, it stays. Default: none. */
  statuses?: (config: C) => { readonly [M in StatusMoment]?: T | undefined }
  /**
   * How the session's other cards are shown. `card`: the card's text has them (`card.links`), and each edit of it. A function:
   * by calls of their own, which leave the card alone. Default: not at all.
   */
  links?: 'card' | ((change: LinkChange, context: CardContext<C, Hook, L>) => Steps<C>)
  /** Reads where the card is, for links to it in other services. Default: its creation says it, or nothing does. */
  locate?: (context: CardContext<C, Hook, L>) => Steps<C>
  /** Further calls of a hook, planned after its edit; before its state at its end, after it at its start. Default: none. */
  more?: More<C, L>
}>

/** How a session ends. */
export type SessionEnd = End

/** Effects of each end apart from the edit of the card: the moment of its workflow state, and whether it adds an entry. */
const ENDS: Readonly<Record<SessionEnd, Readonly<{ status?: StatusMoment; hasEntry: boolean }>>> = {
  completed: { status: 'close', hasEntry: true },
  failed: { status: 'failed', hasEntry: true },
  cancelled: { status: 'cancelled', hasEntry: true },
  crashed: { status: 'crashed', hasEntry: true },
  abandoned: { status: 'abandoned', hasEntry: true },
  // The host was quit: the work goes on later, so nothing but the card changes.
  left: { hasEntry: false },
}

/** Shortest time between two edits of a card. A busy session records more often than people look. */
const EDIT_EVERY_MS = 5_000

const change =
  (changed: (descriptor: Descriptor) => object) =>
  <C>(step: Step<C>): Step<C> =>
  at => {
    const descriptor = step(at)
    return { ...descriptor, ...changed(descriptor) } as Descriptor
  }

/** Everything behind the creation of the card needs what it makes. */
const holding = change(({ captures }) => (captures === undefined ? {} : { holds: true }))
/** Waiting edits of a card replace each other, at most one every five seconds. */
const coalescing = change(({ coalesce, captures }) =>
  captures === undefined ? { coalesce: coalesce ?? { name: 'card', everyMs: EDIT_EVERY_MS } } : {},
)
/** Says which links a text of the card shows. */
const showing = (links: readonly Link[]) => change(() => (links.length === 0 ? {} : { links }))
/** Waiting titles replace each other, apart from edits of the card. */
const naming = change(() => ({ coalesce: { name: 'title', everyMs: EDIT_EVERY_MS } }))
/** A state never overtakes what was planned before it. */
const following = change(({ coalesce, captures }) =>
  captures === undefined ? { coalesce: { name: 'status', ...coalesce, place: 'after' } } : {},
)

/** Makes the calls of every hook of a service that shows each session as a card with entries below it. */
export const cardHooks = <
  C extends Readonly<{ as: string; updates?: 'card' | 'each' | 'off'; sessionUrl?: string | undefined }>,
  T = string,
  L = string,
>(
  policy: CardPolicy<C, T, L>,
): Hooks<C> => {
  type Context = CardContext<C, Hook, L>
  const statusesOf = ({ config }: Context) => policy.statuses?.(config) ?? {}
  const hasNewTitle = ({ event, linked }: Context): boolean =>
    linked === undefined &&
    (event.erased === true || (event.type === 'update' && event.payload.goal !== undefined))
  const edits = (context: Context): Steps<C> =>
    policy
      .edit(context)
      .map(coalescing)
      .map(showing(context.card.links ?? []))
  const edit = (context: Context): Steps<C> => [
    ...edits(context),
    ...(hasNewTitle(context) ? (policy.retitle?.(context) ?? []).map(naming) : []),
  ]
  const addEntry = (context: Context): Steps<C> => {
    const found = policy.entry === undefined ? undefined : entry(context.event, context.session)
    return found === undefined ? [] : (policy.entry?.(found, context) ?? [])
  }
  const moveTo = (status: T | undefined, context: Context): Steps<C> =>
    status === undefined ? [] : (policy.setStatus?.(status, context) ?? []).map(following)
  const more = (context: Context): Steps<C> => policy.more?.[context.event.type]?.(context as never) ?? []

  const working = (moment: 'resolve' | 'resume', context: Context): T | undefined =>
    statusesOf(context)[moment] ?? statusesOf(context).start
  const showEvent = (context: Context): Steps<C> => [...addEntry(context), ...edit(context), ...more(context)]

  const plans: Readonly<Record<Hook, (context: Context) => Steps<C>>> = {
    init: more,
    start: context => [
      ...policy
        .create(context as CardContext<C, 'start', L>)
        .map(holding)
        .map(showing(context.card.links ?? [])),
      // An item that people linked may be closed, and then takes no change before its state.
      ...moveTo(statusesOf(context).start, context),
      ...more(context),
    ],
    update: context => [
      ...(context.config.updates === 'each' ? addEntry(context) : []),
      ...(context.config.updates === 'off' ? [] : edit(context)),
      ...more(context),
    ],
    message: more,
    decision: showEvent,
    entity: more,
    blocker: context => [...showEvent(context), ...moveTo(statusesOf(context).blocker, context)],
    resolve: context => {
      const { blocker, resolve } = statusesOf(context)
      // Where a blocker moved nothing, its end has nothing to move back.
      const moves = openBlockers(context.session).length === 0 && (blocker ?? resolve) !== undefined
      return [...showEvent(context), ...(moves ? moveTo(working('resolve', context), context) : [])]
    },
    close: context => {
      const { status, hasEntry } = ENDS[(context.event as SessionEvent<'close'>).payload.end]
      if (!hasEntry) return edit(context)
      return [...showEvent(context), ...moveTo(status && statusesOf(context)[status], context)]
    },
    // A service may refuse edits of a card that is closed, so its state changes first.
    resume: context => [
      ...moveTo(
        openBlockers(context.session).length > 0 ? statusesOf(context).blocker : working('resume', context),
        context,
      ),
      ...edit(context),
      ...addEntry(context),
      ...more(context),
    ],
    export: more,
  }
  const contextOf = (session: Session, event: SessionEvent, config: C, links: readonly Link[]): Context => {
    const url = config.sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id))
    const shown = card(session)
    const context: Context = {
      session,
      event,
      config,
      card: links.length === 0 ? shown : { ...shown, links },
      ...(url === undefined ? {} : { url }),
    }
    if (policy.linked === undefined) return context
    const { ref, read, expected } = policy.linked
    const linked = parseRef(
      session,
      config.as,
      ref,
      given => read(given, config),
      typeof expected === 'string' ? expected : expected(config),
    )
    return linked === undefined ? context : { ...context, linked }
  }
  const hookOf =
    (hook: Hook) =>
    (_: unknown, session: Session, event: SessionEvent, config: C, links: readonly Link[] = []): Steps<C> =>
      plans[hook](contextOf(session, event, config, links))
  // A hook that only has calls of `more` is left out where the policy has none: an `init` without calls would be an event,
  // and a message would touch lanes that plan nothing.
  const hooks = (Object.keys(plans) as Hook[]).filter(
    hook => plans[hook] !== more || policy.more?.[hook] !== undefined,
  )
  const { links } = policy
  const linked: Readonly<{ linked?: LinkHook<C> }> =
    links === undefined
      ? {}
      : links === 'card'
        ? {
            linked: Object.assign(
              (all: LinkChange, session: Session, event: SessionEvent, config: C) =>
                // The title stays, whatever the event was.
                edits(contextOf(session, event, config, all.links)),
              { inCard: true as const },
            ),
          }
        : {
            linked: (all, session, event, config) => links(all, contextOf(session, event, config, [])),
          }
  const { locate } = policy
  const located: Pick<Hooks<C>, 'located'> = locate === undefined
    ? {}
    : { located: (session, event, config) => locate(contextOf(session, event, config, [])) }
  const all = Object.fromEntries(hooks.map(hook => [hook, hookOf(hook)]))
  return { ...all, ...linked, ...located } as Hooks<C>
}
