import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { anchorsOf, linksOf } from './markdown.ts'
import { type Page, ROOT } from './pages.ts'

const problemOf = (page: Page, target: string): string | undefined => {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page.path : posix.normalize(posix.join(dirname(page.path), decodeURI(path)))
  const place = join(ROOT, file)
  if (file !== page.path && (file.startsWith('..') || !existsSync(place))) return 'is not there'
  if (anchor === undefined || anchor === '') return undefined
  if (file !== page.path && (statSync(place).isDirectory() || !file.endsWith('.md'))) return 'has no headings'
  const text = file === page.path ? page.text : readFileSync(place, 'utf8')
  return anchorsOf(text).has(anchor) ? undefined : `has no heading for #${anchor}`
}

/** Relative links and anchors that lead nowhere, as `page:line: target problem`. Links to the web are not followed. */
export const deadLinks = (pages: readonly Page[]): readonly string[] =>
  pages.flatMap(page =>
    linksOf(page.text).flatMap(({ target, line }) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
      const problem = problemOf(page, target)
      return problem === undefined ? [] : [`${page.path}:${line}: ${target} ${problem}`]
    }),
  )
