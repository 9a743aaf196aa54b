import type { CustomCall } from './call.ts'
import type { Slot } from './refs.ts'

/** Names, in a rendered text, of the placeholders and secrets of a call. */
export type Variables = Readonly<{
  /** Name of a placeholder's value; no two of a call are alike. */
  of: (slot: Slot) => string
  /** Name of a secret's value. */
  secret: (name: string) => string
}>

/** Writes the custom calls of one target as text. Pure. */
export type Renderer = Readonly<{
  /** Name of its format, as in `cypher`; `render` accepts it in addition to its own formats. */
  format: string
  /** The call in that format. No text of a payload may become anything but text. */
  write: (call: CustomCall, names: Variables) => string
  /** A line of comment in that format. */
  comment: (text: string) => string
  /** A variable as the format shows it. Default: `<name>`. */
  show?: (variable: string) => string
  /** Where a call goes, for the comments above it. Default: its target and endpoint. */
  about?: (call: CustomCall) => string
}>

/** Renderers by the `target` of the custom calls they write. */
export type Renderers = Readonly<Record<string, Renderer>>
