type Storage<T> = Readonly<{ run: <R>(value: T, act: () => R) => R; getStore: () => T | undefined }>
type Host = Readonly<{
  process?: Readonly<{
    getBuiltinModule?: (
      name: string,
    ) => Readonly<{ AsyncLocalStorage?: new () => Storage<never> }> | undefined
  }>
}>

/** A value that all have which a call starts. */
export interface Scope<T> {
  /** Runs a function within the value. */
  run<R>(value: T, act: () => R): R
  /** The value of the innermost call; `undefined` outside of all, and where the platform has no such storage. */
  get(): T | undefined
}

/** Makes a scope. Node, Bun and Deno have the storage; elsewhere every call is outside. */
export const createScope = <T>(): Scope<T> => {
  const { process } = globalThis as Host
  const { AsyncLocalStorage: Storage } = process?.getBuiltinModule?.('node:async_hooks') ?? {}
  const storage = Storage === undefined ? undefined : (new Storage() as Storage<T>)
  return {
    run: (value, act) => (storage === undefined ? act() : storage.run(value, act)),
    get: () => storage?.getStore(),
  }
}
