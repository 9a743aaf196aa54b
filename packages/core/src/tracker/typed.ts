import type { AnyAdapter } from '../adapter/contract.ts'
import type { StartInput } from '../recorder/calls.ts'

/**
 * Items of `adapters`: `fromEnv()` of an adapter gives none where it is not set up. The name is left out on purpose: a
 * factory called in place would else take its name's type from here, and every adapter would be named `string`.
 */
export type Listed = readonly (Omit<AnyAdapter, 'name'> | undefined | null | false)[]

/** The adapters among what was listed. */
export type AdapterOf<A extends Listed> = Extract<A[number], AnyAdapter>

/** Adapters whose name is any text to the compiler, as where one is made with `satisfies Adapter<Config>`. */
type Unnamed<A> = A extends Readonly<{ name: infer N }> ? (string extends N ? A : never) : never

type Named<A, N> = [Extract<A, { readonly name: N }>] extends [never]
  ? Unnamed<A>
  : Extract<A, { readonly name: N }>

/** The actions of the adapter of a name; of those whose name is any text, where none has it. */
export type ActionsOf<A extends Listed, N> = Named<AdapterOf<A>, N>['actions']

/** Names of the adapters of a tracker. */
export type AdapterName<A extends Listed> = AdapterOf<A>['name']

/** Names of an adapter's actions that write: what `act` takes. */
export type WriteName<A extends Listed, N> = {
  [K in keyof ActionsOf<A, N> & string]: [Exclude<ActionsOf<A, N>[K], Readonly<{ effect: 'read' }>>] extends [
    never,
  ]
    ? never
    : K
}[keyof ActionsOf<A, N> & string]

/** Names of what an action captures from the service's answer: what `act` gives with `wait: true`. */
export type CaptureOf<A extends Listed, N, K extends PropertyKey> =
  ActionsOf<A, N> extends Readonly<
    Record<K, Readonly<{ captures: (config: never) => readonly (infer C extends string)[] }>>
  >
    ? C
    : string

/** Names of an adapter's actions that read: what `read` takes. */
export type ReadName<A extends Listed, N> = {
  [K in keyof ActionsOf<A, N> & string]: [Extract<ActionsOf<A, N>[K], Readonly<{ effect: 'read' }>>] extends [
    never,
  ]
    ? never
    : K
}[keyof ActionsOf<A, N> & string]

/** Input of an action. */
export type InputOf<A extends Listed, N, K extends PropertyKey> =
  ActionsOf<A, N> extends Readonly<
    Record<K, Readonly<{ input: Readonly<{ _zod: Readonly<{ input: infer I }> }> }>>
  >
    ? I
    : never

/** Output of a read. */
export type OutputOf<A extends Listed, N, K extends PropertyKey> =
  ActionsOf<A, N> extends Readonly<
    Record<K, Readonly<{ output: Readonly<{ _zod: Readonly<{ output: infer O }> }> }>>
  >
    ? O
    : never

/** Names of what exists already that an adapter takes in `start({ refs })`. */
export type RefName<A extends Listed, N> =
  Named<AdapterOf<A>, N> extends Readonly<{ refs?: infer R }>
    ? R extends readonly (infer S extends string)[]
      ? S
      : never
    : string

/** Existing items, by adapter: of a tracker without adapters, or whose names the compiler does not know, any. */
export type RefsOf<A extends Listed> = [AdapterName<A>] extends [never]
  ? NonNullable<StartInput['refs']>
  : string extends AdapterName<A>
    ? NonNullable<StartInput['refs']>
    : Readonly<{
        [N in AdapterName<A>]?: Readonly<{ [R in RefName<A, N>]?: string }> | undefined
      }>

/** Input of `start`, with refs that the tracker's adapters know. */
export type StartOf<A extends Listed> = Omit<StartInput, 'refs'> &
  Readonly<{
    /** Existing items, by adapter and by the adapter's own name for each: they are adopted instead of created. */
    refs?: RefsOf<A> | undefined
  }>
