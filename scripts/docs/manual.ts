// Writes the manual of the command from its table of commands into docs/guide/commands.md: pnpm docs:manual
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AnyCommand, GROUPS, type Option } from '../../packages/cli/src/command.ts'
import { outputSchemaOf } from '../../packages/cli/src/output-schema.ts'
import { commands, optionsOf } from '../../packages/cli/src/table.ts'
import { ROOT } from './pages.ts'

const PAGE = 'docs/guide/commands.md'

const toFlag = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
const flagOf = (name: string, { value, short, on }: Option): string =>
  `\`${short === undefined ? '' : `-${short}, `}--${on ? 'no-' : ''}${toFlag(name)}${value === undefined ? '' : ` <${value}>`}\``

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<')

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(3, ...rows.map(([name]) => name.length))
  const right = Math.max(3, ...rows.map(([, about]) => about.length))
  const line = (a: string, b: string) => `| ${a.padEnd(width)} | ${b.padEnd(right)} |`
  return [line('', ''), line('-'.repeat(width), '-'.repeat(right)), ...rows.map(([a, b]) => line(a, b))].join(
    '\n',
  )
}

type Schema = Readonly<{
  type?: string
  anyOf?: readonly Schema[]
  enum?: readonly unknown[]
  const?: unknown
  items?: Schema
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
}>

/** A schema as people write a type. Fields of later versions may be added to objects that end with `…`. */
const shapeOf = (schema: Schema): string => {
  const { type, anyOf, enum: values, items, properties, required = [], additionalProperties } = schema
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(' | ')
  if (values !== undefined) return values.map(each => JSON.stringify(each)).join(' | ')
  if (type === 'array')
    return `${items?.anyOf === undefined ? shapeOf(items ?? {}) : `(${shapeOf(items)})`}[]`
  if (type === 'object' && properties === undefined)
    return typeof additionalProperties === 'object'
      ? `{ [name]: ${shapeOf(additionalProperties)} }`
      : 'object'
  if (type === 'object')
    return `{ ${[
      ...Object.entries(properties ?? {}).map(
        ([name, part]) => `${name}${required.includes(name) ? '' : '?'}: ${shapeOf(part)}`,
      ),
      ...(additionalProperties === false ? [] : ['…']),
    ].join(', ')} }`
  return type ?? 'any'
}

const SHARED = new Set(Object.keys(optionsOf('recording')))

const manualOf = (command: AnyCommand): string => {
  const { name, aliases = [], about, more = [], examples = [], uses } = command
  const given = (command.arguments ?? []) as readonly Readonly<{
    name: string
    about: string
    optional?: true
    many?: true
    choices?: readonly string[]
  }>[]
  const own = Object.entries((command.options ?? {}) as Readonly<Record<string, Option>>)
  const usage = [
    'sessionwire',
    name,
    ...given.map(
      each => `${each.optional ? '[' : '<'}${each.name}${each.many ? '...' : ''}${each.optional ? ']' : '>'}`,
    ),
    '[options]',
  ].join(' ')
  const choices = (values: readonly string[] | undefined) =>
    values === undefined ? '' : `: ${values.join(', ')}`
  const rows: (readonly [string, string])[] = [
    ...given.map(each => [`\`${each.name}\``, escapeCell(each.about + choices(each.choices))] as const),
    ...own.map(
      ([each, option]) => [flagOf(each, option), escapeCell(option.about + choices(option.choices))] as const,
    ),
  ]
  const shared = Object.keys(optionsOf(uses)).filter(
    each => SHARED.has(each) && !own.some(([mine]) => mine === each),
  )
  return [
    `### ${name}`,
    `${about}.${aliases.length === 0 ? '' : ` Short: \`${aliases.join('`, `')}\`.`}`,
    `\`\`\`text\n${usage}\n\`\`\``,
    ...more.map(escapeCell),
    ...(rows.length === 0 ? [] : [table(rows)]),
    `Also: ${shared.map(each => `\`--${optionsOf(uses)[each]?.on ? 'no-' : ''}${toFlag(each)}\``).join(', ')}.`,
    ...(examples.length === 0 ? [] : [`\`\`\`text\n${examples.join('\n')}\n\`\`\``]),
    `\`--json\` prints:\n\n\`\`\`text\n${shapeOf(outputSchemaOf(command) as Schema)}\n\`\`\``,
  ].join('\n\n')
}

/** The page as it must be. */
export const manualPage = (): string => {
  const shown = commands.filter(({ hidden }) => !hidden)
  return `${[
    '# Commands',
    'Every command of `sessionwire`, from the program itself. [The command](the-command.md) explains how they work together.',
    '## Options of most commands',
    table(
      Object.entries(optionsOf('recording')).map(([name, option]) => [
        flagOf(name, option),
        escapeCell(option.about),
      ]),
    ),
    ...GROUPS.flatMap(group => [`## ${group}`, ...shown.filter(each => each.group === group).map(manualOf)]),
  ].join('\n\n')}\n`
}

/** Whether the page is as it must be. */
export const isManualFresh = (): boolean => readFileSync(join(ROOT, PAGE), 'utf8') === manualPage()

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(ROOT, PAGE), manualPage())
  console.log(`Written: ${PAGE}`)
}
