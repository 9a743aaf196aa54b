import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** The data folder of a workspace whose files are not used. */
export const privateFolder = (data: string, root: string): string =>
  join(data, createHash('sha256').update(root).digest('hex').slice(0, 32))
