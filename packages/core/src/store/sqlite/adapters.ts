import type { Client } from './client.ts'
import type { Gate } from './gate.ts'

/** The numbers under which adapters are stored. They never change, so they are read once. */
export interface Adapters {
  /** The number of an adapter, if anything was ever stored for it. */
  readonly known: (name: string) => number | undefined
  readonly nameOf: (id: number) => string
  readonly names: () => readonly string[]
  /** Gives numbers to those that have none, in a transaction of its own: one that fails later must not take them back. */
  readonly ensure: (names: readonly string[]) => Promise<void>
}

/** Reads adapters through a connection. */
export const createAdapters = (client: Client, gate: Gate): Adapters => {
  const ids = new Map<string, number>()
  const names = new Map<number, string>()
  const load = (): void => {
    for (const { id, name } of client.all<{ id: number; name: string }>('SELECT id, name FROM adapters')) {
      ids.set(name, id)
      names.set(id, name)
    }
  }
  return {
    known: name => {
      if (!ids.has(name)) load()
      return ids.get(name)
    },
    nameOf: id => {
      if (!names.has(id)) load()
      return names.get(id) as string
    },
    names: () => {
      load()
      return [...ids.keys()].sort((a, b) => (a < b ? -1 : 1))
    },
    ensure: async wanted => {
      if (wanted.every(name => ids.has(name))) return
      await gate.write(() => {
        for (const name of wanted) client.run('INSERT OR IGNORE INTO adapters (name) VALUES (?)', name)
      })
      await gate.read(load)
    },
  }
}
