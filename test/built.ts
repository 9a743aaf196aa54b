import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'

const VARIABLE = 'SESSIONWIRE_TEST_BUILDS'
/** A build takes a second or two; on a busy machine minutes. */
const WAIT_MS = 50
const WAITS = 12_000

/** Makes the folder that holds what the tests of a run build, and gives the function that removes it. For vitest's `globalSetup`. */
export const setup = (): (() => void) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sessionwire-builds-')))
  // A test runs what is in it as another user.
  chmodSync(folder, 0o755)
  process.env[VARIABLE] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * The folder `name` as `build` fills it: once in a run, by the first test file that asks; those beside it wait. `build` gets
 * another folder, which becomes it when it is whole. Tests only read it.
 */
export const buildOnce = (name: string, build: (folder: string) => void): string => {
  const folder = join(process.env[VARIABLE] ?? '', name)
  const unfinished = `${folder}.unfinished`
  mkdirSync(dirname(folder), { recursive: true })
  for (let waits = 0; !existsSync(folder); waits++) {
    if (waits > WAITS) throw new Error(`${name}: is not built after ten minutes by the file that began it`)
    try {
      mkdirSync(unfinished)
    } catch {
      Atomics.wait(pause, 0, 0, WAIT_MS)
      continue
    }
    // Another file may have finished it between the two calls.
    if (existsSync(folder)) {
      rmSync(unfinished, { recursive: true, force: true })
      break
    }
    try {
      build(unfinished)
      renameSync(unfinished, folder)
    } finally {
      rmSync(unfinished, { recursive: true, force: true })
    }
  }
  return folder
}

/**
 * Bundles modules that child processes load, once in a run: a process that loads some hundred source files takes thrice the
 * time. Gives the folder; each module of `entries` is `<name>.mjs` in it, and what several load is there once.
 */
export const bundleOnce = (name: string, entries: Readonly<Record<string, string>>): string =>
  buildOnce(name, folder => {
    buildSync({
      ...({ bundle: true, splitting: true, format: 'esm', platform: 'node', logLevel: 'error' } as const),
      conditions: ['@sessionwire/source'],
      entryPoints: entries,
      outdir: folder,
      outExtension: { '.js': '.mjs' },
    })
  })
