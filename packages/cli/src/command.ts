import type * as zod from 'zod/mini'
import type { Io } from './io.ts'
import type { Opened, ReadWorkspace } from './workspace/open.ts'

/** The schemas' library, given to `json`: loaded only where a schema is asked for. */
export type Zod = typeof zod

/** One argument of a command. */
type Argument = Readonly<{
  name: string
  about: string
  /** It may be left out. */
  optional?: true
  /** It takes all that is left. */
  many?: true
  /** Accepted values. */
  choices?: readonly string[]
}>

/** One option of a command, by its name in camel case. */
export type Option = Readonly<{
  about: string
  /** Placeholder of its value. Absent: the option is a switch. */
  value?: string
  /** It may be given several times. */
  many?: true
  /** Accepted values. */
  choices?: readonly string[]
  /** One letter. */
  short?: string
  /** The option is on, and `--no-<name>` turns it off. */
  on?: true
}>

type Arguments = readonly Argument[]
type Options = Readonly<Record<string, Option>>
type ArgumentOf<A extends Argument> = A extends { many: true }
  ? readonly string[]
  : A extends { optional: true }
    ? string | undefined
    : string
type OptionOf<O extends Option> = O extends { value: string }
  ? O extends { many: true }
    ? readonly string[] | undefined
    : string | undefined
  : boolean | undefined

/** Values of the arguments, by name. */
type Given<A extends Arguments> = { readonly [E in A[number] as E['name']]: ArgumentOf<E> }
/** Values of the options, by name. */
type Chosen<O extends Options> = { readonly [N in keyof O]: OptionOf<O[N]> }

/** The name of an option as people write it: `noDeliver` is `no-deliver`. */
export const toFlag = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** Headings of the help, in their order. */
export const GROUPS = ['Record', 'Look', 'Deliver', 'Services', 'Set up', 'Run'] as const
/** A heading of the help. */
type Group = (typeof GROUPS)[number]

/** Options that many commands take; `workspace` is in all others, and `recording` without `--session` is `starting`. */
export type Uses = 'nothing' | 'folder' | 'workspace' | 'session' | 'starting' | 'recording'

/** Values of the options that many commands take. */
export type Shared = Readonly<{
  json?: boolean
  cwd?: string
  config?: string
  project?: string
  user?: string
  session?: string
  wait?: string
  deliver?: boolean
  key?: string
  at?: string
}>

/** Result of a command: the object for `--json`, and the text for people. */
export type Result<T> = Readonly<{
  data: T
  /** Lines for people. */
  text: readonly string[] | string
  /** Exit code where it is not 0. */
  code?: number
}>

/** With readonly arrays and objects at every depth. */
type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [P in keyof T]: Frozen<T[P]> }
    : T

/** Surroundings of a command. */
export type Context = Readonly<{
  io: Io
  shared: Shared
  /** Reads the workspace: files, trust and configuration. Opens no store. */
  read: () => Promise<ReadWorkspace>
  /** Opens the workspace with its store and adapters, and reads the spool of the hosts. Closed when the command ends. */
  open: (options?: Readonly<{ tolerant?: boolean; ingestMs?: number }>) => Promise<Opened>
  /** Every command, and the options that it takes in addition to its own. */
  table: Readonly<{
    commands: readonly AnyCommand[]
    optionsOf: (uses: Uses) => Readonly<Record<string, Option>>
  }>
  /** Writes a line for people, at once, to standard error. */
  note: (text: string) => void
}>

/** One command. Help, completion, manual pages and the schema of `--json` are made from it. */
export type Command<A extends Arguments = Arguments, O extends Options = Options, T = unknown> = Readonly<{
  name: string
  aliases?: readonly string[]
  group: Group
  /** One sentence without a full stop. */
  about: string
  /** Paragraphs for help and manual. */
  more?: readonly string[]
  /** Lines as one types them. */
  examples?: readonly string[]
  uses: Uses
  hidden?: true
  arguments?: A
  options?: O
  /** Schema of the object that `--json` prints. */
  json: (z: Zod) => zod.ZodMiniType<T>
  run: (context: Context, given: Given<A>, chosen: Chosen<O>) => Promise<Result<Frozen<T>>>
}>

/** A command with the types of its arguments and options. */
export const defineCommand = <const A extends Arguments, const O extends Options, T>(
  command: Command<A, O, T>,
): Command<A, O, T> => command

/** A command whatever its arguments. */
// biome-ignore lint/suspicious/noExplicitAny: a table of commands has no better type
export type AnyCommand = Command<any, any, any>
