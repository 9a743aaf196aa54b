import type { Session, SessionSummary, Tracker } from '@sessionwire/core'

/** The work of a captured session, for views on this machine alone: nothing of it is stored, planned or exported. */
export type Told = Readonly<{
  /** The first words of its person. */
  began?: string
  /** Open items of its to-do list. */
  next: readonly string[]
}>

const MESSAGES = 200

/** The hook names a session by its branch, else by folder and date, which says nothing of the work. */
const isNamedByHook = ({ goal, title, metadata }: SessionSummary): boolean =>
  metadata.hostSession !== undefined &&
  metadata.hostAgent === undefined &&
  (goal === undefined || goal === title) &&
  (title === metadata.branch || /, \d{4}-\d\d-\d\d$/.test(title))

const itemsOf = (content: string): readonly string[] => {
  try {
    const items: unknown = JSON.parse(content)
    return Array.isArray(items) ? items.filter(item => typeof item === 'string') : []
  } catch {
    return []
  }
}

/**
 * Reads the messages of a session for what they tell of it. Prompts stay on this machine, so their words are shown to the person whose session
 * it is, on a terminal, and to no other: the title that is stored and sent stays as it is.
 */
export const tell = async (
  tracker: Pick<Tracker, 'messages'>,
  session: SessionSummary,
  user: string,
): Promise<Told> => {
  if (session.user !== user || !isNamedByHook(session)) return { next: [] }
  const said = await tracker.messages({ sessionId: session.id, role: 'user', limit: MESSAGES })
  const lists = await tracker.messages({ sessionId: session.id, role: 'tool', limit: 1 })
  const began = said.messages.findLast(({ content }) => content.trim() !== '')?.content.trim()
  const list = lists.messages.find(({ name }) => name === 'to-do')
  return { ...(began === undefined ? {} : { began }), next: list === undefined ? [] : itemsOf(list.content) }
}

/** Names of files that a session wrote, in their order. */
export const listFiles = ({ entities }: Pick<Session, 'entities'>): readonly string[] =>
  entities.filter(({ type }) => type === 'file').map(({ name, path }) => path ?? name)

const FEW = 3

/** `3 files: a.ts, b.ts, c.ts`; with more of them, how many. */
export const sayFiles = (names: readonly string[]): readonly string[] => {
  if (names.length === 0) return []
  const more = names.length - FEW
  return [
    `${names.length} ${names.length === 1 ? 'file' : 'files'}: ${names.slice(0, FEW).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  ]
}

/** Whether anything gave a session a progress: without one, 0 % says that nothing was done. */
export const hasProgress = ({ progress, startProgress, updates }: Session): boolean =>
  progress !== 0 || startProgress !== 0 || updates.some(each => each.progress !== undefined)
