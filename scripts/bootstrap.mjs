// Installs what the workspace needs and builds the packages whose sources changed, one line per step, on any machine
// with Node 20 or newer and npm:
//   npm run bootstrap [-- --install] [--quiet]
// --install leaves the build out: the tests run on the sources. --quiet prints failures only.
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const at = (...parts) => join(root, ...parts)
const timeOf = path => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
const newestOf = folder =>
  Math.max(...readdirSync(folder, { recursive: true }).map(path => timeOf(join(folder, path))))

const folders = [
  '.',
  ...['adapters', 'stores'].flatMap(kind =>
    readdirSync(at('packages', kind)).map(name => `packages/${kind}/${name}`),
  ),
  ...[
    'packages/core',
    'packages/hosts',
    'packages/agents',
    'packages/otel',
    'packages/cli',
    'packages/server',
    'examples',
    'docs',
    'bench',
    'attack',
  ],
].filter(folder => existsSync(at(folder, 'package.json')))
const packages = folders.filter(folder => existsSync(at(folder, 'tsup.config.ts')))

/** The versions that an install reads; the mark of the last install keeps a copy. */
const readInstallInputs = () =>
  ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...folders.map(folder => join(folder, 'package.json'))]
    .map(path => readFileSync(at(path), 'utf8'))
    .join('\n')
const mark = at('node_modules/.sessionwire-install')
const isInstalled = wanted =>
  existsSync(mark) && existsSync(at('node_modules/.modules.yaml')) && readFileSync(mark, 'utf8') === wanted

/** A build writes its types last. Not every package has an `index`. */
const timeOfTypes = folder =>
  Math.max(
    0,
    ...(existsSync(folder) ? readdirSync(folder) : [])
      .filter(path => path.endsWith('.d.ts'))
      .map(path => timeOf(join(folder, path))),
  )
const isBuilt = folder =>
  Math.max(newestOf(at(folder, 'src')), timeOf(at(folder, 'package.json')), timeOf(at('tsup.base.ts'))) <
  timeOfTypes(at(folder, 'dist'))

/** Runs pnpm in the version that the workspace names, and keeps its output for a failure. */
const pnpm = words =>
  new Promise(resolve => {
    const { packageManager } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
    const child = spawn('npx', ['--yes', '-p', packageManager, 'pnpm', ...words], {
      cwd: root,
      env: { ...process.env, npm_config_update_notifier: 'false' },
      shell: process.platform === 'win32',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', part => {
        output += part
      })
    child.once('error', error => resolve({ code: 1, output: error.message }))
    child.once('close', code => resolve({ code: code ?? 1, output }))
  })

/** Runs one step and prints its line; ends the process when the step fails. */
const step = async (name, words, what, quiet) => {
  const started = performance.now()
  const { code, output } = await pnpm(words)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (code === 0) {
    if (!quiet) console.log(`${name.padEnd(7)} ${what} in ${seconds} s`)
    return
  }
  console.error(`${output.trimEnd()}\n${name}: failed with exit code ${code} after ${seconds} s`)
  process.exit(1)
}

/** Brings the workspace up to date; prints nothing about a step that has nothing to do. */
export const prepare = async ({ build = true, quiet = false } = {}) => {
  const wanted = readInstallInputs()
  if (!isInstalled(wanted)) {
    await step('install', ['install', '--frozen-lockfile'], 'done', quiet)
    mkdirSync(at('node_modules'), { recursive: true })
    writeFileSync(mark, wanted)
  }
  const stale = build ? packages.filter(folder => !isBuilt(folder)) : []
  if (stale.length > 0) {
    const filters = stale.flatMap(folder => ['--filter', `./${folder}`])
    await step('build', [...filters, 'build'], `${stale.length} packages`, quiet)
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2)
  const unknown = words.find(word => !['--install', '--quiet'].includes(word))
  if (unknown !== undefined) {
    console.error(`bootstrap: unknown option ${unknown}; expected --install or --quiet`)
    process.exit(2)
  }
  await prepare({ build: !words.includes('--install'), quiet: words.includes('--quiet') })
}
