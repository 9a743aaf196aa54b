import { lineOf } from '../hook/event.ts'
import type { Environment } from '../hook/host.ts'
import type { Line } from '../hook/line.ts'
import { createKeep } from '../hook/text.ts'
import type { Transcript } from './find.ts'
import { type Row, readRows } from './rows.ts'
import type { Told } from './told.ts'

/** The lines that the hooks of a session would have written. */
export type TranscriptLines = Readonly<{
  lines: readonly Line[]
  /** Rows that could not be read, or were too long. */
  unreadable: number
}>

/**
 * Lines of a transcript, as the hook keeps them: fields that are named, each string redacted and cut. Those of sub-agents
 * stand among those of the session by their times; within a file the order of the file holds.
 */
export const linesOfTranscript = (transcript: Transcript, env: Environment): TranscriptLines => {
  const { host, session, workspace, branch, sources } = transcript
  const keep = createKeep(env)
  let unreadable = 0
  function* readable(path: string): Generator<Row> {
    for (const row of readRows(path)) {
      if (row.value === undefined) unreadable++
      yield row
    }
  }
  const files = sources.map(({ path, teller }) => {
    let latest = 0
    const told: Told[] = []
    for (const each of teller()(readable(path))) {
      latest = Math.max(latest, each.at)
      told.push({ ...each, at: latest })
    }
    return told
  })
  const lines = files
    .flat()
    .sort((a, b) => a.at - b.at)
    .flatMap(({ at, id, payload, usage }, place) => {
      const around = { hint: host, event: undefined, env: {}, cwd: workspace, now: at, id, keep }
      const line = lineOf(payload, around)
      if (line === undefined || line.session !== session || line.host !== host) return []
      return [
        {
          ...line,
          workspace,
          ...(usage === undefined ? {} : { usage }),
          ...(place === 0 && branch !== undefined ? { branch: keep(branch, 256) } : {}),
        },
      ]
    })
  return { lines, unreadable }
}
