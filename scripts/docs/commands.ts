import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Option } from '../../packages/cli/src/command.ts'
import { commands, optionsOf } from '../../packages/cli/src/table.ts'
import { fencesOf } from './markdown.ts'
import { type Page, ROOT } from './pages.ts'

/** The scripts and packages of the workspace, which commands must name. */
export type Known = Readonly<{ scripts: ReadonlySet<string>; packages: ReadonlySet<string> }>

type Manifest = Readonly<{ name?: string; scripts?: Readonly<Record<string, string>> }>

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest

const FOLDERS = [
  'core',
  'hosts',
  'agents',
  'otel',
  'server',
  'cli',
  'stores/postgres',
  ...['files', 'github', 'jira', 'linear', 'neo4j', 'opsera', 'otlp', 'slack', 'taiga', 'webhook'].map(
    name => `adapters/${name}`,
  ),
]

/** Packages of others that pages tell people to install. */
const FOREIGN = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/sdk-trace',
  'ai',
  '@openai/agents',
  '@anthropic-ai/claude-agent-sdk',
  'pg',
  'zod',
  'typescript',
  '@types/node',
]

/** Scripts and packages of this workspace. */
export const readKnown = (): Known => ({
  scripts: new Set(Object.keys(manifest('.').scripts ?? {})),
  packages: new Set([...FOLDERS.map(folder => manifest(`packages/${folder}`).name ?? ''), ...FOREIGN]),
})

/** One command in its words, without settings in front (`NAME=value`) and without a comment behind. */
const wordsOf = (command: string): readonly string[] => {
  const words = command
    .replace(/\s#\s.*$/, '')
    .split(/\s+/)
    .filter(word => word !== '')
  const first = words.findIndex(word => !/^\w+=/.test(word))
  return first < 0 ? [] : words.slice(first)
}

const there = (path: string | undefined): string | undefined =>
  path === undefined || existsSync(join(ROOT, path)) ? undefined : `${path} is not there`

const isPath = (word: string): boolean => !word.startsWith('-')

type Rule = (words: readonly string[], known: Known) => string | undefined

const script: Rule = ([name = ''], { scripts }) =>
  scripts.has(name) ? undefined : `package.json has no script "${name}"`

const install: Rule = (words, { packages }) => {
  const stranger = words.filter(isPath).find(word => !packages.has(word))
  return stranger === undefined ? undefined : `${stranger} is an unknown package`
}

const tool: Rule = words => {
  const bin = words.find(isPath) ?? ''
  return (
    there(`node_modules/.bin/${bin}`) ??
    there(words.slice(words.indexOf(bin) + 1).find(word => /[/.]/.test(word)))
  )
}

/** Commands of npm and pnpm that are not scripts. */
const MANAGER: Readonly<Record<string, Rule>> = {
  install,
  exec: (words, known) =>
    tool(
      words.filter(word => word !== '--'),
      known,
    ),
  run: script,
  init: () => undefined,
}

const manager: Rule = ([verb = '', ...rest], known) =>
  (MANAGER[verb] ?? (() => script([verb], known)))(rest, known)

const NONE: Known = { scripts: new Set(), packages: new Set() }

/** A command of ours and its options. */
const command = ([name = '', ...rest]: readonly string[]): string | undefined => {
  if (name === '') return undefined
  const found = commands.find(each => each.name === name || each.aliases?.includes(name))
  if (found === undefined) return `sessionwire has no command "${name}"`
  const options = Object.entries({ ...optionsOf(found.uses), ...found.options } as Readonly<
    Record<string, Option>
  >).map(
    ([each, { on }]) => `--${on ? 'no-' : ''}${each.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
  )
  const unknown = rest.find(word => /^--\w/.test(word) && !options.includes(word))
  return unknown === undefined ? undefined : `sessionwire ${name} has no option ${unknown}`
}

/** Commands by their first word; one that is not here is a mistake or must be added. */
const RULES: Readonly<Record<string, Rule>> = {
  npm: manager,
  pnpm: manager,
  npx: words => (words[0] === 'sessionwire' ? command(words.slice(1)) : tool(words, NONE)),
  sessionwire: words => command(words),
  node: words => (words.find(isPath)?.includes('/') ? there(words.find(isPath)) : undefined),
  docker: ([verb]) => (verb === 'compose' ? there('compose.yaml') : `docker ${verb} is not used here`),
  git: ([verb]) => (verb === 'clone' ? undefined : `git ${verb} is not used here`),
  pg_dump: () => undefined,
  pg_restore: () => undefined,
  cd: () => undefined,
  mkdir: () => undefined,
  export: () => undefined,
}

const problemOf = (command: string, known: Known): string | undefined => {
  const [first, ...rest] = wordsOf(command)
  if (first === undefined) return undefined
  if (first.includes('/')) return there(first)
  const rule = RULES[first]
  return rule === undefined ? `unknown command "${first}"` : rule(rest, known)
}

/** A command that a page tells people to type, and where. */
export type Command = Readonly<{ place: string; command: string }>

const inBlocks = ({ path, text }: Page): readonly Command[] =>
  fencesOf(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text: commands, line }) =>
      commands.split('\n').flatMap((all, n) =>
        (/^\s*#/.test(all) ? '' : all)
          .split(/\s*&&\s*/)
          .filter(each => wordsOf(each).length > 0)
          .map(command => ({ place: `${path}:${line + n}`, command })),
      ),
    )

/** In a sentence, only what begins with one of these is a command. */
const IN_SENTENCES = /`((?:npm|pnpm|npx|node) [^`\n]+)`/g

const inSentences = ({ path, text }: Page): readonly Command[] => {
  const fenced = new Set(
    fencesOf(text).flatMap(({ text: block, line }) => block.split('\n').map((_, n) => line + n)),
  )
  return text
    .split('\n')
    .flatMap((all, n) =>
      fenced.has(n + 1)
        ? []
        : [...all.matchAll(IN_SENTENCES)].map(([, command = '']) => ({ place: `${path}:${n + 1}`, command })),
    )
}

/** Every command of a page, in blocks first. */
export const commandsOf = (page: Page): readonly Command[] => [...inBlocks(page), ...inSentences(page)]

/** Commands that this workspace does not have, as `page:line: problem`. */
export const wrongCommands = (pages: readonly Page[], known: Known): readonly string[] =>
  pages.flatMap(commandsOf).flatMap(({ place, command }) => {
    const problem = problemOf(command, known)
    return problem === undefined ? [] : [`${place}: ${problem}`]
  })
