import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { compare, measureMs, type Row } from './measure.ts'

const run = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))

/** A process that only imports. */
const importing = (what: string): Promise<number> =>
  measureMs(() =>
    run(process.execPath, ['--input-type=module', '-e', `import ${JSON.stringify(what)}`], { cwd: here }),
  )

const empty = (): Promise<number> =>
  measureMs(() => run(process.execPath, ['--input-type=module', '-e', ''], { cwd: here }))

/** A module that comes by `import()` is a chunk of its own, as in any bundler that splits code. */
const firstUse: Plugin = {
  name: 'first use',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined)),
}

/**
 * Core's main entry: its size in a bundle with all its dependencies, and how long importing it takes. Chunks of their
 * own, loaded on first use, are the making of requests and ky, exports, the report, and backfill, restart and retry.
 */
export const entry = async (): Promise<readonly Row[]> => {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@sessionwire/core'", resolveDir: here },
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', target: 'es2023' },
    plugins: [firstUse],
    // Chunks without effects are left out with a warning each.
    logLevel: 'error',
  })
  const size = gzipSync(outputFiles[0]?.contents ?? new Uint8Array()).length / 1_000
  const start = await empty()
  const bare = async (what: string): Promise<number> => Math.max(1, (await importing(what)) - start)
  const imported = await compare(
    9,
    () => bare('@sessionwire/core'),
    () => bare('zod'),
  )
  return [
    {
      what: 'core: minified and gzipped with its dependencies, without what is loaded on first use (such as ky)',
      unit: 'kB',
      ours: size,
      bound: '< 50 kB',
      holds: size < 50,
    },
    {
      ...imported,
      what: 'core: importing it cold, against zod alone (an empty process taken off both)',
      unit: 'ms',
      bound: 'ratio > 0.33',
      holds: imported.ratio > 1 / 3,
    },
  ]
}
