import type { Json } from '../session/schema.ts'

/** HTTP methods a call may use. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** How a call authenticates: by names of secrets, never by their values. */
export type Auth =
  | Readonly<{
      /** The header that carries it, as in `Authorization`. */
      header: string
      /** Precedes the value, with its space, as in `Bearer `. Default: nothing. */
      prefix?: string
      /** Name of the secret that is the value. */
      secret: string
    }>
  | Readonly<{
      /** Names of the secrets with user and password, sent as RFC 7617 says. */
      basic: readonly [user: string, password: string]
    }>
  | Readonly<{
      /** A name the adapter's own transport knows: it logs in and keeps the token. Plain HTTP refuses it. */
      login: string
    }>
  | Readonly<{
      /** Name of one of the adapter's `signers`: it signs method, address, headers and the exact bytes of the body. */
      sign: string
      /** Name of the secret it signs with. */
      secret: string
      /** Names of further secrets the signer needs, by the signer's own words for them. Default: none. */
      also?: Readonly<Record<string, string>>
      /** Further values that the signer needs, as in `{ region: 'eu-west-1' }`. Default: nothing. */
      with?: Readonly<Record<string, Json>>
    }>

/** Options of sending that every call has. `limit` names the rate limit of the adapter it draws on. */
export type Sent = Readonly<{
  /** Default: no credential. */
  auth?: Auth
  /** A name of the adapter's `limits.rates`, as in `history` or `post:C012`. Default: none holds it back. */
  limit?: string
}>

/**
 * An HTTP request. `endpoint` is a whole address whose path and query may hold `{name}`; a webhook whose address is
 * itself the credential is `{ $secret: name }`. `query` is an object; its values and those of `payload` may be placeholders:
 * `{ $ref: name }` (a capture of the lane or a `before` read, joined `with` more), `{ $attempt: 'firstAt' }` and
 * `{ $secret: name }`.
 */
export type HttpCall = Sent &
  Readonly<{
    /** Distinguishes it from a custom call. */
    kind: 'http'
    /** As sent; a redirect is never followed. */
    method: Method
    /** `https`, or `http` on this machine; `{name}` is filled percent-encoded, never in scheme or host. */
    endpoint:
      | string
      | Readonly<{
          /** Name of the secret that is the whole address. */
          $secret: string
        }>
    /** An object, added to the query of the address; objects and arrays in it become JSON strings. */
    query?: Json
    /** In addition to those that `auth` and the body make. Values may be placeholders. */
    headers?: Readonly<Record<string, string>>
    /** The body: with `form` an object, with `ndjson` an array of lines, with `raw` a string. Default: none. */
    payload?: Json
    /**
     * Default `json`. `form`: as in `query`, objects and arrays become JSON strings and `null` is left out. `ndjson`: each
     * item as JSON on a line of its own. `raw`: the text as it is; its type is a header of the call, default `text/plain`.
     */
    encoding?: Encoding
  }>

/** How a payload is written. */
export type Encoding = 'json' | 'form' | 'ndjson' | 'raw'

/**
 * A call that only the adapter's own transport can send: a statement of a database, a file, a tool of an MCP server.
 * `payload` may hold placeholders, as in HTTP calls.
 */
export type CustomCall = Sent &
  Readonly<{
    /** Distinguishes it from an HTTP call. */
    kind: 'custom'
    /** The name by which the adapter's transport and its renderer know it, as in `bolt`, `file` or `mcp`. */
    target: string
    /**
     * Address it goes to, as in `bolt://localhost:7687`: no user, no query, no braces. A call with a secret needs it: its
     * origin must be one of the adapter's `origins`. Default: the call goes to no address.
     */
    endpoint?: string
    /** Everything the transport needs to send it, in its own words. */
    payload: Json
  }>

/** A request as plain JSON, without credentials. */
export type Call = HttpCall | CustomCall

/**
 * A placeholder filled from the captures of the lane or from a `before` read. `with` joins the value that was read: items that a list
 * does not hold yet are added to its end, fields of an object replace or join its own. So services whose lists and maps
 * can only be written whole are written without losing the items of others. `between` and `put` replace a block of ours in
 * a text or array that people edit too: the characters, or the items, from the first mark to the second one.
 */
export type Ref = Readonly<{
  /** Name of a capture, of a ref given to `start`, or of a `before` read, without the adapter's name. */
  $ref: string
  /**
   * Joined to the value: a list to a list, an object to an object. Anything else is not sent. It may hold captures in turn,
   * to join a list inside an object.
   */
  with?: readonly Json[] | Readonly<Record<string, Json>>
  /**
   * Marks that stand in the first and the last item (or at both ends) of the block. Where one is missing, people removed the
   * block: `instead` of the draft is sent, or nothing. An empty text or array takes the block.
   */
  between?: readonly [open: string, close: string]
  /** The new block with its marks: a string for a text, items for an array. */
  put?: string | readonly Json[]
}>

/**
 * A placeholder filled with the time of the first attempt, less `backMs` (default 0): `iso` text (default), or a string of
 * epoch `seconds` with six decimals, or a number of epoch `milliseconds`.
 */
export type AttemptTime = Readonly<{
  /** The only time there is: when the first attempt was claimed. */
  $attempt: 'firstAt'
  /** Default `iso`. */
  as?: 'iso' | 'seconds' | 'milliseconds'
  /** How much earlier, ms; never before 1970. Default 0. */
  backMs?: number
}>

/** A placeholder of a query or payload filled with a secret's value while the request is written, and shown by its name. */
export type SecretRef = Readonly<{
  /** Name of the secret. */
  $secret: string
}>
