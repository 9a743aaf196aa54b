import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'

/** Processor time of the server and all its processes, ms. */
export const cpuOf = (admin: pg.Pool) => async (): Promise<number> => {
  const { rows } = await admin.query(`SELECT pg_backend_pid() AS pid`)
  const statOf = (pid: string): readonly string[] => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  }
  const parent = statOf(String(rows[0]?.pid))[1] ?? '0'
  let ticks = 0
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
    try {
      const stat = statOf(pid)
      if (pid === parent) ticks += [11, 12, 13, 14].reduce((sum, n) => sum + Number(stat[n]), 0)
      else if (stat[1] === parent) ticks += Number(stat[11]) + Number(stat[12])
    } catch {
      // It has ended.
    }
  return ticks * 10
}

/** How long each of so many calls took, one after the other, ms. */
export const timesOf = async (
  times: number,
  act: (n: number) => Promise<unknown>,
): Promise<readonly number[]> => {
  const all: number[] = []
  for (let n = 0; n < times; n++) {
    const began = performance.now()
    await act(n)
    all.push(performance.now() - began)
  }
  return all
}
