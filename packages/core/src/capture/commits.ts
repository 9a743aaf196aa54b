/** A commit, as git reports it. */
export type Commit = Readonly<{
  /** Its hash, as short as git printed it. */
  hash: string
  /** The first line of its message. */
  subject: string
}>

/** Gemini CLI puts a word in front of what a command printed. */
const COMMITTED = /^(?:Output: )?\[[^\]\n]{1,200} ([0-9a-f]{7,40})\] (.{1,500})$/gm

/** Whether a line of a command calls git for a commit. Each line is looked at once, however often it names git. */
const isCommitting = (command: string): boolean =>
  command.split('\n').some(line => {
    const place = line.search(/\bgit\b/)
    return place >= 0 && /\b(?:commit|cherry-pick|revert|merge)\b/.test(line.slice(place + 3))
  })

/** The commits that a command made, by what git printed. */
export const listCommits = (command: string, output: string): readonly Commit[] =>
  isCommitting(command)
    ? [...output.matchAll(COMMITTED)].map(([, hash = '', subject = '']) => ({
        hash,
        subject: subject.trim(),
      }))
    : []
