/**
 * Where an argument of a tool comes from: `from` points into the descriptor of the adapter, `config` into the adapter's
 * configuration, `path` is an expression whose group is taken from the address (a placeholder stays one). `adf`: a document
 * of Atlassian becomes Markdown. Anything else stands for itself.
 */
export type Source =
  | Readonly<{ from: string; adf?: true }>
  | Readonly<{ config: string; host?: true }>
  | Readonly<{ path: string }>
  | string
  | readonly Source[]
  | Readonly<{ each: Readonly<Record<string, Source>> }>

/** Where a value stands in the answer of a tool: a JSON Pointer, or an expression whose group is found in its text. */
export type Place = string | Readonly<{ pattern: string }>

/** A tool of a vendor's server that does what an action of an adapter does. */
export type VendorTool = Readonly<{
  /** Its name, without what a client puts before it. */
  tool: string
  /** Its arguments; one whose source leads nowhere is left out. */
  args: Readonly<Record<string, Source>>
  /** Points at an object of the descriptor whose fields are arguments too. Absent: there are none but `args`. */
  body?: string
  /** The argument whose value we chose, by which what the call makes is found; our mark stands in no text then. */
  id?: string
  /** The argument with the text that our mark stands in, so that a call whose answer was lost can be found. */
  text?: string
  /** The argument that replaces a whole text in which people write too. */
  whole?: string
  /** The argument with an object in which others write too: the call may replace it, and all else that it does not name. */
  joins?: string
  /** A second call with the same arguments changes nothing more. Default: it may double. */
  isSafe?: true
  /** Why it was never seen. Absent: the vendor publishes names and arguments. */
  unverified?: string
}>

/** A vendor's server and what it can do for an adapter. */
export type Vendor = Readonly<{
  /** The address of the server, for people. */
  server: string
  /** When its tools were last looked at. */
  version: string
  /** The names by which the tools of an action are known, the newest first. Requests of an action that is missing are not planned. */
  actions: Readonly<Record<string, readonly VendorTool[]>>
  /** Values of an answer that later calls need, by the names that the adapter captures. */
  answer: Readonly<Record<string, readonly Place[]>>
  /** Those of `answer` that only lead people to the card: an answer without them will do. Default: none. */
  optional?: readonly string[]
}>
