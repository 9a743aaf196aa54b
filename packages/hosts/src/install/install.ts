import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalidConfig } from '@sessionwire/core/adapter'
import type { Environment } from '../hook/host.ts'
import type { HostName } from '../hook/line.ts'
import { places, spoolFile } from '../hook/places.ts'
import { replaceFile } from '../ingest/spool.ts'
import { LABELS } from '../mapping/moments.ts'
import { differenceOf } from './difference.ts'
import { addHook, emptyPlaces, findHooks, parse, removeHooks } from './edit.ts'
import { keep, readKept, readText, realFile, replaceText, split } from './files.ts'
import { commandOf, isOurs, type Scope, TARGETS } from './targets.ts'

/** Options of `install` and `uninstall`. */
export type InstallOptions = Readonly<{
  /** The host to install the hook in. */
  host: HostName
  /** The folder of this user's data. */
  data: string
  /** Default `user`. */
  scope?: Scope
  /** The project's folder, for the scope `project`. Default: the working directory. */
  cwd?: string
  /** Where hosts look for their files. Default: the environment. */
  env?: Environment
  /** True: changes nothing and says what it would change. Default false. */
  dryRun?: boolean
  /** The hook to install. Default: the one of this package. */
  hook?: string
  /** The command that a hook starts to record the spool, as program and arguments. Default: none is started. */
  command?: readonly string[]
}>

/** The result of an installation, or of a dry run. */
export type Installed = Readonly<{
  /** The host's file. */
  file: string
  /** Lines that change, with `-` and `+` in front; empty where nothing does. */
  difference: string
  /** The registered line, run once with a test event: whether a line arrived in the spool. Absent where nothing was run. */
  works?: boolean
  /** Further steps for the user. */
  todo: readonly string[]
}>

const findPackagedHook = (): string => {
  const here = dirname(fileURLToPath(import.meta.url))
  const found = [join(here, 'hook.cjs'), join(here, '../../dist/hook.cjs')].find(path => existsSync(path))
  if (found !== undefined) return found
  throw invalidConfig({
    field: 'install.hook',
    problem: 'the hook is not built',
    todo: 'Build the package, or pass `hook`.',
  })
}

const resolveTarget = ({ host, scope = 'user', cwd = process.cwd(), env = process.env }: InstallOptions) => {
  const target = TARGETS[host]
  const file = realFile(target.file(scope, { cwd, env }))
  return { target, scope, cwd, env, file }
}

const hasOurs = (file: string): boolean => {
  try {
    return existsSync(file) && findHooks(split(readText(file, '{}'))[1], file, isOurs).length > 0
  } catch {
    // Another host's file that does not parse registers nothing.
    return false
  }
}

/** Refuses a second registration that would be run for the same events. */
const checkReach = (options: InstallOptions): void => {
  const { scope, cwd, env, file } = resolveTarget(options)
  const { host } = options
  const others: readonly (readonly [HostName, Scope])[] = [
    [host, scope === 'user' ? 'project' : 'user'],
    ...TARGETS[host].reads,
    // Hosts that read the file which is to be written.
    ...(Object.keys(TARGETS) as HostName[]).flatMap(each =>
      TARGETS[each].reads.some(([by, where]) => by === host && where === scope)
        ? ([
            [each, 'user'],
            [each, 'project'],
          ] as const)
        : [],
    ),
  ]
  for (const [other, where] of others) {
    const found = realFile(TARGETS[other].file(where, { cwd, env }))
    if (found !== file && hasOurs(found))
      throw invalidConfig({
        field: 'install.host',
        problem: `${LABELS[host]} would run the hook twice: it is registered in ${found} already`,
        todo: `Use that one, or uninstall ${other} (${where}) first.`,
      })
  }
}

const copyHook = (from: string, to: string): void => {
  const text = readFileSync(from, 'utf8')
  if (existsSync(to) && readFileSync(to, 'utf8') === text) return
  replaceFile(to, text)
}

/** Runs the registered line once, and looks whether its line arrived. */
const tryLine = ({ host, data }: InstallOptions, line: string, env: Environment): boolean => {
  const session = `sessionwire-test-${process.pid}-${Date.now()}`
  const path = spoolFile(data, host, session)
  const input = JSON.stringify({ session_id: session, hook_event_name: 'SessionwireTest', cwd: data })
  spawnSync(line, {
    shell: true,
    input,
    env: { ...env, SESSIONWIRE_DATA_DIR: data, SESSIONWIRE_CAPTURE: '' },
    timeout: 10_000,
  })
  const arrived = existsSync(path)
  rmSync(path, { force: true })
  return arrived
}

/**
 * Registers the hook in a host's file. Everything else in it stays byte for byte; done twice, it changes nothing. Throws
 * `CONFIG` for a file that does not parse, and where another registration is in reach.
 */
export const install = (options: InstallOptions): Installed => {
  const { target, scope, env, file } = resolveTarget(options)
  const { host, data, dryRun = false, command } = options
  checkReach(options)
  const isNew = !existsSync(file)
  const raw = readText(file, target.empty)
  const [bom, before] = split(raw)
  parse(before, file)
  const hook = places(data).hook
  const present = findHooks(before, file, isOurs)
  let after = before
  for (const registered of target.events) {
    const line = commandOf(scope, host, hook, registered.event)
    if (present.some(each => each.event === registered.event && each.command === line)) continue
    // A registration of another path or version would run in addition.
    if (present.some(each => each.event === registered.event))
      throw invalidConfig({
        field: file,
        problem: `another registration of ours stands at ${registered.event}`,
        todo: `Uninstall ${host} first.`,
      })
    after = addHook(after, file, registered.event, target.entry(line, registered))
  }
  const difference = differenceOf(isNew ? '' : raw, bom + after)
  const todo = [
    ...(target.todo === undefined ? [] : [target.todo]),
    ...(scope === 'project' ? ['Colleagues need the package too: npm install --global sessionwire'] : []),
  ]
  if (dryRun) return { file, difference, todo }
  if (scope === 'user') copyHook(options.hook ?? findPackagedHook(), hook)
  if (command !== undefined) replaceFile(places(data).command, JSON.stringify({ command }))
  if (after !== before || isNew) {
    const kept = readKept(data)[file]
    keep(data, file, { made: kept?.made ?? isNew, empty: kept?.empty ?? emptyPlaces(before, file) })
    replaceText(file, bom + after)
  }
  const line = commandOf(scope, host, hook, target.events[0]?.event ?? '')
  return { file, difference, works: tryLine(options, line, env), todo }
}

/** Removes exactly our entries from a host's file; all else stays as it is now. A file that `install` made goes when it is empty. */
export const uninstall = (options: InstallOptions): Installed => {
  const { target, file } = resolveTarget(options)
  const { data, dryRun = false } = options
  if (!existsSync(file)) return { file, difference: '', todo: [] }
  const raw = readText(file, target.empty)
  const [bom, before] = split(raw)
  const { [file]: kept } = readKept(data)
  const after = bom + removeHooks(before, file, isOurs, kept?.empty ?? [])
  const squeeze = (text: string): string =>
    text.replace(/\s+/g, '').replace('"hooks":{}', '').replace(',}', '}')
  const goes = kept?.made === true && squeeze(after) === squeeze(target.empty)
  const difference = differenceOf(raw, goes ? '' : after)
  if (dryRun) return { file, difference, todo: [] }
  if (goes) rmSync(file)
  else if (after !== raw) replaceText(file, after)
  if (kept !== undefined) keep(data, file, undefined)
  return { file, difference, todo: [] }
}

/** Where a host has our hooks, for a look at the installation. */
export const findInstalled = (
  host: HostName,
  options: Readonly<{ cwd?: string; env?: Environment }> = {},
): readonly Readonly<{ scope: Scope; file: string; events: readonly string[] }>[] => {
  const { cwd = process.cwd(), env = process.env } = options
  return (['user', 'project'] as const).flatMap(scope => {
    const file = realFile(TARGETS[host].file(scope, { cwd, env }))
    if (!existsSync(file)) return []
    const events = findHooks(split(readText(file, '{}'))[1], file, isOurs).map(({ event }) => event)
    return events.length === 0 ? [] : [{ scope, file, events }]
  })
}
