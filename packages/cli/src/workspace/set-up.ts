import { statSync } from 'node:fs'
import type { Config } from './config.ts'
import type { Origin } from './layers.ts'
import { findSetUpTimes } from './trust.ts'

/** Names of the adapters that a configuration sets up. */
export const namesOf = ({ adapters = {} }: Config): readonly string[] =>
  Object.entries(adapters).flatMap(([name, { enabled = true }]) => (enabled ? [name] : []))

/** When a file came to be as it is. Nothing sets this time back: a copy or an edit makes it later. */
const readChangeTime = (path: string): number => statSync(path).ctimeMs

/**
 * When each adapter of a configuration was set up, epoch ms: when the person trusted a file of the project with it, or
 * changed a file of their own. One that only the environment sets up has no such time, because no person asked for it here.
 */
export const timesSetUp = (
  config: Config,
  origins: readonly Origin[],
  { data, isGiven }: Readonly<{ data: string; isGiven: boolean }>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    namesOf(config).map(name => {
      const own = origins.filter(({ path }) => path.split('.', 2).join('.') === `adapters.${name}`)
      const places = [...new Map(own.map(({ layer, where }) => [where, layer]))]
      const times = places.map(([where, layer]) =>
        layer === 'project' && !isGiven
          ? (findSetUpTimes(data, where)[name] ?? Number.POSITIVE_INFINITY)
          : readChangeTime(where),
      )
      // Of two files that say something of it, the later one counts.
      return [name, Math.max(...times)]
    }),
  )
