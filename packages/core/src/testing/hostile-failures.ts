import type { ServerResponse } from 'node:http'
import type { Json } from '../session/schema.ts'

/** An answer of a hostile service. `body` is sent as JSON; `text` as it is, by default as `text/plain`. */
export type Answer = Readonly<{
  /** HTTP status. */
  status: number
  /** Over those that body and length make. */
  headers?: Readonly<Record<string, string>>
  /** Sent as JSON; not together with `text`. */
  body?: Json
  /** Sent as it is. Default: nothing. */
  text?: string
}>

/** A request, decoded. Header names are lower case. */
export type Received = Readonly<{
  /** Counts from 1. */
  n: number
  /** As it came: `GET`, `POST`, … */
  method: string
  /** Path and query as they came. */
  url: string
  /** The path, still percent-encoded. */
  path: string
  /** Decoded; of a name given twice, the last value. */
  query: Readonly<Record<string, string>>
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  /** `broken`: declared as JSON, and not JSON. */
  encoding: 'none' | 'json' | 'form' | 'text' | 'broken'
  /** Parsed JSON, the fields of a form, the text of anything else, or null. */
  body: Json
  /** The body as text, before it is decoded. */
  raw: string
}>

/**
 * A failure of a hostile service. Nothing waits by the clock. `applied`: whether the request
 * takes effect.
 */
export type Failure =
  /** The connection is destroyed before the body is read. */
  | Readonly<{ kind: 'refuse' }>
  /** The connection is reset, before or after the request was applied. */
  | Readonly<{ kind: 'reset'; applied: boolean }>
  /** No answer until `letGo()`: then the answer if it was applied, else a reset. */
  | Readonly<{ kind: 'hang'; applied: boolean }>
  /** Not even applied until `letGo()`, and then only if the client still waits. */
  | Readonly<{ kind: 'stall' }>
  /** Applied; half of the answer comes at once, the rest after `letGo()`. */
  | Readonly<{ kind: 'slow' }>
  /** Applied; the answer breaks off in the middle. */
  | Readonly<{ kind: 'cut' }>
  /** No answer (a reset, or with `hang` silence), and applied at `applyLate()` or after `after` further requests. */
  | Readonly<{
      kind: 'late'
      /** So many further requests later. Default: not before `applyLate()`. */
      after?: number
      /** True: silence until `letGo()`, then a reset. Default: a reset at once. */
      hang?: true
    }>
  /** Not applied: the service's 429, with or without a time to wait. */
  | Readonly<{
      kind: 'throttle'
      /** Value of `Retry-After`, in seconds. Default: no such header. */
      waitSeconds?: number
    }>
  /** The service's own 500. */
  | Readonly<{
      kind: 'error'
      applied: boolean
      /** Default: the service's own, else 500. */
      status?: number
    }>
  /** A success by its status with an error inside. */
  | Readonly<{
      kind: 'inside'
      applied: boolean
      /** The error's name. Default: the service's own, else `internal_error`. */
      word?: string
    }>
  /** A success by its status with text that is no JSON. */
  | Readonly<{ kind: 'nonsense'; applied: boolean }>
  /** A proxy's page; default 502. */
  | Readonly<{
      kind: 'html'
      applied: boolean
      /** Default 502. */
      status?: number
    }>
  /** Applied or not, and answered with what an earlier request got. */
  | Readonly<{ kind: 'other'; applied: boolean }>
  /** Not applied; default 302 to `/elsewhere` of this server. */
  | Readonly<{
      kind: 'redirect'
      /** Address it leads to. Default `/elsewhere`. */
      to?: string
      /** Default 302. */
      status?: number
    }>
  /** Whatever a test wants to say. */
  | Readonly<{
      kind: 'answer'
      applied: boolean
      /** Sent as it is. */
      answer: Answer
    }>

/** The service's own words for failures that have some; what is left out is answered in plain HTTP. */
export type Voice = Readonly<{
  /** Its 429. */
  tooManyRequests?: (request: Received, waitSeconds: number | undefined) => Answer
  /** Its 500. */
  broken?: (request: Received) => Answer
  /** Its error under a status of success; `word` is the one a test asks for. */
  inside?: (request: Received, word: string | undefined) => Answer
}>

/** Tools of a failure. */
export type Scene = Readonly<{
  /** The request. */
  request: Received
  /** Where the answer goes. */
  response: ServerResponse
  /** The service's own words. */
  voice: Voice
  /** Applies the request and gives the answer it deserves. */
  apply: () => Answer
  /** Sends an answer, unless the client is gone. */
  send: (answer: Answer) => void
  /** An answer that an earlier request got. */
  earlier: () => Answer
  /** Runs at `letGo()`. */
  hold: (release: () => void) => void
  /** Runs at `applyLate()`, or after so many further requests. */
  postpone: (apply: () => void, after: number | undefined) => void
}>

const HTML = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>proxy</body></html>'

const instead = (scene: Scene, applied: boolean, answer: Answer): void => {
  if (applied) scene.apply()
  scene.send(answer)
}

/** The bytes of an answer and the headers they need. */
export const encode = (answer: Answer): Readonly<{ headers: Record<string, string>; bytes: Uint8Array }> => {
  const json = answer.text === undefined && answer.body !== undefined
  const bytes = new TextEncoder().encode(json ? JSON.stringify(answer.body) : (answer.text ?? ''))
  return {
    headers: {
      'content-type': json ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
      ...answer.headers,
      'content-length': String(bytes.length),
    },
    bytes,
  }
}

/** Sends the first half and gives the function that sends the rest. */
const half = ({ response }: Scene, answer: Answer): (() => void) => {
  const { headers, bytes } = encode(answer)
  const middle = Math.floor(bytes.length / 2)
  response.writeHead(answer.status, headers)
  response.write(bytes.subarray(0, middle))
  return () => void response.end(bytes.subarray(middle))
}

/** How each failure happens. */
export const FAILURES: {
  readonly [K in Failure['kind']]: (failure: Extract<Failure, { kind: K }>, scene: Scene) => void
} = {
  refuse: (_, { response }) => void response.destroy(),
  reset: ({ applied }, { apply, response }) => {
    if (applied) apply()
    response.destroy()
  },
  hang: ({ applied }, { apply, send, hold, response }) => {
    const answer = applied ? apply() : undefined
    hold(() => (answer === undefined ? void response.destroy() : send(answer)))
  },
  stall: (_, { apply, send, hold, response }) =>
    hold(() => {
      if (!response.destroyed) send(apply())
    }),
  slow: (_, scene) => scene.hold(half(scene, scene.apply())),
  cut: (_, scene) => {
    half(scene, scene.apply())
    // The half must be on its way before the connection goes, or the client sees a plain reset.
    setImmediate(() => scene.response.destroy())
  },
  late: ({ after, hang }, { apply, postpone, hold, response }) => {
    postpone(apply, after)
    if (hang) hold(() => void response.destroy())
    else response.destroy()
  },
  throttle: ({ waitSeconds }, { request, voice, send }) =>
    send(
      voice.tooManyRequests?.(request, waitSeconds) ?? {
        status: 429,
        text: 'Too Many Requests',
        headers: waitSeconds === undefined ? {} : { 'retry-after': String(waitSeconds) },
      },
    ),
  error: ({ applied, status }, scene) => {
    const own = scene.voice.broken?.(scene.request) ?? { status: 500, text: 'Internal Server Error' }
    instead(scene, applied, status === undefined ? own : { ...own, status })
  },
  inside: ({ applied, word }, scene) =>
    instead(
      scene,
      applied,
      scene.voice.inside?.(scene.request, word) ?? { status: 200, body: { error: word ?? 'internal_error' } },
    ),
  nonsense: ({ applied }, scene) =>
    instead(scene, applied, {
      status: 200,
      text: '{"half":',
      headers: { 'content-type': 'application/json' },
    }),
  html: ({ applied, status = 502 }, scene) =>
    instead(scene, applied, { status, text: HTML, headers: { 'content-type': 'text/html' } }),
  other: ({ applied }, scene) => {
    const earlier = scene.earlier()
    instead(scene, applied, earlier)
  },
  redirect: ({ to = '/elsewhere', status = 302 }, { send }) =>
    send({ status, headers: { location: to }, text: '' }),
  answer: ({ applied, answer }, scene) => instead(scene, applied, answer),
}
