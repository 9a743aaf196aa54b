import { endOf, type Windows } from '../../delivery/windows.ts'
import type { Client } from './client.ts'

/** What was called of a limit lately, over all workers. */
export const readWindows = (client: Client, adapter: string, lim: string): Windows => {
  const row = client.get<{ windows: string }>(
    'SELECT windows FROM windows WHERE adapter = ? AND lim = ?',
    adapter,
    lim,
  )
  return row === undefined ? [] : (JSON.parse(row.windows) as Windows)
}

/** Writes the windows of a limit. A new one removes those that are over: a limit per object must not fill the table. */
export const writeWindows = (
  client: Client,
  adapter: string,
  lim: string,
  windows: Windows,
  now: number,
): void => {
  const text = JSON.stringify(windows)
  const known = client.run(
    'UPDATE windows SET windows = ?, ends = ? WHERE adapter = ? AND lim = ?',
    text,
    endOf(windows),
    adapter,
    lim,
  )
  if (known > 0) return
  client.run('DELETE FROM windows WHERE ends < ?', now)
  client.run(
    'INSERT INTO windows (adapter, lim, windows, ends) VALUES (?,?,?,?)',
    adapter,
    lim,
    text,
    endOf(windows),
  )
}
