import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { installPackages } from './install.ts'

const node = /^node:/

/** Each bundles `entry` into `folder` and returns the file to run. */
export const BUNDLERS: Readonly<Record<string, (entry: string, folder: string) => Promise<string>>> = {
  esbuild: async (entry, folder) => {
    const outfile = join(folder, 'esbuild/main.mjs')
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    })
    return outfile
  },
  rollup: async (entry, folder) => {
    const home = installPackages('rollup', [
      'rollup@4.68.8',
      '@rollup/plugin-node-resolve@16.0.3',
      '@rollup/plugin-commonjs@29.0.3',
    ])
    const config = join(folder, 'rollup.config.mjs')
    const output = join(folder, 'rollup')
    writeFileSync(
      config,
      `import resolve from ${JSON.stringify(join(home, 'node_modules/@rollup/plugin-node-resolve/dist/es/index.js'))}
import commonjs from ${JSON.stringify(join(home, 'node_modules/@rollup/plugin-commonjs/dist/es/index.js'))}
export default { input: ${JSON.stringify(entry)}, external: ${node}, plugins: [resolve({ preferBuiltins: true }), commonjs()],
  output: { dir: ${JSON.stringify(output)}, format: 'esm', entryFileNames: 'main.mjs', chunkFileNames: '[name]-[hash].mjs' } }\n`,
    )
    execFileSync(
      process.execPath,
      [join(home, 'node_modules/rollup/dist/bin/rollup'), '-c', config, '--silent'],
      { stdio: 'pipe' },
    )
    return join(output, 'main.mjs')
  },
  vite: async (entry, folder) => {
    const home = installPackages('vite', ['vite@8.4.0'])
    const script = join(folder, 'vite-build.mjs')
    const output = join(folder, 'vite')
    writeFileSync(
      script,
      `import { build } from ${JSON.stringify(join(home, 'node_modules/vite/dist/node/index.js'))}
await build({ configFile: false, root: ${JSON.stringify(folder)}, logLevel: 'error', ssr: { noExternal: true },
  build: { ssr: ${JSON.stringify(entry)}, outDir: ${JSON.stringify(output)}, minify: true,
    rollupOptions: { output: { entryFileNames: 'main.mjs' } } } })\n`,
    )
    execFileSync(process.execPath, [script], { stdio: 'pipe' })
    return join(output, 'main.mjs')
  },
  webpack: async (entry, folder) => {
    const home = installPackages('webpack', ['webpack@5.113.0', 'terser-webpack-plugin@5.6.1'])
    const script = join(folder, 'webpack.cjs')
    writeFileSync(
      script,
      `const home = ${JSON.stringify(join(home, 'node_modules'))}
const webpack = require(home + '/webpack')
const Terser = require(home + '/terser-webpack-plugin')
webpack({ mode: 'production', target: 'node22', entry: ${JSON.stringify(entry)},
  output: { path: ${JSON.stringify(join(folder, 'webpack'))}, filename: 'main.cjs', chunkFilename: '[id].cjs' },
  optimization: { minimizer: [new Terser({ terserOptions: { compress: { passes: 2 } } })] },
}, (error, stats) => {
  if (error || stats.hasErrors()) { console.error(error ?? stats.toString({ all: false, errors: true })); process.exit(1) }
})\n`,
    )
    execFileSync(process.execPath, [script], { stdio: 'pipe' })
    return join(folder, 'webpack/main.cjs')
  },
}
