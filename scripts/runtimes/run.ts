// Runs a small program on every runtime and through every bundler that the registry carries:
//   pnpm runtimes [pattern]
// It records a session, delivers it to a server on this machine, and reads it back. A second run meets a server that
// resets kept connections: no message may arrive twice. Needs built packages.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BUNDLERS } from './bundle.ts'
import { installPackages, nodeBinary, OLDEST_NODE } from './install.ts'
import { startServer } from './server.ts'
import { runInWorkerd } from './workerd.ts'

const ROOT = join(import.meta.dirname, '../..')
const LIMIT_MS = 600_000
const pattern = new RegExp(process.argv[2] ?? '.')

const folder = mkdtempSync(join(tmpdir(), 'sessionwire-runtimes-'))
cpSync(join(import.meta.dirname, 'program'), folder, { recursive: true })
mkdirSync(join(folder, 'node_modules/@sessionwire'), { recursive: true })
for (const path of ['core', ...readdirSync(join(ROOT, 'packages/adapters')).map(name => `adapters/${name}`)])
  symlinkSync(
    join(ROOT, 'packages', path),
    join(folder, 'node_modules/@sessionwire', path.replace('adapters/', '')),
  )
const main = join(folder, 'main.mjs')

type Run = (server: string) => Promise<string>
let runs = 0
const execute = async (binary: string, words: readonly string[], server: string, more: readonly string[]) => {
  const { stdout } = await promisify(execFile)(binary, [...words, server, ...more], {
    cwd: folder,
    timeout: LIMIT_MS,
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' },
  })
  return stdout
}
const withFile =
  (binary: string, ...words: readonly string[]): Run =>
  server =>
    execute(binary, words, server, [join(folder, `store-${++runs}/sessions.db`)])
const inMemory =
  (binary: string, ...words: readonly string[]): Run =>
  server =>
    execute(binary, words, server, [])

const onNode =
  (version: string): Run =>
  server =>
    withFile(nodeBinary(version), '--no-warnings', main)(server)
const platform = `${process.platform}-${process.arch}`
const fromPackage = (name: string, version: string, path: string): string =>
  join(installPackages(name.replace('/', '-'), [`${name}@${version}`]), 'node_modules', name, path)

const RUNS: Readonly<Record<string, Run>> = {
  [`Node ${OLDEST_NODE}, the oldest promised`]: onNode(OLDEST_NODE),
  'Node 24.0.0': onNode('24.0.0'),
  [`Node ${process.versions.node}, this one`]: withFile(process.execPath, '--no-warnings', main),
  'Node 26.12.1': onNode('26.12.1'),
  'Bun 1.4.5': server =>
    inMemory(fromPackage(`@oven/bun-${platform}`, '1.4.5', 'bin/bun'), 'run', main)(server),
  'Deno 2.9.6': server =>
    inMemory(
      fromPackage(`@deno/${platform}-glibc`, '2.9.6', 'deno'),
      'run',
      '-A',
      '--node-modules-dir=manual',
      main,
    )(server),
  'workerd 1.20261117.1': server =>
    runInWorkerd(fromPackage('@cloudflare/workerd-linux-64', '1.20261117.1', 'bin/workerd'), {
      entry: join(folder, 'worker.mjs'),
      folder,
      server,
    }),
  ...Object.fromEntries(
    Object.entries(BUNDLERS).map(([name, bundle]) => {
      const file = { path: undefined as string | undefined }
      const run: Run = async server => {
        file.path ??= await bundle(main, folder)
        return await withFile(process.execPath, '--no-warnings', file.path)(server)
      }
      return [`bundled by ${name}`, run] as const
    }),
  ),
}

/** The problem with one run, if there is one. */
const judge = (text: string, bodies: readonly string[], resets: boolean): string | undefined => {
  const result = JSON.parse(text.trim().split('\n').at(-1) ?? '') as {
    status?: string
    progress?: number
    states?: readonly string[]
    error?: string
  }
  if (result.error !== undefined) return result.error
  const doubled = bodies.length - new Set(bodies).size
  if (doubled > 0) return `${doubled} of ${bodies.length} messages arrived twice`
  if (result.status !== 'completed' || result.progress !== 100) return `read back: ${JSON.stringify(result)}`
  // A message on a connection that was reset may be in doubt: it arrived, and nothing said so.
  const isRight = resets ? bodies.length === 2 : result.states?.join() === 'delivered,delivered'
  return isRight ? undefined : `${bodies.length} messages arrived, deliveries: ${result.states?.join()}`
}

let wrong = 0
for (const [name, run] of Object.entries(RUNS).filter(([each]) => pattern.test(each))) {
  for (const resets of [false, true]) {
    const server = await startServer({ resets })
    const started = performance.now()
    const problem = await run(server.url)
      .then(text => judge(text, server.bodies, resets))
      .catch((error: unknown) => {
        const { stderr, message } = error as { stderr?: string | Buffer; message: string }
        // The end names the error; a minified line comes before it.
        return (String(stderr ?? '').trim() || message).slice(-600)
      })
    server.close()
    if (problem !== undefined) wrong += 1
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const about = resets ? `${name}, connections reset` : name
    console.log(
      `${problem === undefined ? 'right' : 'WRONG'}  ${about}  (${seconds} s)${problem === undefined ? '' : ` ${problem}`}`,
    )
  }
}
rmSync(folder, { recursive: true, force: true })
console.log(wrong === 0 ? 'every runtime is right' : `${wrong} wrong`)
process.exit(wrong === 0 ? 0 : 1)
