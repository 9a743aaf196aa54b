import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fencesOf } from './markdown.ts'
import { ROOT, readPages } from './pages.ts'

/** Where projects are written: inside `docs`, so that they find its packages as they are built. */
const FOLDER = join(ROOT, 'docs/.projects')

type File = Readonly<{ path: string; text: string }>

const filesOf = (page: string): readonly File[] =>
  fencesOf(page).flatMap(({ text, notes }) => {
    const note = notes.find(each => each.startsWith('file:'))
    return note === undefined ? [] : [{ path: note.slice('file:'.length).trim(), text: `${text}\n` }]
  })

/** Settings of people's own that must not matter, over those the page gives. */
const SETTINGS: readonly (readonly string[])[] = [
  ['--exactOptionalPropertyTypes', 'true'],
  ['--exactOptionalPropertyTypes', 'false'],
  ['--noUncheckedIndexedAccess', 'true', '--noPropertyAccessFromIndexSignature', 'true'],
]

const compile = (folder: string, words: readonly string[]): Promise<string | undefined> =>
  new Promise(resolve => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    execFile(tsc, ['--checkers', '1', '-p', folder, ...words], (error, out) =>
      resolve(error === null ? undefined : out),
    )
  })

/** The result of one project with one set of settings. */
export type Checked = Readonly<{ name: string; problem: string | undefined }>

/** Writes the files of each page that gives a `tsconfig.json`, and compiles them as people would, with other settings too. */
export const checkProjects = async (): Promise<readonly Checked[]> => {
  const checked: Checked[] = []
  for (const { path, text } of readPages()) {
    const files = filesOf(text)
    if (!files.some(each => each.path === 'tsconfig.json')) continue
    const folder = join(FOLDER, path.replace(/\.md$/, '').replaceAll('/', '-'))
    rmSync(folder, { recursive: true, force: true })
    for (const file of [...files, { path: 'package.json', text: '{ "type": "module" }\n' }]) {
      mkdirSync(dirname(join(folder, file.path)), { recursive: true })
      writeFileSync(join(folder, file.path), file.text)
    }
    for (const words of SETTINGS)
      checked.push({
        name: `the project of ${path}, ${words.join(' ')}`,
        problem: await compile(folder, words),
      })
  }
  rmSync(FOLDER, { recursive: true, force: true })
  return checked
}
