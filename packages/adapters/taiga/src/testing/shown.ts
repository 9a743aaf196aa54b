/** A story, task, issue or epic as it is stored. */
export type ShownItem = Readonly<{
  /** Unique in the whole server. */
  id: number
  /** The number people see, as in `#12`. */
  ref: number
  /** Grows with each change; an edit must name the one it saw. */
  version: number
  /** Its title. */
  subject: string
  /** As it was written, with markup. */
  description: string
  /** Slug of its status; empty for none. */
  status: string
  /** Whether it is shown as blocked. */
  isBlocked: boolean
  /** Why; empty when nothing was said. */
  blockedNote: string
  /** In lower case. */
  tags: readonly string[]
  /** Texts of those that were not deleted, in the order of the history. */
  comments: readonly string[]
}>
