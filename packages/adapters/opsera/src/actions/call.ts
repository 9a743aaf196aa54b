import {
  type Captures,
  type HttpCall,
  type Json,
  type Lookup,
  type Method,
  omitUndefined,
  type Ref,
  uuidFrom,
} from '@sessionwire/core/adapter'
import type { OpseraConfig, Paths } from '../config.ts'

/** Fields by name; those that are `undefined` are not there. */
export type Fields = Readonly<Record<string, Json | undefined>>

/** A path with its project filled in; without one, what would ask for one is left out. */
const fillPath = (path: string, project: string | Ref | undefined): string => {
  if (project === undefined) return path.replace(/\?.*$/, '')
  const place = typeof project === 'string' ? encodeURIComponent(project) : `{${project.$ref}}`
  return path.replaceAll('{projectId}', place)
}

/** The organization's id by its name, where the configuration puts it there. */
const organization = (
  { org }: OpseraConfig,
  into: 'header' | 'query' | 'field',
): Readonly<Record<string, string>> | undefined => {
  const name = (org?.place as Readonly<Partial<Record<typeof into, string>>> | undefined)?.[into]
  return org === undefined || name === undefined ? undefined : { [name]: org.id }
}

/** The parts of a call. `project` fills `{projectId}` of its path: an id, or what the lane captured. */
export type Parts = Readonly<{ query?: Fields; payload?: Fields; project?: string | Ref }>

/** A call of the API, by the name of its path, with the organization where the configuration puts it. */
export const call = (
  config: OpseraConfig,
  method: Method,
  path: keyof Paths,
  { query, payload, project }: Parts = {},
): HttpCall => {
  const { baseUrl, auth, secrets, paths } = config
  const headers = organization(config, 'header')
  const asked = omitUndefined({ ...query, ...organization(config, 'query') })
  return {
    kind: 'http',
    method,
    endpoint: `${baseUrl}${fillPath(paths[path], project)}`,
    auth: {
      header: 'Authorization',
      ...(auth === 'bearer' ? { prefix: 'Bearer ' } : {}),
      secret: secrets.OPSERA_API_KEY,
    },
    limit: 'requests',
    ...(headers === undefined ? {} : { headers }),
    ...(Object.keys(asked).length === 0 ? {} : { query: asked }),
    ...(payload === undefined
      ? {}
      : { payload: omitUndefined({ ...payload, ...organization(config, 'field') }) }),
  }
}

/** Names what is made, so that several of a lane stand side by side. */
export const linkName = (what: string, key: string): string => `${what}-${uuidFrom(key).slice(0, 8)}`

// ── projects

/** Why no guarantee about projects is more than an assumption. */
export const CREATE_UNSEEN =
  'Opsera documents neither its answer to a new projectId nor to one it knows; each is looked for in the list of projects first.'
export const UPDATE_UNSEEN =
  "Opsera documents neither the path of a project's update nor whether it replaces or merges; what we own is sent whole."

/** The body of a project: its id at the top, its details where this Opsera has them. */
export const projectBody = ({ nestIn }: OpseraConfig, projectId: string, details: Fields): Fields =>
  nestIn === undefined ? { projectId, ...details } : { projectId, [nestIn]: omitUndefined(details) }

/** The list of all projects, or of those that the configured path asks for. */
export const projectList = (config: OpseraConfig, project?: string | Ref) => ({
  call: call(config, 'GET', 'projects', project === undefined ? {} : { project }),
  list: config.pointers.projects,
  ...(config.skipParameter === undefined
    ? {}
    : {
        next: {
          cursor: config.pointers.count,
          into: `/query/${config.skipParameter}`,
          counted: true as const,
        },
      }),
})

/** One project in that list, by its id. */
export const oneProject = <const C extends Captures>(config: OpseraConfig, project: string, captures: C) => ({
  ...projectList(config, project),
  where: { pointer: config.pointers.projectId, equals: project },
  captures,
})

/** The value of `assets` in a body, and the read that keeps what others wrote there. */
export type Assets = Readonly<{ assets?: Json; before: readonly Lookup[] }>

const isNested = (value: Json): value is Readonly<Record<string, Json>> | readonly Json[] =>
  value !== null && typeof value === 'object' && !('$ref' in value)

/**
 * Reads a project before it is written whole, and joins its assets with ours: `deep` is joined at every level, lists by
 * adding what they do not hold yet; `own` takes the place of fields of the same names. `more` is captured as well.
 */
export const joinAssets = (
  config: OpseraConfig,
  project: string,
  deep: Readonly<Record<string, Json>> | readonly Json[],
  { own = {}, more = {} }: Readonly<{ own?: Readonly<Record<string, Json>>; more?: Captures }> = {},
): Assets => {
  if (config.assets === 'off') return { before: [] }
  const captures: Record<string, Captures[string]> = { ...more }
  const join = (
    ours: Readonly<Record<string, Json>> | readonly Json[],
    pointer: string,
    name: string,
  ): Json => {
    captures[name] = { pick: pointer, otherwise: Array.isArray(ours) ? [] : {} }
    if (Array.isArray(ours)) return { $ref: name, with: ours }
    const fields = Object.entries(ours).map(([key, inner], place) => {
      const below = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      return [key, isNested(inner) ? join(inner, below, `${name}-${place}`) : inner]
    })
    return {
      $ref: name,
      with: { ...Object.fromEntries(fields), ...(pointer === config.pointers.assets ? own : {}) },
    }
  }
  const assets = join(
    config.assets === 'list' && !Array.isArray(deep) ? [] : deep,
    config.pointers.assets,
    'assets',
  )
  const before = [
    { ...oneProject(config, project, captures), noun: 'project', offer: config.pointers.projectId },
  ]
  return { assets, before }
}
