import type { Config } from './config.ts'

/** Where a value comes from, the strongest first. */
export type LayerName = 'flag' | 'environment' | 'project' | 'user' | 'default'

/** Values of one place. */
export type Layer = Readonly<{
  name: LayerName
  /** The option, the variable or the file. */
  where: string
  values: Config
}>

/** One value, and where it comes from. */
export type Origin = Readonly<{
  /** Its path, as in `adapters.slack.channel`. */
  path: string
  /** This is the value that counts. */
  value: unknown
  /** This is the kind of place that gives the value. */
  layer: LayerName
  /** This is the option, the variable or the file that gives the value; it is empty for a default. */
  where: string
}>

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every value that is not an object, with its path; an empty object counts as a value. */
const leaves = (
  value: unknown,
  path: readonly string[] = [],
): readonly (readonly [readonly string[], unknown])[] => {
  if (value === undefined) return []
  if (!isPlain(value) || (path.length > 0 && Object.keys(value).length === 0)) return [[path, value]]
  return Object.entries(value).flatMap(([name, part]) => leaves(part, [...path, name]))
}

const put = (into: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [name = '', ...rest] = path
  if (rest.length === 0) {
    into[name] = value
    return
  }
  const below = into[name]
  const next = isPlain(below) ? (below as Record<string, unknown>) : {}
  into[name] = next
  put(next, rest, value)
}

/** Whether a stronger layer has decided about a path: by a value at it, above it or below it. */
const isDecided = (taken: ReadonlySet<string>, path: readonly string[]): boolean => {
  for (let length = 1; length <= path.length; length++)
    if (taken.has(JSON.stringify(path.slice(0, length)))) return true
  const head = JSON.stringify(path).slice(0, -1)
  return [...taken].some(each => each.startsWith(`${head},`))
}

/** Joins layers, the strongest first, value by value. */
export const mergeLayers = (
  layers: readonly Layer[],
): Readonly<{ config: Config; origins: readonly Origin[] }> => {
  const config: Record<string, unknown> = {}
  const origins: Origin[] = []
  const taken = new Set<string>()
  for (const { name, where, values } of layers) {
    const fitting = leaves(values).filter(
      ([path, value]) =>
        path[0] !== '$schema' && !isDecided(taken, path) && !(isPlain(value) && isDecided(taken, path)),
    )
    for (const [path, value] of fitting) {
      put(config, path, value)
      origins.push({ path: path.join('.'), value, layer: name, where })
    }
    for (const [path] of fitting) taken.add(JSON.stringify(path))
  }
  return { config: config as Config, origins: origins.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Variables and the value that each sets; the first one that is set counts. */
const VARIABLES: readonly (readonly [key: 'project' | 'user' | 'store', names: readonly string[]])[] = [
  ['project', ['SESSIONWIRE_PROJECT', 'MSP_PROJECT']],
  ['user', ['SESSIONWIRE_USER', 'MSP_USER_NAME', 'MSP_USER_EMAIL']],
  ['store', ['SESSIONWIRE_STORE', 'MSP_STATE_DIR']],
]

/** The layers of the environment, one for each variable. */
export const environmentLayers = (env: Environment): readonly Layer[] =>
  VARIABLES.flatMap(([key, names]) => {
    const name = names.find(each => (env[each] ?? '').trim() !== '')
    if (name === undefined) return []
    const value = (env[name] ?? '').trim()
    return [
      {
        name: 'environment' as const,
        where: name,
        values: { [key]: name === 'MSP_STATE_DIR' ? `${value.replace(/[\\/]+$/, '')}/sessions.db` : value },
      },
    ]
  })
