import type { Json } from '../session/schema.ts'
import type { Call } from './call.ts'

export type {
  AttemptTime,
  Auth,
  Call,
  CustomCall,
  Encoding,
  HttpCall,
  Method,
  Ref,
  SecretRef,
  Sent,
} from './call.ts'

/** Chooses one item of a list. `contains` searches the JSON text of the value at `pointer`. */
export type Where = Readonly<
  {
    /** Into each item. */
    pointer: string
  } & (
    | {
        /** The same JSON value, whatever the order of its fields. */
        equals: Json
        /**
         * For names people type: where no item has exactly this text, the one that has it in other capital or small
         * letters, else the one with the same slug (`in-progress` for `In Progress`); none where two
         * items fit. Default: only exactly this text.
         */
        anyCase?: true
      }
    | {
        /** Names in order of preference: the item of the first name that an item has. */
        oneOf: readonly string[]
        /** As for `equals`. */
        anyCase?: true
      }
    | {
        /** Found in the JSON text of the value, case and all. */
        contains: string
      }
  )
>

/**
 * Where a value stands in a reply: a JSON Pointer, a pointer into the first item of a list that fits `where`, or a
 * pointer with a default for a value that is missing or null.
 */
export type Capture =
  | string
  | Readonly<{
      /** Pointer to the list; without such a list there is nothing to capture. */
      list: string
      /** Which of its items; the first that fits. */
      where: Where
      /** Pointer into that item. */
      pick: string
    }>
  | Readonly<{
      /** Pointer into the reply. */
      pick: string
      /** The value to take where there is none, or null. */
      otherwise: Json
    }>

/** Values to keep, by name. */
export type Captures<N extends string = string> = Readonly<Record<N, Capture>>

/**
 * How to ask for the next page. By cursor: where the reply has it, and where in the call it goes. By `Link` header: the
 * address of a relation, of the same origin as the call. By page number. A cursor, address or page that was asked for
 * already ends the look-up with an error.
 */
export type Next =
  | Readonly<{
      /** Pointer into the reply. The list ends where it leads nowhere, to null or to an empty text. */
      cursor: string
      /** Pointer into the call, as in `/query/cursor`. */
      into: string
      /** Pointer to a boolean in the reply; the list ends unless it is true. Default: the cursor alone decides. */
      more?: string
      /** `cursor` leads to how many items there are, and how many were read goes `into` the call. */
      counted?: true
    }>
  | Readonly<{
      /** Relation of the `Link` header (RFC 8288) with the next page's address, as in `next`. The list ends without it. */
      link: string
    }>
  | Readonly<{
      /** Pointer into the call, as in `/query/page`; the first request has the number there already, or none. */
      page: string
      /** Number of the first page. Default 1. */
      first?: number
      /** Items of a full page: a shorter one is the last. Default: an empty page is the last. */
      size?: number
      /** Pointer to the number of the last page in the reply. Default: `size`, or an empty page, ends the list. */
      last?: string
    }>

/**
 * A read. `list` points at an array in the reply (absent: the reply itself is the one item), `where` chooses one of
 * its items, `captures` are pointers into that item (or, without `list`, into the reply).
 */
export type Lookup = Readonly<{
  /** Must change nothing. Its placeholders are filled like those of the call it serves. */
  call: Call
  /** Pointer to an array in the reply. Default: the reply itself is the one item. */
  list?: string
  /** Which item. Default: the first. */
  where?: Where
  /** Values to take from the item. Where one is missing, the read has failed and is tried again. */
  captures?: Captures
  /**
   * How to read on: at most 20 pages in a look-up, 100 in `tracker.read`, and more is an error. A page after the first waits for
   * room in its limit, up to 60 s and within the lease. Default: one page is the whole list.
   */
  next?: Next
  /** How long, in ms, this read may serve other attempts of the same process. Default 0: never. */
  cacheMs?: number
  /** Noun for the items, for the reason when nothing is found, as in `status`. Default `item`. */
  noun?: string
  /** Pointer, in each item, to the choices that reason lists, as in `/name`. Default: that of `where`. */
  offer?: string
  /** In `before`: finding nothing means that a person deleted the card, and stops the lane. */
  gone?: true
  /**
   * In a check or probe: statuses by which the service refuses the request, as an empty one, and which show that it understood
   * it. Default: none.
   */
  accepts?: readonly number[]
  /**
   * In `before`: the values of its captures where there is nothing to choose from, because the list is empty, refused or not
   * in the answer. Default: the call is not sent.
   */
  otherwise?: Readonly<Record<string, Json>>
}>

/**
 * How to find out whether a doubtful call was applied. `by: 'id'`: the item carries an id we made; `by: 'mark'`: it
 * carries our key. `captures` name exactly what the draft captures. `afterMs` (default 60 s) is how long after the
 * doubtful attempt's end "nothing found" is final; until then it is looked for again every `againMs` (default: once,
 * at the end). `first: true` looks before the first attempt as well.
 */
export type Reconcile<N extends string = string> = Omit<
  Lookup,
  'captures' | 'cacheMs' | 'gone' | 'accepts' | 'otherwise'
> &
  Readonly<
    {
      /** `id`: an id we made, which the reply to the call must carry too. `mark`: our key. */
      by: 'id' | 'mark'
      /** When "nothing found" is final, ms after the attempt's end. Default: `afterMs` of the policy, 60 s. */
      afterMs?: number
      /** Time between look-ups until then, ms, at least 1,000. Default: one look-up at the end. */
      againMs?: number
      /** Looks before the first attempt as well; found means delivered, and nothing is sent. */
      first?: true
    } & ([N] extends [never]
      ? {
          /** A draft that captures nothing has a look-up that captures nothing. */
          captures?: never
        }
      : {
          /** Pointers into the found item, for exactly the names the draft captures. */
          captures: Captures<N>
        })
  >

/**
 * A newer delivery of the same lane and name takes the place of a waiting one. `place` chooses which place that may be.
 * `everyMs`: due that long after the lane's last delivery of the name (default 0; cards use 5,000). `keep`: each waiting
 * one is sent, only retry is guarded.
 */
export type Coalesce = Readonly<{
  /** Which deliveries of a lane stand for each other, as in `card`. */
  name: string
  /** Due that long after the lane's last delivery of the name, ms; `drain` and `close` do not wait. Default 0. */
  everyMs?: number
  /**
   * `first` (default, for card edits): the newest takes the earliest free place of its name. `after` (for workflow states):
   * it takes the place of an earlier one only when that is the last delivery of the lane that is not settled; otherwise it
   * goes to the end and both are sent, so that no state overtakes what was planned before it.
   */
  place?: 'first' | 'after'
  /** Each waiting one is sent; only one that a newer overtook is not retried. */
  keep?: true
}>

/**
 * Replaces a call whose block people removed: one comment, made once and then edited. Each attempt looks
 * for it first, and a creation in doubt is sent again only after `afterMs` of the policy, so that it is not doubled.
 */
export type Instead = Readonly<{
  /** Finds the comment by an id or mark of the session, never of one event. Its captures fill `edit`. */
  find: Lookup
  /** Sent where the comment was found. */
  edit: Call
  /** Sent where the whole list has none. */
  create: Call
}>

/** Where another card of a session is. */
export type Link = Readonly<{
  /** Name, in the tracker, of the adapter whose card it is. */
  adapter: string
  /** Its name for people, as in `BIL-212`: text from outside, which each adapter escapes. */
  name: string
  /** Its https address. */
  url: string
}>

/** The effect of sending a call a second time. */
export type Repeat<N extends string = string> = 'safe' | 'unsafe' | Reconcile<N>

/** A call as an action builds it: it waits only for its key. */
export type Draft<N extends string = string> = Call &
  Readonly<{
    /**
     * Reads for this attempt alone, in order; what they capture fills placeholders. One that finds nothing ends in
     * `dead`.
     */
    before?: readonly Lookup[]
    /** Sent instead where people removed the block that the call replaces. Default: the edit counts as delivered. */
    instead?: Instead
    /** Why its guarantee depends on behaviour that was never observed. */
    asterisk?: string
    /**
     * The lane stops at it while it is planned or dead, as everything behind it needs what it makes: the creation of the
     * card. Default: the lane goes on, and only what needs one of its captures waits for it.
     */
    holds?: true
    /** The session's other cards that it shows. Default: none. */
    links?: readonly Link[]
    /** An `unsafe` call in doubt is sent again (by the adapter's option `onDoubt`); without it, it waits for a person. */
    onDoubt?: 'repeat'
  }> &
  (
    | ([N] extends [never]
        ? never
        : Readonly<{
            /** The effect of sending it a second time. */
            repeat: Repeat<N>
            /** Values of the reply that later calls of the lane need. One that is missing makes it `unknown`. */
            captures: Captures<N>
            coalesce?: never
          }>)
    | Readonly<{
        repeat: Repeat<never>
        captures?: never
        /** Only a call without captures may give way to a newer one. */
        coalesce: Coalesce
      }>
    | Readonly<{ repeat: Repeat<never>; captures?: never; coalesce?: never }>
  )

/** A draft with its key and the name of its action: the value that is previewed, stored and sent. */
export type Descriptor = Readonly<{
  /** Idempotency key: the same for the same event, adapter and place. */
  key: string
  /** Name of the adapter's action that built it. */
  action: string
  /**
   * The trace of the call that planned it, where a subscriber of the diagnostics channels named one, as `@sessionwire/otel`
   * does: its attempts link to it. It is never sent to the service, and two descriptors that differ in it are alike.
   */
  traceparent?: string
}> &
  Draft
