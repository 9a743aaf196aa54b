import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, pnpm } from './workspace.ts'

/** An empty project outside the workspace, with one package manager. */
export type Project = Readonly<{
  folder: string
  manager: 'npm' | 'pnpm'
  install: (...words: readonly string[]) => Promise<unknown>
}>

/** Makes the project. Only our own packages come from `registry`; all others come from where they always do. */
export const makeProject = (folder: string, manager: Project['manager'], registry: string): Project => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'somebody', version: '1.0.0', private: true }),
  )
  writeFileSync(join(folder, '.npmrc'), `@sessionwire:registry=${registry}\n`)
  // Without it pnpm would look for a workspace above.
  if (manager === 'pnpm') writeFileSync(join(folder, 'pnpm-workspace.yaml'), 'packages: []\n')
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline']
  return {
    folder,
    manager,
    install: (...words) =>
      manager === 'npm'
        ? mustRun('npm', ['install', ...quiet, ...words], folder)
        : pnpm(['add', '--prefer-offline', '--ignore-workspace-root-check', ...words], folder),
  }
}
