import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../docs/pages.ts'

export { ROOT }

/** The fields of a package.json that this check reads. */
export type Manifest = Readonly<{
  name: string
  version: string
  exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  dependencies?: Readonly<Record<string, string>>
}> &
  Readonly<Record<string, unknown>>

/** A package of this workspace that is published; `folder` is from the workspace's folder. */
export type Package = Readonly<{ folder: string; manifest: Manifest }>

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T

/** Every package that is published, by folder. */
export const readPackages = (): readonly Package[] =>
  globSync('packages/{core,hosts,agents,otel,cli,server,stores/*,adapters/*}/package.json', { cwd: ROOT })
    .sort()
    .map(path => ({ folder: dirname(path), manifest: readJson<Manifest>(join(ROOT, path)) }))

/** A command that has ended. `both` is what it printed and complained, as it came. */
export type Ended = Readonly<{ code: number; out: string; errors: string; both: string }>

/** Variables that pnpm and npm leave for their scripts must not lead a project elsewhere back to this workspace. */
const bare = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_(package|lifecycle|command|execpath)|pnpm_|NODE_PATH$|NODE_OPTIONS$|INIT_CWD$)/i.test(name),
    ),
  )

/** Runs a command to its end, at most ten minutes. */
export const run = (command: string, words: readonly string[], cwd: string): Promise<Ended> =>
  new Promise(resolve => {
    const child = spawn(command, words, {
      cwd,
      env: bare(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 600_000,
    })
    let out = ''
    let errors = ''
    let both = ''
    child.stdout.on('data', text => {
      out += text
      both += text
    })
    child.stderr.on('data', text => {
      errors += text
      both += text
    })
    child.on('error', error => {
      both += error.message
    })
    child.on('close', (code, signal) => {
      if (signal !== null) both += `It was ended by ${signal}.`
      resolve({ code: code ?? 1, out, errors, both })
    })
  })

/** As `run`; throws what the command said when it fails. */
export const mustRun = async (command: string, words: readonly string[], cwd: string): Promise<Ended> => {
  const ended = await run(command, words, cwd)
  if (ended.code !== 0)
    throw new Error(`${command} ${words.join(' ')}: ended with ${ended.code}\n${ended.both}`)
  return ended
}

/** pnpm as this workspace pins it, whether or not the machine has one. */
export const pnpm = (words: readonly string[], cwd: string): Promise<Ended> => {
  const { packageManager } = readJson<Readonly<{ packageManager: string }>>(join(ROOT, 'package.json'))
  return mustRun('npx', ['--yes', packageManager, ...words], cwd)
}
