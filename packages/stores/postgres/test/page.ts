import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runChild } from '../../../cli/test/stage.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const TEXT = readFileSync(join(ROOT, 'docs/guide/from-one-machine-to-many.md'), 'utf8')

/** The blocks of the guide in a language, in order. */
export const blocksIn = (language: string): readonly string[] =>
  [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )

/** The block of the guide that has this text. */
export const blockWith = (language: string, text: string): string => {
  const found = blocksIn(language).filter(each => each.includes(text))
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${language} have ${text}; expected 1`)
  return found[0] ?? ''
}

/** Runs programs in a folder that has our packages installed, and answers what the first one prints. */
export const runFiles = async (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<{ code: number; out: string; err: string }>> => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-page-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(ROOT, 'docs/node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const [main = ''] = Object.keys(files)
  const words = ['--conditions=@sessionwire/source', '--no-warnings', main]
  return runChild(process.execPath, words, { cwd: folder, env: { PATH: process.env.PATH ?? '', ...env } })
}
