import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the whole workspace. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A page of Markdown; `path` is from the workspace's folder, with `/`. */
export type Page = Readonly<{ path: string; text: string }>

const LEFT_OUT = /^(node_modules|dist|coverage|api|test|src|\..*)$/

const markdown = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return LEFT_OUT.test(entry.name) ? [] : markdown(path)
    return entry.name.endsWith('.md') && entry.name !== 'CHANGELOG.md' ? [path] : []
  })

/** Every page people read, in a fixed order. */
export const readPages = (): readonly Page[] =>
  markdown(ROOT)
    .map(path => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
