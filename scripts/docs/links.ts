import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { addressesOf, anchorsOf, linksOf } from './markdown.ts'
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

/** Where this repository is shown. */
const REPOSITORY = 'https://github.com/sessionwire/sessionwire'
const HERE = new RegExp(`^${REPOSITORY}(?:/(.*))?$`)

/** Pages of its site that are not files. */
const PLACES = new Set(['', 'issues', 'pulls', 'releases', 'security', 'security/advisories/new'])

/** Hosts that do not exist (RFC 2606, RFC 6761), that are only here, or that a reader is to replace. */
const PLACEHOLDER =
  /(^|\.)(example(\.(com|net|org))?|test|invalid|local|localhost)$|^(127\.|0\.0\.0\.0|\[)|^(your|my)-|^[^.]+$/

const inRepository = (place: string): string | undefined => {
  const [path = '', anchor] = place.split('#')
  if (PLACES.has(path)) return undefined
  const [, kind, branch, file = ''] = /^(tree|blob|edit|raw)\/([^/]+)\/(.+)$/.exec(path) ?? []
  if (kind === undefined) return 'is not a known place of this repository'
  if (branch !== 'main') return `names the branch ${branch}`
  const found = statSync(join(ROOT, decodeURI(file)), { throwIfNoEntry: false })
  if (found === undefined) return `is not there: this repository has no ${file}`
  if (found.isDirectory() !== (kind === 'tree'))
    return `is ${found.isDirectory() ? 'a folder: tree' : 'a file: blob'}`
  if (anchor === undefined || (anchor === 'readme' && existsSync(join(ROOT, file, 'README.md'))))
    return undefined
  const known = file.endsWith('.md') && anchorsOf(readFileSync(join(ROOT, file), 'utf8')).has(anchor)
  return known ? undefined : `has no heading for #${anchor}`
}

/** The problem of an address of the web, as far as it shows without a request. */
export const webProblem = (target: string): string | undefined => {
  if (!URL.canParse(target)) return 'is not an address'
  const { protocol, hostname, username } = new URL(target)
  if (protocol === 'mailto:') return undefined
  if (protocol !== 'https:') return 'is not https'
  if (username !== '') return 'names a user'
  if (/[<>{}…]|%3C|%7B/i.test(target)) return 'has a gap to fill in'
  if (PLACEHOLDER.test(hostname)) return 'is a placeholder: write it as code'
  const [, place] = HERE.exec(target) ?? []
  return HERE.test(target) ? inRepository(place ?? '') : undefined
}

/** Addresses of the web that cannot be right, as `page:line: target problem`. */
export const wrongAddresses = (pages: readonly Page[]): readonly string[] =>
  pages.flatMap(page => {
    const links = linksOf(page.text).filter(({ target }) => /^[a-z][a-z0-9+.-]*:|^\/\//i.test(target))
    const said = [...links, ...addressesOf(page.text)].flatMap(({ target, line }) => {
      const problem = webProblem(target)
      return problem === undefined ? [] : [`${page.path}:${line}: ${target} ${problem}`]
    })
    return [...new Set(said)]
  })
