// Called by a host for each event: reads one JSON object, appends one line to the spool, prints nothing but the recall at a
// start, and ends with 0 whatever happens. It takes no lock and reaches no network.
import * as fs from 'node:fs'
import { delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { isHeld, parseClaims } from './claim.ts'
import { isEnd, isStart, lineOf } from './event.ts'
import type { Payload } from './host.ts'
import { type Input, readInput } from './input.ts'
import { type HostName, isQuestion, type Line } from './line.ts'
import { claimFile, dataFolder, places, recallFile, spoolFile } from './places.ts'
import { recallOutput } from './recall-output.ts'
import { realPath, rootOf } from './root.ts'
import { createKeep } from './text.ts'

/** Longest log of errors; at this length it begins again, and the one before is kept. */
const LOG_BYTES = 262_144
/** Shortest time between two starts of an ingest, but for questions and the end of a session. */
const INGEST_EVERY_MS = 5_000

/** Never the message of an error that may quote its input. */
const report = (where: string, problem: unknown): void => {
  try {
    const code = (problem as { code?: unknown } | undefined)?.code
    const text = typeof problem === 'string' ? problem : typeof code === 'string' ? code : 'failed'
    fs.mkdirSync(data, { recursive: true, mode: 0o700 })
    const size = fs.statSync(at.errors, { throwIfNoEntry: false })?.size ?? 0
    if (size > LOG_BYTES) fs.renameSync(at.errors, `${at.errors}.1`)
    fs.appendFileSync(at.errors, `${new Date().toISOString()} ${where}: ${text}\n`, { mode: 0o600 })
  } catch {
    // There is nowhere else to say it: a hook prints nothing.
  }
}

// Before all else: also where this user has no home, a hook ends with 0.
process.on('uncaughtException', thrown => {
  report('hook', thrown)
  process.exitCode = 0
})
const { env } = process
const data = dataFolder(env, process.platform)
const at = places(data)

const parse = ({ bytes, problem }: Input): Payload | undefined => {
  if (problem !== undefined) report('input', problem)
  try {
    // Some shells put a byte order mark before what they pipe.
    const value: unknown = JSON.parse(bytes.toString().replace(/^\ufeff/, ''))
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Payload
  } catch {
    // Reported below, without a word of the input.
  }
  if (problem === undefined) report('input', `not a JSON object (${bytes.length} bytes)`)
  return undefined
}

const isOff = (folder: string): boolean => {
  if (/^(off|0|false)$/i.test(env.SESSIONWIRE_CAPTURE ?? '')) return true
  let list: string
  try {
    list = fs.readFileSync(at.off, 'utf8')
  } catch {
    return false
  }
  // A host may say where it is by a path with symbolic links.
  const around = [folder, realPath(folder), rootOf(folder)]
  return list
    .split('\n')
    .filter(each => each !== '')
    .flatMap(each => [each, realPath(each)])
    .some(each =>
      around.some(place => place === each || place.startsWith(each.endsWith('/') ? each : `${each}/`)),
    )
}

/** No file of git that says where something is, is longer, in bytes. */
const POINTER_BYTES = 4_096

/** The text of a small file. A device, a pipe or a folder in its place is refused: a cloned or shared folder may hold any. */
const readPointer = (path: string): string => {
  const file = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  try {
    if (!fs.fstatSync(file).isFile()) throw { code: 'not a file' }
    const bytes = Buffer.alloc(POINTER_BYTES)
    return bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, POINTER_BYTES, 0))
  } finally {
    fs.closeSync(file)
  }
}

/** The branch checked out in the repository around a folder, from its files alone. */
const branchOf = (folder: string): string | undefined => {
  const owners = [process.getuid?.(), fs.statSync(folder, { throwIfNoEntry: false })?.uid]
  for (let place = folder; ; place = dirname(place)) {
    const git = join(place, '.git')
    try {
      const found = fs.statSync(git)
      // Another user's, as in a folder for all users' files: git does not trust it either.
      if (!owners.includes(found.uid)) return undefined
      // In a work tree of its own it is a file that names the folder.
      const readPlace = () => readPointer(git).replace(/^gitdir:\s*/, '')
      const inside = found.isDirectory() ? git : resolve(place, readPlace().trim())
      return /^ref: refs\/heads\/(\S{1,200})\s*$/.exec(readPointer(join(inside, 'HEAD')))?.[1]
    } catch {
      if (place === dirname(place)) return undefined
    }
  }
}

const open = (path: string): number => {
  const flags =
    fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_WRONLY | (fs.constants.O_NOFOLLOW ?? 0)
  try {
    return fs.openSync(path, flags, 0o600)
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'ENOENT') throw thrown
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return fs.openSync(path, flags, 0o600)
  }
}

/** A line feed before and after: what a killed writer left stands in a line of its own. */
const append = (path: string, line: Line): void => {
  const bytes = Buffer.from(`\n${JSON.stringify(line)}\n`)
  const file = open(path)
  try {
    const written = fs.writeSync(file, bytes)
    if (written < bytes.length) report('spool', `wrote ${written} of ${bytes.length} bytes`)
    fs.fdatasyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

/** Whether a program that uses the host's own SDK records the session: then it is not recorded twice. */
const isRecordedElsewhere = ({ host, session }: Line): boolean => {
  const path = claimFile(data, host, session)
  return fs.existsSync(path) && isHeld(parseClaims(fs.readFileSync(path, 'utf8')))
}

/** The command as it is registered, or what is left of it: an upgrade of Node takes its own folder away. */
const programOf = ([node, script, ...words]: readonly string[]): readonly string[] => {
  if (node === undefined || script === undefined) return node === undefined ? [] : [node]
  if (isAbsolute(script) && !fs.existsSync(script)) return ['sessionwire', ...words]
  return [isAbsolute(node) && !fs.existsSync(node) ? process.execPath : node, script, ...words]
}

/** Where programs are looked for by name: not in the workspace, whose owner never trusted what it may bring along. */
const pathOutside = (workspace: string): string =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter(each => isAbsolute(each) && !/[\\/]node_modules[\\/]/.test(`${each}/`))
    .filter(each => relative(workspace, each).startsWith('..'))
    .join(delimiter)

const startIngest = (force: boolean, workspace: string): void => {
  const last = fs.statSync(at.started, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const since = Date.now() - last
  if (!force && since >= 0 && since < INGEST_EVERY_MS) return
  const text = fs.readFileSync(at.command, { encoding: 'utf8' })
  const { command = [] } = JSON.parse(text) as { command?: readonly string[] }
  const [program, ...words] = programOf(command)
  if (program === undefined) return
  fs.writeFileSync(at.started, '', { mode: 0o600 })
  const { spawn } = process.getBuiltinModule('node:child_process')
  const around = isAbsolute(program) ? env : { ...env, PATH: pathOutside(workspace) }
  const options = { cwd: data, env: around, detached: true, stdio: 'ignore', windowsHide: true } as const
  const child = spawn(program, words, options)
  child.on('error', thrown => report('ingest', thrown))
  child.unref()
}

const attempt = (where: string, act: () => void): void => {
  try {
    act()
  } catch (thrown) {
    const { code } = thrown as { code?: string }
    // No ingest is registered, or there is no recall yet.
    if (code === 'ENOENT' && where !== 'spool') return
    report(where, thrown)
  }
}

const printRecall = (host: HostName, workspace: string): void => {
  const output = recallOutput(host, fs.readFileSync(recallFile(data, workspace), 'utf8'))
  if (output !== undefined) fs.writeSync(1, output)
}

/** The working directory; empty where it was removed: the payload may name the session's folder. */
const workingFolder = (): string => {
  try {
    return process.cwd()
  } catch {
    return ''
  }
}

const run = (input: Input): void => {
  const [, , hint, event] = process.argv
  const payload = parse(input)
  if (payload === undefined) return
  const id = `${Date.now().toString(36)}-${process.pid.toString(36)}-${process.hrtime.bigint().toString(36)}-${Math.random().toString(36).slice(2, 10)}`
  const around = { hint, event, env, cwd: workingFolder(), now: Date.now(), id, keep: createKeep(env) }
  const line = lineOf(payload, around)
  if (line === undefined) report('input', 'no host, event or session that is known')
  if (line === undefined || isOff(line.workspace)) return
  const isBegin = isStart(line.event)
  const spool = spoolFile(data, line.host, line.session)
  // Copilot runs the hook of the first prompt before that of the start, and hooks may be installed in a session that runs.
  const branch = isBegin || !fs.existsSync(spool) ? branchOf(line.workspace) : undefined
  const whole = branch === undefined ? line : { ...line, branch: around.keep(branch, 256) }
  const isClaimed = isRecordedElsewhere(line)
  if (!isClaimed) attempt('spool', () => append(spool, whole))
  if (isBegin && line.agent === undefined)
    attempt('recall', () => printRecall(line.host, rootOf(line.workspace)))
  // A host that waits for a person sends nothing more: only a process that looks can report it.
  if (!isClaimed) attempt('ingest', () => startIngest(isEnd(line.event) || isQuestion(line), line.workspace))
}

readInput(input => {
  try {
    run(input)
  } catch (thrown) {
    report('hook', thrown)
  }
})
process.exitCode = 0
