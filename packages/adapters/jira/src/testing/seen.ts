/** An issue as a test reads it. */
export type SeenIssue = Readonly<{
  /** The number Jira keeps it under, as text. */
  id: string
  /** As in `ENG-12`; another one after a move. */
  key: string
  /** Its name. */
  status: string
  /** Its title. */
  summary: string
  /** The text a reader sees; wiki text as it is. */
  description: string
  /** As they were set. */
  labels: readonly string[]
  /** Oldest first. */
  comments: readonly Readonly<{
    /** The number Jira keeps it under, as text. */
    id: string
    /** The text a reader sees; wiki text as it is. */
    text: string
    /** Hidden from the customer of a service request. */
    internal: boolean
  }>[]
  /** Oldest first. */
  worklogs: readonly Readonly<{
    /** As it was given. */
    started: string
    /** How long was worked. */
    seconds: number
  }>[]
  /** Remote links, as they were given. */
  links: readonly unknown[]
  /** Values by key. */
  properties: Readonly<Record<string, unknown>>
}>
