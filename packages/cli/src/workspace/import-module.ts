/** Exports of a module. */
export type Module = Readonly<Record<string, unknown>>

/**
 * Imports a module that the configuration names. This is the only place that runs code of a workspace: its callers check
 * trust before.
 */
export const importModule = async (address: string): Promise<Module> => (await import(address)) as Module
