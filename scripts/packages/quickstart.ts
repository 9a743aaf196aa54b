import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf } from '../docs/blocks.ts'
import { fencesOf } from '../docs/markdown.ts'
import type { Project } from './project.ts'
import type { Package } from './workspace.ts'
import { ROOT, run } from './workspace.ts'

/** The README's first steps: the packages, the code and its output. */
export type Quickstart = Readonly<{ install: readonly string[]; code: string; prints: readonly string[] }>

/** The quickstart of the README: its first command that installs, and its first block that is run. */
export const readQuickstart = (): Quickstart => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const command = fencesOf(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(fence => fence.text.split('\n'))
    .find(line => line.startsWith('npm install @sessionwire/'))
  const block = blocksOf({ path: 'README.md', text }).find(each => each.run)
  if (command === undefined || block === undefined)
    throw new Error('README.md: no quickstart to install and run')
  return { install: command.split(/\s+/).slice(2), code: block.code, prints: block.prints }
}

/** As CommonJS has it: the same imports, and a function to wait in. */
const asCommonJs = (code: string): string => {
  const lines = code.split('\n')
  const body = lines.filter(line => !line.startsWith('import '))
  const imports = lines.filter(line => line.startsWith('import '))
  return `${imports.join('\n')}\nconst main = async () => {\n${body.join('\n')}\n}\nvoid main()\n`
}

const SETTINGS = {
  // A program for Node, as strict as TypeScript can be; the result is run.
  strictest: {
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: false,
    },
    ...{
      noPropertyAccessFromIndexSignature: true,
      isolatedModules: true,
      declaration: true,
      skipLibCheck: false,
    },
    ...{ lib: ['es2023', 'esnext.disposable'], types: ['node'], outDir: 'out' },
  },
  // A program for a browser or an edge, with nothing but what it is given; declarations of packages are checked too.
  loosest: { strict: false, skipLibCheck: false, types: [], noEmit: true },
}

const writeSettings = (folder: string): void => {
  for (const [name, own] of Object.entries(SETTINGS)) {
    const compilerOptions = { target: 'es2023', module: 'nodenext', ...own }
    const files = ['day-one.mts', 'day-one.cts', 'entries.mts']
    writeFileSync(join(folder, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files }))
  }
}

const entriesOf = (packages: readonly Package[]): readonly string[] =>
  packages.flatMap(({ manifest: { name, exports } }) =>
    Object.keys(exports)
      .filter(path => !path.endsWith('.json'))
      .map(path => name + path.slice(1)),
  )

/** Its declarations need those of its optional peers: agent frameworks, which are too large for this project. */
const NEEDS_PEERS = '@sessionwire/agents'

/** Needs the declarations of every entry. */
const entryTypes = (packages: readonly Package[]): string =>
  `export type All = [${entriesOf(packages.filter(({ manifest }) => manifest.name !== NEEDS_PEERS))
    .map(entry => `typeof import('${entry}', { with: { 'resolution-mode': 'import' } })`)
    .join(', ')}]\n`

/** Imports every entry, asks `require` for the same, and for the manifest. */
const entriesModule = (packages: readonly Package[]): string =>
  [
    "import { createRequire } from 'node:module'",
    'const require = createRequire(import.meta.url)',
    `for (const name of ${JSON.stringify(entriesOf(packages))}) {`,
    '  const names = [await import(name), require(name)].map(each => Object.keys(each).join())',
    "  if (names[0] === '' || names[0] !== names[1]) throw new Error(name + ' gives ' + names.join(' or '))",
    '}',
    ...packages.map(({ manifest: { name } }) => `require('${name}/package.json')`),
  ].join('\n')

/** Whether a text is what the page shows; `…` stands for anything. */
const shows = (shown: string, text: string): boolean => {
  let at = 0
  for (const part of shown.split('…').map(each => each.trim())) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}

const runs = async (
  project: Project,
  file: string,
  prints: readonly string[],
): Promise<readonly string[]> => {
  const { code, out, both } = await run(process.execPath, [file], project.folder)
  const which = `${project.manager}: node ${file}`
  if (code !== 0) return [`${which} ended with ${code}:\n${both}`]
  // Nothing prints unless asked, least of all a warning.
  if (out !== both) return [`${which} complains:\n${both}`]
  return prints.filter(shown => !shows(shown, out)).map(shown => `${which} prints\n${out}\nand not\n${shown}`)
}

/** Runs the README's own file as it stands there, in the project with what the README installs. */
export const runAsWritten = async (
  project: Project,
  { code, prints }: Quickstart,
): Promise<readonly string[]> => {
  writeFileSync(join(project.folder, 'day-one.mjs'), code)
  return runs(project, 'day-one.mjs', prints)
}

type Setting = keyof typeof SETTINGS

/** The oldest TypeScript that the README promises, as a version to install. */
export const oldestTypeScript = (): string => {
  const found = /TypeScript is (\d+\.\d+) or newer/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1]
  if (found === undefined) throw new Error('README.md: no oldest TypeScript')
  return `typescript@~${found}.0`
}

/** Compilers that stand for those of users, with the settings each is given: TypeScript 7, 6, and the project's own, the oldest. */
const COMPILERS: Readonly<Record<Project['manager'], readonly (readonly [string, Setting])[]>> = {
  npm: [
    ['tsc', 'strictest'],
    ['tsc', 'loosest'],
    ['tsc6', 'strictest'],
    ['oldest', 'strictest'],
  ],
  pnpm: [
    ['tsc', 'strictest'],
    ['tsc', 'loosest'],
  ],
}

/** Type-checks the quickstart and every entry with both settings; runs what came out as a module and by `require`. */
export const compileAndRun = async (
  project: Project,
  { code, prints }: Quickstart,
  packages: readonly Package[],
): Promise<readonly string[]> => {
  const { folder, manager } = project
  writeFileSync(join(folder, 'day-one.mts'), code)
  writeFileSync(join(folder, 'day-one.cts'), asCommonJs(code))
  writeFileSync(join(folder, 'entries.mts'), entryTypes(packages))
  writeFileSync(join(folder, 'entries.mjs'), entriesModule(packages))
  writeSettings(folder)
  const problems: string[] = []
  for (const [compiler, name] of COMPILERS[manager]) {
    const words = ['-p', `tsconfig.${name}.json`, ...(compiler === 'tsc' ? ['--checkers', '1'] : [])]
    const program =
      compiler === 'oldest'
        ? join(folder, 'node_modules/.bin/tsc')
        : join(ROOT, 'node_modules/.bin', compiler)
    const { code, both } = await run(program, words, folder)
    if (code !== 0) problems.push(`${manager}: ${compiler}, the ${name} settings:\n${both}`)
  }
  if (problems.length > 0) return problems
  return [
    ...(await runs(project, 'out/day-one.mjs', prints)),
    ...(await runs(project, 'out/day-one.cjs', prints)),
    ...(await runs(project, 'entries.mjs', [])),
  ]
}
