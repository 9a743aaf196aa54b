import { posix } from 'node:path'
import { type Fence, fencesOf } from './markdown.ts'
import type { Page } from './pages.ts'

/**
 * A block of TypeScript as a file that can be checked. Comments right above a block say more of it:
 * `run`: it is run too · `continues`: goes on where the block before it ended · `given: tracker, session`: these are
 * there already · `before` and code on the next lines: code readers need not see · `file: src/index.ts`: a file of the
 * page's own project. A `text` block under `prints` is what the run before it prints; `…` stands for anything.
 */
export type Block = Readonly<{
  page: string
  /** Line of the page it begins in. */
  line: number
  /** Where it is written, from the folder of all blocks. */
  file: string
  code: string
  /** The page's line of each line of `code`, where it has one. */
  lines: readonly (number | undefined)[]
  /** A block that another goes on from is run with that one. */
  run: boolean
  continues: boolean
  /** Lines that must be printed, in this order; other text may stand between. */
  prints: readonly string[]
}>

type Draft = { -readonly [K in keyof Block]: Block[K] }

const ADAPTERS = [
  'Files',
  'Github',
  'Jira',
  'Linear',
  'Neo4j',
  'Opsera',
  'Otlp',
  'Slack',
  'Taiga',
  'Webhook',
] as const
const typed = ADAPTERS.map(
  name => `import('@sessionwire/${name.toLowerCase()}').${name}Adapter<'${name.toLowerCase()}'>`,
)

/** Declarations that a block may take for given, by name. */
const GIVEN: Readonly<Record<string, string>> = {
  tracker: `declare const tracker: import('@sessionwire/core').Tracker<readonly [${typed.join(', ')}]>`,
  session: `declare const session: import('@sessionwire/core').SessionHandle`,
}

type Lines = readonly Readonly<{ text: string; line: number | undefined }>[]

const hide = (text: string): Lines => text.split('\n').map(each => ({ text: each, line: undefined }))

const noteOf = (notes: readonly string[], name: string): string | undefined =>
  notes
    .find(note => note === name || note.startsWith(`${name}:`) || note.startsWith(`${name}\n`))
    ?.slice(name.length + 1)

const declareGiven = (names: string, where: string): Lines =>
  names.split(',').flatMap(each => {
    const text = GIVEN[each.trim()]
    if (text === undefined)
      throw new Error(`${where}: "${each.trim()}" is not one of ${Object.keys(GIVEN).join(', ')}`)
    return hide(text)
  })

const KNOWN = /^(run|continues|prints|given|before|file)\b/

const own = ({ text, line }: Fence): Lines =>
  text.split('\n').map((each, n) => ({ text: each, line: line + n }))

/** The blocks of a page, in order. Throws for a note it does not know. */
export const blocksOf = ({ path, text }: Page): readonly Block[] => {
  const folder = path.replace(/\.md$/, '').replaceAll('/', '-')
  const blocks: Draft[] = []
  let last: Lines = []
  for (const fence of fencesOf(text)) {
    const where = `${path}:${fence.line}`
    const { language, notes } = fence
    if (language === 'text' && notes.includes('prints')) {
      const block = blocks.findLast(each => each.run)
      if (block === undefined) throw new Error(`${where}: nothing above it is run`)
      block.prints = [...block.prints, fence.text]
    }
    if (language !== 'ts') continue
    const stranger = notes.find(note => !KNOWN.test(note))
    if (stranger !== undefined)
      throw new Error(`${where}: "${stranger.slice(0, 40)}" is not a note for a block`)
    const file = noteOf(notes, 'file')?.trim()
    const before = noteOf(notes, 'before')
    const lines: Lines = [
      ...(notes.includes('continues') ? last : []),
      ...(noteOf(notes, 'given') === undefined ? [] : declareGiven(noteOf(notes, 'given') ?? '', where)),
      ...(before === undefined ? [] : hide(before)),
      ...own(fence),
    ]
    last = lines
    // A file without imports is not a module, and then nothing may be awaited in it.
    const whole = lines.some(line => /^(import|export)\b/.test(line.text))
      ? lines
      : [...lines, ...hide('export {}')]
    const block: Draft = {
      page: path,
      line: fence.line,
      file: posix.join(folder, file ?? `${fence.line}.ts`),
      code: `${whole.map(line => line.text).join('\n')}\n`,
      lines: whole.map(line => line.line),
      run: notes.includes('run'),
      continues: notes.includes('continues'),
      prints: [],
    }
    const previous = blocks.at(-1)
    if (block.run && block.continues && previous !== undefined) {
      block.prints = previous.prints
      previous.run = false
    }
    const sooner = blocks.find(each => each.file === block.file)
    if (sooner === undefined) blocks.push(block)
    else {
      sooner.code += block.code
      sooner.lines = [...sooner.lines, ...block.lines]
      sooner.run ||= block.run
    }
  }
  return blocks
}
