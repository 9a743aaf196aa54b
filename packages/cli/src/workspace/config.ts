import type { PolicyOptions } from './schema.ts'

/** Options of one adapter: those of the service, and where it comes from. */
export type AdapterSettings = Readonly<{
  /** A package, or a file of the workspace that begins with `./`. Default `@sessionwire/<name>`. */
  use?: string
  /** False: the adapter is left out. Default true. */
  enabled?: boolean
  /** Default of the adapter, mostly `execute`. */
  mode?: 'execute' | 'preview' | 'handoff'
  /** With `mcp`, the model of an agent host makes the requests with the tools of the service's own MCP server. Default: this program sends them. */
  via?: 'mcp'
  /** Options of the service, as its page lists them. */
  [option: string]: unknown
}>

/** Policy of the capture from agent hosts; see the page "Capture from agent hosts". */
export type CaptureSettings = Readonly<{
  /** Each file that a tool wrote becomes an entity. Default true. */
  files?: boolean
  /** Changes of the to-do list become progress; with `steps`, its open items become next steps too. Default true. */
  todos?: boolean | 'steps'
  /** Commits and pull requests become updates and entities. Default true. */
  commits?: boolean
  /** The model's answer at the end of a turn becomes a message. Default true. */
  turns?: boolean
  /** Waiting for a permission for more than a minute becomes a blocker. Default true. */
  permissions?: boolean
  /** A tool that failed three times becomes a blocker. Default true. */
  failures?: boolean
  /** Sub-agents become sessions with a parent. Default true. */
  subagents?: boolean
  /** With `local`, prompts and answers are kept in the store and mirrored nowhere; with `off`, they are not kept. Default `local`. */
  messages?: 'off' | 'local'
  /** It says which words of prompts and answers may leave this machine. Default `off`: none. */
  text?: 'off' | 'title' | 'summary'
  /** It says how a session ends when its host is quit. Default `left`. */
  end?: 'left' | 'completed'
  /** A session without an event for so long is ended, ms. Default 14,400,000, which is four hours. */
  idleMs?: number
}>

/** The notes that a host is given when a session starts. */
export type RecallSettings = Readonly<{
  /** False: hosts are given nothing. Default true. */
  inject?: boolean
  /** It says whose sessions are recalled: those of the user, or of everybody. Default `me`. */
  from?: 'me' | 'team'
  /** With `person`, what models recorded is left out. Default `all`. */
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
