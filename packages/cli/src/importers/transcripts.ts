import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type ImportedTranscripts, type ImportPlace, importTranscripts, rootOf } from '@sessionwire/hosts'
import type { Io } from '../io.ts'
import { createOpener, type Opened } from '../workspace/open.ts'

/** How transcripts are imported. */
type Choice = Readonly<{ since: Date; all: boolean; again: boolean }>

/** Imports go with their store: another one begins without any. */
const toPlace = ({ data, store, forIngest }: Opened): ImportPlace => ({
  ...forIngest,
  memory: join(data, 'imported', `${createHash('sha256').update(store).digest('hex').slice(0, 32)}.json`),
})

/**
 * Imports the transcripts that a host keeps of this workspace; with `all` those of all folders, each into the store that its
 * folder uses.
 */
export const importHost = async (
  opened: Opened,
  host: 'claude' | 'codex',
  { since, all, again }: Choice,
  { env }: Io,
  note: (text: string) => void,
): Promise<ImportedTranscripts> => {
  const others = createOpener({ env, note })
  try {
    const imported = await importTranscripts({
      host,
      data: opened.data,
      since: since.getTime(),
      again,
      env,
      open: async folder => {
        if (rootOf(folder) === opened.root) return toPlace(opened)
        const other = all ? await others.open(folder) : undefined
        return other === undefined ? undefined : toPlace(other)
      },
    })
    if (imported.events > 0) await opened.refreshRecall()
    return imported
  } finally {
    await others.close()
  }
}
