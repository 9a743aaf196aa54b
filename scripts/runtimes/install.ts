import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const INSTALLS = 3
const CACHE = join(ROOT, 'node_modules/.cache/runtimes')

const { engines } = JSON.parse(readFileSync(join(ROOT, 'packages/core/package.json'), 'utf8')) as {
  engines: { node: string }
}
/** The oldest Node that the packages promise. */
export const OLDEST_NODE: string = engines.node.replace('>=', '').replace(/^(\d+\.\d+)$/, '$1.0')

/** Puts packages of the registry into a folder of their own, once, without running their scripts. */
export const installPackages = (name: string, packages: readonly string[]): string => {
  const folder = join(CACHE, `${name}-${packages.map(each => each.replace(/.*@/, '')).join('-')}`)
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return folder
  mkdirSync(folder, { recursive: true })
  const words = [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--force',
    '--no-save',
  ]
  // A registry may give no answer once; npm asks again for some failures only.
  for (let tries = 1; ; tries++)
    try {
      execFileSync('npm', [...words, ...packages], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
      return folder
    } catch (thrown) {
      if (tries === INSTALLS) throw thrown
    }
}

/** The path of a Node of one version. */
export const nodeBinary = (version: string): string => {
  const name = `node-${process.platform}-${process.arch}`
  return join(installPackages(name, [`${name}@${version}`]), 'node_modules', name, 'bin/node')
}
