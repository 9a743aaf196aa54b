import type { Scope, Subject } from '../operations/operation.ts'

/** The answer to a request. */
export type Answer = Readonly<{
  /** Status of HTTP. */
  status: number
  /** Sent as JSON; a string is sent as plain text. */
  body: unknown
  /** Further headers. Default none. */
  headers?: Readonly<Record<string, string>>
}>

/** One request that was let in. */
export type Asked = Readonly<{
  /** Whose rights it is answered with. */
  subject: Subject
  /** Values of the path's placeholders, by name. */
  path: Readonly<Record<string, string>>
  /** The query. */
  query: URLSearchParams
  /** Headers by their names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  /** The body; empty where the method has none. */
  body: Readonly<Record<string, unknown>>
  /** Names the request in answers and in logs. */
  requestId: string
}>

/** How errors look: in the envelope of `/api`, or as `{ "error": "…" }`. */
export type Shape = 'envelope' | 'error'

/** One method of one path. */
export type Route = Readonly<{
  /** The method. */
  method: 'GET' | 'POST'
  /** Segments; `{name}` stands for one of any value. */
  path: string
  /** The right that is needed. `known`: any caller, and the route checks its rights; `open`: no credential is needed. */
  needs: Scope | 'known' | 'open'
  /** How its errors look. */
  shape: Shape
  /** Answers a request. An error that it throws becomes an answer too. */
  answer: (asked: Asked) => Promise<Answer> | Answer
}>

/** The result of looking for a path. */
export type Found =
  | Readonly<{ kind: 'route'; route: Route; path: Readonly<Record<string, string>> }>
  | Readonly<{ kind: 'method'; allow: readonly string[]; shape: Shape }>
  | Readonly<{ kind: 'none' }>

/**
 * Segments of a path; `undefined` for a path that another server could read differently: percent-encoding, empty and
 * dotted segments, backslashes. No path of ours has one.
 */
export const segmentsOf = (path: string): readonly string[] | undefined => {
  if (path === '/') return []
  if (!/^(?:\/[\w~:.-]+)+$/.test(path)) return undefined
  const segments = path.slice(1).split('/')
  return segments.some(each => /^\.+$/.test(each)) ? undefined : segments
}

type Compiled = Readonly<{ route: Route; segments: readonly string[] }>

const valuesOf = (
  { segments }: Compiled,
  given: readonly string[],
): Readonly<Record<string, string>> | undefined => {
  if (segments.length !== given.length) return undefined
  const values: Record<string, string> = {}
  for (const [at, segment] of segments.entries()) {
    const value = given[at] ?? ''
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    if (name !== undefined) values[name] = value
    else if (segment !== value) return undefined
  }
  return values
}

/** Makes the look-up of routes. */
export const createRouter = (
  routes: readonly Route[],
): ((method: string, segments: readonly string[]) => Found) => {
  const compiled = routes.map(
    (route): Compiled => ({ route, segments: route.path === '/' ? [] : route.path.slice(1).split('/') }),
  )
  return (method, given) => {
    const here = compiled.flatMap(each => {
      const path = valuesOf(each, given)
      return path === undefined ? [] : [{ route: each.route, path }]
    })
    const [first] = here
    if (first === undefined) return { kind: 'none' }
    const fits = here.find(({ route }) => route.method === method)
    if (fits !== undefined) return { kind: 'route', ...fits }
    return {
      kind: 'method',
      allow: [...new Set(here.map(each => each.route.method))],
      shape: first.route.shape,
    }
  }
}
