import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { configuration, toFailure } from '../failure.ts'
import { BUILT_IN, findSetUp } from './built-in.ts'
import type { AdapterSettings, Config } from './config.ts'
import { isWithin } from './find.ts'
import { importModule, type Module } from './import-module.ts'
import { readSafely } from './trust.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Factory = ((options: object) => AnyAdapter) &
  Readonly<{ fromEnv?: (options?: object, env?: Environment) => AnyAdapter | undefined }>

/** An adapter that is not there, and why. */
export type Problem = Readonly<{
  /** This is the name of the adapter in the configuration. */
  adapter: string
  /** It says why the adapter could not be made. */
  message: string
  /** It says what a person can do about it. Default: no advice is known. */
  todo?: string
  /** This option of the configuration is wrong. Absent: something else is, such as a variable or a package that is missing. */
  option?: string
}>

/** Adapters of a workspace. */
export type Adapters = Readonly<{
  /** These adapters were made and can be used. */
  adapters: readonly AnyAdapter[]
  /** These adapters could not be made. */
  problems: readonly Problem[]
  /** They come from the environment alone, so they only preview. */
  isImplied: boolean
}>

const PACKAGE = /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(\/[\w.-]+)*$/i

/** Whether `use` names a file. */
export const isFileUse = (use: string): boolean =>
  use.startsWith('.') || isAbsolute(use) || /^[A-Za-z]:/.test(use)

/** The file of a `use`: in the folder of the configuration, also after all symbolic links. Throws `CONFIG`. */
export const resolveUse = (use: string, folder: string, adapter: string): string => {
  const field = `adapters.${adapter}.use`
  const outside = configuration(
    `${field}: outside of the workspace; expected a file below ${folder}, got ${JSON.stringify(use)}.`,
    'Move the file into the workspace, or publish it as a package.',
  )
  if (!use.startsWith('./') || use.includes('\\')) throw outside
  const path = resolve(folder, use)
  if (!isWithin(path, folder)) throw outside
  if (!existsSync(path)) throw configuration(`${field}: there is no file ${path}.`)
  if (!isWithin(realpathSync(path), realpathSync(folder))) throw outside
  return path
}

/** The file of a package for `import`, where `require` would find nothing. */
const resolveModule = (use: string, folder: string): string => {
  const require = createRequire(join(folder, 'sessionwire.js'))
  try {
    return require.resolve(use)
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw thrown
    const [name] = /^(@[^/]+\/)?[^/]+/.exec(use) ?? [use]
    for (const place of require.resolve.paths(use) ?? []) {
      const manifest = join(place, name, 'package.json')
      if (!existsSync(manifest)) continue
      const { exports } = JSON.parse(readSafely(manifest)) as {
        exports?: Record<string, Record<string, string>>
      }
      const target =
        exports?.['.']?.import ?? exports?.['.']?.default ?? (exports?.import as unknown as string)
      if (typeof target === 'string') return join(dirname(manifest), target)
    }
    throw thrown
  }
}

const load = async (name: string, { use }: AdapterSettings, folder: string): Promise<Factory> => {
  const field = `adapters.${name}.use`
  let module: Module
  if (use === undefined || use === `@sessionwire/${name}`) {
    if (isUnknown(name, use))
      throw configuration(
        `adapters.${name}: unknown adapter; expected one of ${Object.keys(BUILT_IN).join(', ')}.`,
        'Give `use` with its package or file.',
      )
    module = await importModule(`@sessionwire/${name}`)
  } else if (isFileUse(use)) {
    module = await importModule(pathToFileURL(resolveUse(use, folder, name)).href)
  } else {
    if (!PACKAGE.test(use) || use.split('/').includes('..'))
      throw configuration(`${field}: invalid name of a package; got ${JSON.stringify(use)}.`)
    const builtIn = /^@sessionwire\/([a-z0-9-]+)$/.exec(use)?.[1]
    try {
      module = await importModule(
        builtIn !== undefined && Object.hasOwn(BUILT_IN, builtIn)
          ? use
          : pathToFileURL(resolveModule(use, folder)).href,
      )
    } catch (thrown) {
      const { code } = thrown as { code?: string }
      if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw thrown
      throw configuration(`${field}: the package ${use} is not installed.`, `Run: npm install ${use}`)
    }
  }
  const wanted = use?.replace(/^.*\//, '') ?? name
  const found =
    [module.default, module[wanted], module[name]].find(each => typeof each === 'function') ??
    Object.values(module).find(each => typeof each === 'function' && 'fromEnv' in each)
  if (found === undefined)
    throw configuration(
      `${field}: exports no adapter.`,
      'Export the function that `defineAdapter` gives, by default or by the name of the adapter.',
    )
  return found as Factory
}

const make = async (
  name: string,
  settings: AdapterSettings,
  folder: string,
  env: Environment,
): Promise<AnyAdapter> => {
  const { use, enabled: _, via, ...options } = settings
  const factory = await load(name, settings, folder)
  const given = { ...options, as: name }
  const adapter = factory.fromEnv?.(given, env) ?? factory(given)
  return via === undefined ? adapter : handOver(adapter, use?.replace(/^.*\//, '') ?? name, options.mode)
}

/** The adapter whose requests a host's model makes with its own tools. */
const handOver = async (adapter: AnyAdapter, vendor: string, mode: unknown): Promise<AnyAdapter> => {
  if (mode !== undefined && mode !== 'handoff')
    throw configuration(
      `adapters.${adapter.name}.mode: conflicts with via; expected handoff or nothing, got ${JSON.stringify(mode)}.`,
    )
  const { viaMcp } = (await importModule('@sessionwire/server')) as unknown as Readonly<{
    viaMcp: (adapter: AnyAdapter, vendor: string) => AnyAdapter
  }>
  return viaMcp(adapter, vendor)
}

/** `<NAME>_ENABLED` turns an adapter off, wherever it comes from. */
const isOff = (name: string, env: Environment): boolean =>
  /^(0|false|no|off)$/i.test(env[`${name.toUpperCase().replaceAll('-', '_')}_ENABLED`]?.trim() ?? '')

/** An adapter that is not ours, and names neither a package nor a file. */
const isUnknown = (name: string, use: string | undefined): boolean =>
  (use === undefined || use === `@sessionwire/${name}`) && !Object.hasOwn(BUILT_IN, name)

/** The option of an adapter's settings that an error is about; `undefined` where the settings do not have it. */
const findOption = (thrown: unknown, settings: AdapterSettings): string | undefined => {
  const { field } = (thrown ?? {}) as Readonly<{ field?: unknown }>
  // An error names the service, then the option with its path: `linear.statuses.start`.
  const option = typeof field === 'string' ? field.split(/[.[]/, 2)[1] : undefined
  return option !== undefined && Object.hasOwn(settings, option) ? option : undefined
}

/** Loads the adapters of a workspace. One that cannot be made is a problem, and the others stay. */
export const loadAdapters = async (
  { adapters }: Config,
  folderOf: (adapter: string) => string,
  env: Environment,
): Promise<Adapters> => {
  const isImplied = adapters === undefined
  const wanted: readonly (readonly [string, AdapterSettings])[] = isImplied
    ? findSetUp(env).map(name => [name, { mode: 'preview' }])
    : Object.entries(adapters).filter(([, { enabled = true }]) => enabled)
  const made: AnyAdapter[] = []
  const problems: Problem[] = []
  for (const [name, settings] of wanted) {
    if (isOff(name, env)) continue
    try {
      made.push(await make(name, settings, folderOf(name), env))
    } catch (thrown) {
      const { message, todo } = toFailure(thrown)
      const option = isUnknown(name, settings.use) ? 'use' : findOption(thrown, settings)
      problems.push({
        ...{ adapter: name, message },
        ...(todo === undefined ? {} : { todo }),
        ...(option === undefined ? {} : { option }),
      })
    }
  }
  return { adapters: made, problems, isImplied }
}
