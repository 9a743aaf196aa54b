import { defineConfig, type Options } from 'tsup'

/** The hook: one file without dependencies, with core's redaction inside. */
export const hook: Options = {
  entry: { hook: 'src/hook/main.ts' },
  format: ['cjs'],
  platform: 'node',
  target: 'node20',
  banner: { js: '#!/usr/bin/env node' },
  noExternal: [/./],
  minify: true,
  dts: false,
  clean: false,
  outExtension: () => ({ js: '.cjs' }),
  // From core's sources only what is used gets in; from its built chunks all of a chunk would.
  esbuildOptions: options => {
    options.conditions = ['@sessionwire/source']
  },
}

export default defineConfig([
  {
    entry: { index: 'src/index.ts' },
    format: ['esm'],
    platform: 'node',
    target: 'es2023',
    removeNodeProtocol: false,
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    clean: ['**/*', '!hook.cjs'],
    sourcemap: true,
  },
  hook,
])
