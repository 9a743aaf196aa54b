import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, commandsOf } from './commands.ts'
import { ROOT, readPages } from './pages.ts'

type Left = readonly [command: RegExp, why: string]

/** Commands that the check of the pages leaves out, and why. Each must fit a command of some page. */
const LEFT_OUT: readonly Left[] = [
  [/ --live$/, 'needs an account and its credentials'],
  [/ \.\.\/other$/, 'needs another repository'],
  [/^npm install( |$)/, 'installs into a project of the reader; packages:check does, with what was packed'],
  [/^(npx )?sessionwire( |$)/, 'run by the tests of packages/cli, and by packages:check as it is packed'],
  [
    /^(npx tsc|node --test)( |$)/,
    'run in the project of the page: this check compiles it, and test/docs runs its tests',
  ],
  [/^node day-one\.mjs$/, 'run in that project by packages:check'],
  [/^(npm test|npm run test:all|\.ci\/run)$/, 'runs this check, or all it is a part of'],
  [/^pnpm docs:check$/, 'is this check'],
  [/^npm run bootstrap$/, 'what every other step of .ci/run begins with'],
  [/^pnpm build$/, 'what npm run bootstrap does with each package'],
  [
    /^(npm run|pnpm) (typecheck|lint|knip|packages:check|words|commits|runtimes|coverage:files)$/,
    'a step of its own in .ci/run',
  ],
  [/^npm run example -- [\w-]+$/, 'a step of its own in .ci/run'],
  [/^pnpm format$/, 'changes files; lint says what it would change'],
  [/^pnpm bench\b/, 'measures for minutes, and only on a machine that does nothing else'],
  [/^pnpm cases( |$)/, 'a step of its own in .ci/run'],
  [
    /^pnpm (crash|many|server:load|server:table|mcp:check|hosts|hosts:mcp|hosts:record --write)$/,
    'a step of its own in .ci/run',
  ],
  [/^node scripts\/packages\/publish\.ts/, 'packs, and asks npm what it has'],
  [/^pg_(dump|restore) /, 'needs a server; run by the tests of packages/stores/postgres'],
  [/^pnpm hosts:sdk$/, 'needs the program of Claude Code, which pnpm hosts claude installs'],
  [/^pnpm openapi$/, 'loads 29 MB from npm; what it writes is held by a digest in the tests'],
  [/^pnpm faults$/, 'takes many minutes; what it writes is compared by tests'],
  [/^pnpm changeset\b/, 'asks questions, writes versions, publishes'],
  [/^npm run docs:serve$/, 'serves until it is stopped'],
]

/** The comments above an example say how it is started, up to the explanation behind. */
const inExamples = (): readonly Command[] =>
  readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter(each => each.isDirectory())
    .map(({ name }) => `examples/${name}/main.ts`)
    .flatMap(path => {
      const lines = (read(path) ?? '').split('\n')
      return lines.flatMap((line, n) => {
        const [, command] = /^\/\/ {3}((?:node|npm) \S.*?)(?: {2,}.*)?$/.exec(line) ?? []
        return command === undefined ? [] : [{ place: `${path}:${n + 1}`, command }]
      })
    })

const read = (path: string): string | undefined => {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch {
    return undefined
  }
}

/** The commands of pages and examples that the check runs, each once, those it leaves out, and mistakes in the list. */
export type Runs = Readonly<{ run: readonly Command[]; left: readonly string[]; problems: readonly string[] }>

/** Sorts commands into those that are run and those that are left out with a reason. */
export const sortRuns = (commands: readonly Command[]): Runs => {
  const once = new Map(commands.map(each => [each.command.trim(), each] as const).reverse())
  const all = [...once.keys()].reverse()
  const reasonOf = (command: string) => LEFT_OUT.find(([pattern]) => pattern.test(command))?.[1]
  return {
    run: all
      .filter(each => reasonOf(each) === undefined)
      .map(command => ({ place: once.get(command)?.place ?? '', command })),
    left: all.flatMap(each => (reasonOf(each) === undefined ? [] : [`${each}: ${reasonOf(each)}`])),
    problems: LEFT_OUT.flatMap(([pattern]) =>
      all.some(each => pattern.test(each)) ? [] : [`scripts/docs/runs.ts: no page says ${pattern} any more`],
    ),
  }
}

/** Of all pages and examples. */
export const readRuns = (): Runs => sortRuns([...readPages().flatMap(commandsOf), ...inExamples()])
