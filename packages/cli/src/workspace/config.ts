import type { PolicyOptions } from './schema.ts'

/** Options of one adapter: those of the service, and where it comes from. */
export type AdapterSettings = Readonly<{
  /** A package, or a file of the workspace that begins with `./`. Default `@sessionwire/<name>`. */
  use?: string
  /** False: the adapter is left out. Default true. */
  enabled?: boolean
  /** Default of the adapter, mostly `execute`. */
  mode?: 'execute' | 'preview' | 'handoff'
  /** Options of the service, as its page lists them. */
  [option: string]: unknown
}>

/** Policy of the capture from agent hosts; see the page "Capture from agent hosts". */
export type CaptureSettings = Readonly<{
  files?: boolean
  todos?: boolean | 'steps'
  commits?: boolean
  turns?: boolean
  permissions?: boolean
  failures?: boolean
  subagents?: boolean
  messages?: 'off' | 'local'
  text?: 'off' | 'title' | 'summary'
  end?: 'left' | 'completed'
  idleMs?: number
}>

/** The notes that a host is given when a session starts. */
export type RecallSettings = Readonly<{
  inject?: boolean
  from?: 'me' | 'team'
  trust?: 'all' | 'person'
}>

/** The configuration of a workspace. @interface */
export type Config = Readonly<{
  /** Address of the JSON Schema, for editors. */
  $schema?: string
  /** The project of the sessions. Default: the name of the folder. */
  project?: string
  /** The user of the sessions. Default: the name in the user's git configuration, else of the account. */
  user?: string
  /** Path of the store's file, from the configuration file. Default: `.sessionwire/sessions.db` next to it. */
  store?: string
  /** Adapters by name. Default: those whose environment is set up, in mode `preview`. */
  adapters?: Readonly<Record<string, AdapterSettings>>
  /** Policy of the capture from agent hosts. */
  capture?: CaptureSettings
  /** The notes that a host is given when a session starts. */
  recall?: RecallSettings
  /** Backoff, time-outs and giving up; see `policy` of `createTracker`. */
  policy?: PolicyOptions
}>

/** Gives a configuration its type: `export default defineConfig({ project: 'billing' })`. */
export const defineConfig = (config: Config): Config => config
