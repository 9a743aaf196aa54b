// Runs one example, on any machine with Node 20 or newer and npm, after the workspace was installed and built.
//   npm run example
//   npm run example -- <name> [--live] [--quiet]
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepare } from './bootstrap.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = (...parts) => join(root, ...parts)
const say = text => process.stdout.write(`${text}\n`)

const examples = readdirSync(at('examples')).filter(name => existsSync(at('examples', name, 'main.ts')))

/** The first sentence of the comment above. */
const about = name => {
  const lines = readFileSync(at('examples', name, 'main.ts'), 'utf8').split('\n')
  const said = lines.slice(
    0,
    lines.findIndex(line => !/^\/\/ \S/.test(line)),
  )
  return said
    .map(line => line.slice(3))
    .join(' ')
    .replace(/(?<=\.) .*$/, '')
}

const list = () => {
  const width = Math.max(...examples.map(name => name.length))
  return examples.map(name => `  ${name.padEnd(width)}  ${about(name)}`).join('\n')
}

/** The Node that the workspace installs reads TypeScript; the machine's need not. */
const env = { ...process.env, PATH: `${at('node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}` }
const run = (command, args) => {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`)
  return status ?? 1
}

const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  say(`npm run example -- <name>\n\n${list()}`)
} else if (!examples.includes(name)) {
  process.stderr.write(`There is no example "${name}". There are:\n${list()}\n`)
  process.exitCode = 1
} else {
  await prepare({ quiet: args.includes('--quiet') })
  // Only the quickstart has a short form of its own.
  const passed = name === 'quickstart' ? args : args.filter(word => word !== '--quiet')
  process.exitCode = run('node', [`examples/${name}/main.ts`, ...passed])
}
