import type { Json } from '../session/schema.ts'

/** HTTP methods a call may use. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** How a call proves who it is: by names of secrets, never by their values. */
export type Auth =
  | Readonly<{ header: string; prefix?: string; secret: string }>
  | Readonly<{ basic: readonly [user: string, password: string] }>
  | Readonly<{ login: string }>

/** What every call may say about its sending. `limit` names the rate limit of the adapter it draws on. */
export type Sent = Readonly<{ auth?: Auth; limit?: string }>

/**
 * An HTTP request. `endpoint` is a whole address whose path and query may hold `{name}`; a webhook whose address is
 * itself the credential is `{ $secret: name }`. `query` is an object; its values and those of `payload` may be holes:
 * `{ $ref: name }` (a capture of the lane or a `before` read, joined `with` more) and `{ $attempt: 'firstAt' }`.
 */
export type HttpCall = Sent &
  Readonly<{
    kind: 'http'
    method: Method
    endpoint: string | Readonly<{ $secret: string }>
    query?: Json
    headers?: Readonly<Record<string, string>>
    payload?: Json
    /** Default `json`. In a form, as in `query`, objects and arrays become JSON strings and `null` is left out. */
    encoding?: 'json' | 'form'
  }>

/**
 * A Cypher statement with its parameters; `parameters` may hold holes, `statement` never does. `access: 'read'`: the
 * server is told to refuse a statement that writes.
 */
export type CypherCall = Sent &
  Readonly<{
    kind: 'cypher'
    uri: string
    database: string
    statement: string
    parameters: Json
    access?: 'read'
  }>

/** A request as plain JSON, without credentials. */
export type Call = HttpCall | CypherCall

/**
 * A hole filled from the captures of the lane or from what `before` read. `with` joins what was read: items that a list
 * does not hold yet are added to its end, fields of an object replace or join its own. So services whose lists and maps
 * can only be written whole are written without losing what others put there.
 */
export type Ref = Readonly<{ $ref: string; with?: readonly Json[] | Readonly<Record<string, Json>> }>

/**
 * A hole filled with the time of the first attempt, less `backMs` (default 0): `iso` text (default), or a string of
 * epoch `seconds` with six decimals, or a number of epoch `milliseconds`.
 */
export type AttemptTime = Readonly<{
  $attempt: 'firstAt'
  as?: 'iso' | 'seconds' | 'milliseconds'
  backMs?: number
}>

/** Chooses one item of a list. `contains` searches the JSON text of the value at `pointer`. */
export type Where = Readonly<{ pointer: string } & ({ equals: Json } | { contains: string })>

/**
 * Where a value stands in a reply: a JSON Pointer, a pointer into the first item of a list that fits `where`, or a
 * pointer with what stands for a value that is not there, or is null.
 */
export type Capture =
  | string
  | Readonly<{ list: string; where: Where; pick: string }>
  | Readonly<{ pick: string; otherwise: Json }>

/** Values to keep, by name. */
export type Captures<N extends string = string> = Readonly<Record<N, Capture>>

/**
 * How to ask for the next page: the cursor's pointer in the reply, and where in the call it goes (`/query/cursor`).
 * `counted`: where a service counts items, `cursor` points at how many there are, and how many were read goes `into`.
 */
export type Next = Readonly<{ cursor: string; into: string; more?: string; counted?: true }>

/**
 * A read. `list` points at an array in the reply (absent: the reply itself is the one item), `where` chooses one of
 * its items, `captures` are pointers into that item (or, without `list`, into the reply).
 */
export type Lookup = Readonly<{
  call: Call
  list?: string
  where?: Where
  captures?: Captures
  next?: Next
  /** How long, in ms, this read may serve other attempts of the same process. Default 0: never. */
  cacheMs?: number
  /** Shown when nothing is found: what was sought (`status`), and the pointer, in each item, of the choices (`/name`). */
  noun?: string
  offer?: string
  /** In `before`: finding nothing means that a person deleted the card, and stops the lane. */
  gone?: true
}>

/**
 * How to find out whether a doubtful call was applied. `by: 'id'`: the item carries an id we made; `by: 'mark'`: it
 * carries our key. `captures` name exactly what the draft captures. `afterMs` (default 60 s) is how long after the
 * doubtful attempt's end "nothing found" is believed; until then it is looked for again every `againMs` (default: once,
 * at the end). `first: true` looks before the first attempt as well.
 */
export type Reconcile<N extends string = string> = Omit<Lookup, 'captures' | 'cacheMs' | 'gone'> &
  Readonly<
    { by: 'id' | 'mark'; afterMs?: number; againMs?: number; first?: true } & ([N] extends [never]
      ? { captures?: never }
      : { captures: Captures<N> })
  >

/**
 * A newer delivery of the same lane and name takes the place of a waiting one. `everyMs`: due that long after the
 * lane's last delivery of the name (default 0; cards use 5,000). `keep`: each waiting one is sent, only revival is
 * guarded.
 */
export type Coalesce = Readonly<{ name: string; everyMs?: number; keep?: true }>

/** What a call does when it is repeated. */
export type Repeat<N extends string = string> = 'safe' | 'unsafe' | Reconcile<N>

/** A call as an action builds it: it waits only for its key. */
export type Draft<N extends string = string> = Call &
  Readonly<{
    before?: readonly Lookup[]
    /** Why its guarantee rests on behaviour nobody has seen. */
    asterisk?: string
    /** An `unsafe` call in doubt is sent again (the adapter was told so); without it, it waits for a person. */
    onDoubt?: 'repeat'
  }> &
  (
    | ([N] extends [never] ? never : Readonly<{ repeat: Repeat<N>; captures: Captures<N>; coalesce?: never }>)
    | Readonly<{ repeat: Repeat<never>; captures?: never; coalesce: Coalesce }>
    | Readonly<{ repeat: Repeat<never>; captures?: never; coalesce?: never }>
  )

/** A draft with its key and the name of its action: the value that is previewed, stored and sent. */
export type Descriptor = Readonly<{ key: string; action: string }> & Draft

/** What a service makes of a repeated call; derived from the descriptor, never typed. */
export type Guarantee = 'native' | 'upsert' | 'reconcile' | 'at-most-once'

/** `safe` is `upsert`; a look-up `by: 'id'` is `native`, `by: 'mark'` is `reconcile`; `unsafe` is `at-most-once`. */
export const guarantee = (draft: Pick<Draft, 'repeat'>): Guarantee =>
  draft.repeat === 'safe'
    ? 'upsert'
    : draft.repeat === 'unsafe'
      ? 'at-most-once'
      : draft.repeat.by === 'id'
        ? 'native'
        : 'reconcile'
