import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Block } from './blocks.ts'
import { ROOT } from './pages.ts'

/** Where blocks are written: inside `docs`, so that they find its packages. */
const FOLDER = join(ROOT, 'docs/.blocks')

type Ended = Readonly<{ code: number; out: string; errors: string }>

const run = (
  command: string,
  words: readonly string[],
  options: Readonly<{ cwd?: string; env?: Readonly<Record<string, string | undefined>>; timeout?: number }>,
): Promise<Ended> =>
  new Promise(resolve =>
    execFile(command, words, { maxBuffer: 16 * 1024 * 1024, ...options }, (error, out, errors) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1
      resolve({ code, out, errors: error?.killed === true ? `${errors}It did not end in time.` : errors })
    }),
  )

/** Writes every block into its file. */
export const writeBlocks = (blocks: readonly Block[]): void => {
  rmSync(FOLDER, { recursive: true, force: true })
  for (const { file, code } of blocks) {
    const path = join(FOLDER, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, code)
  }
  const config = {
    extends: '../../tsconfig.json',
    files: blocks.map(({ file }) => file),
    include: [],
    exclude: [],
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
}

/** The compiler's errors in the blocks that were written, by place in their page. */
export const typeErrors = async (blocks: readonly Block[]): Promise<readonly string[]> => {
  const words = ['--checkers', '1', '--pretty', 'false', '-p', join(FOLDER, 'tsconfig.json')]
  const { code, out } = await run(join(ROOT, 'node_modules/.bin/tsc'), words, {
    cwd: FOLDER,
    timeout: 300_000,
  })
  if (code === 0) return []
  return out
    .trim()
    .split('\n')
    .map(said => {
      const [, file = '', line = '', problem = ''] = /^(.*?)\((\d+),\d+\): (.*)$/.exec(said) ?? []
      const block = blocks.find(each => file.endsWith(each.file))
      if (block === undefined) return said
      return `${block.page}:${block.lines[Number(line) - 1] ?? `${block.line} (hidden)`}: ${problem}`
    })
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Of one block: all it prints. Where blocks go on from each other, other text may stand around. */
const pattern = ({ prints, continues }: Block): RegExp => {
  const texts = prints.map(text => text.trim().split('…').map(escapeRegExp).join('[\\s\\S]*?'))
  const [begin, end] = continues ? ['(^|\\n)', '(\\n|$)'] : ['^', '$']
  return new RegExp(`${begin}${texts.join('\\n(?:[\\s\\S]*\\n)?')}${end}`)
}

/** Runs a block that was written, in an empty folder and without secrets; what is wrong, or nothing. */
export const runBlock = async (block: Block): Promise<string | undefined> => {
  const { file, prints, page, line } = block
  const cwd = mkdtempSync(join(tmpdir(), 'docs-'))
  try {
    const words = ['--conditions=@sessionwire/source', join(FOLDER, file)]
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const compiled = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
    const { code, out, errors } = await run(process.execPath, words, {
      cwd,
      env: { ...compiled, PATH },
      timeout: 300_000,
    })
    if (code !== 0) return `${page}:${line} ended with ${code}:\n${out}${errors}`
    if (prints.length === 0 || pattern(block).test(out.trim())) return undefined
    return `${page}:${line} prints something else:\n${out}`
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}
