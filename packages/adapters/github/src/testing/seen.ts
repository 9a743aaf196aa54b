/** A comment as a test reads it. */
export type SeenComment = Readonly<{
  /** Its number. */
  id: number
  /** Its Markdown. */
  body: string
}>
/** An issue or pull request as a test reads it. */
export type SeenIssue = Readonly<{
  /** Its number. */
  number: number
  /** One line. */
  title: string
  /** Its Markdown. */
  body: string
  /** `open` or `closed`. */
  state: string
  /** Why it is closed. */
  stateReason: string | null
  /** Names. */
  labels: readonly string[]
  /** Logins. */
  assignees: readonly string[]
  /** Oldest first. */
  comments: readonly SeenComment[]
  /** Logins that were asked for a review. */
  reviewers: readonly string[]
}>
