import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
/** Drivers ask for modules of Node by `require`. */
const REQUIRE = `import { createRequire as createRequireOf } from 'node:module'
const require = createRequireOf(import.meta.url)`

let built: string | undefined

/**
 * The program of a process that is killed, with all it imports in one file: a short life would spend most of its time on
 * loading hundreds of sources. Answers its path; the file is removed when this process ends.
 */
export const buildChild = (): string => {
  if (built !== undefined) return built
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-crash-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  built = join(folder, 'child.mjs')
  buildSync({
    ...({ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const),
    entryPoints: [CHILD],
    outfile: built,
    banner: { js: REQUIRE },
    conditions: ['@sessionwire/source', 'node'],
    mainFields: ['module', 'main'],
    // It is a faster driver that `pg` takes where it is installed.
    external: ['pg-native'],
  })
  return built
}
