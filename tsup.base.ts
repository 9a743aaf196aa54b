import { defineConfig } from 'tsup'

/** One build for every package: ESM for any platform, each entry a file of `src`, under its own name without folders. */
export const build = (...entries: readonly string[]) =>
  defineConfig({
    entry: Object.fromEntries(entries.map(path => [path.replace(/^.*\//, ''), `src/${path}.ts`])),
    format: ['esm'],
    platform: 'neutral',
    target: 'es2023',
    // `#…` is chosen by the platform that runs the code: `imports` of package.json.
    external: [/^node:/, /^#/],
    // tsup would turn `node:sqlite` into `sqlite`, which does not exist.
    removeNodeProtocol: false,
    // `await using` of what has `Symbol.asyncDispose`, for programs that know neither Node's types nor newer libraries.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    clean: true,
    sourcemap: true,
  })
