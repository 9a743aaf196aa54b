import { dirname, join } from 'node:path'
import type { NavigationElement } from 'typedoc'
import { linksOf } from './markdown.ts'
import { type Page, readPages } from './pages.ts'

/** The page whose headings are the groups of the menu and whose links give the order of the pages. */
const INDEX = 'docs/guide/index.md'

/** Folders whose pages stand below their own index in the menu. */
export const BELOW_INDEX = ['docs/adapters', 'docs/decisions']

/** Pages outside `docs` that belong to the site. */
const OUTSIDE = ['CONTRIBUTING.md', 'SECURITY.md']

/** The packages' scope, and the package of the command, which has none. */
const isPackage = ({ text }: NavigationElement): boolean => text.startsWith('@') || text === 'sessionwire'

/** A group of the menu: the heading, and the paths of its pages. */
type Group = Readonly<{ title: string; paths: readonly string[] }>

/** Reads the groups of the menu from the headings and links of the index. */
export const readGroups = (index: string): readonly Group[] =>
  index
    .split(/^## /m)
    .slice(1)
    .map(part => ({
      title: part.slice(0, part.indexOf('\n')).trim(),
      paths: linksOf(part)
        .map(({ target }) => join(dirname(INDEX), target.split('#')[0] ?? ''))
        .filter(path => path.endsWith('.md')),
    }))

/** Reads every page of the site. Throws when the index misses one. */
export const readSite = (): Readonly<{ pages: readonly Page[]; groups: readonly Group[] }> => {
  const all = readPages().filter(({ path }) => path.startsWith('docs/') || OUTSIDE.includes(path))
  const groups = readGroups(all.find(({ path }) => path === INDEX)?.text ?? '')
  const named = new Set(groups.flatMap(({ paths }) => paths))
  const isBelow = (path: string) => BELOW_INDEX.includes(dirname(path)) && !path.endsWith('/index.md')
  const missing = all.find(({ path }) => path !== INDEX && !named.has(path) && !isBelow(path))
  if (missing !== undefined) throw new Error(`${INDEX}: missing page; expected a link to ${missing.path}`)
  const order = [INDEX, ...named]
  const rank = ({ path }: Page) => (isBelow(path) ? order.length : order.indexOf(path))
  return { pages: [...all].sort((a, b) => rank(a) - rank(b)), groups }
}

/** Puts the menu's pages under the headings of the index; packages go to the group `Reference`. */
export const groupMenu = (
  elements: readonly NavigationElement[],
  groups: readonly Group[],
  nameOf: (path: string) => string | undefined,
): readonly NavigationElement[] => {
  const packages = elements.flatMap(each => {
    if (!isPackage(each)) return []
    return each.path === undefined ? (each.children ?? []) : [each]
  })
  const grouped = groups.map(({ title, paths }): NavigationElement => {
    const pages = paths.flatMap(path => elements.filter(({ text }) => text === nameOf(path)))
    return { text: title, children: title === 'Reference' ? [...pages, ...packages] : pages }
  })
  // The index says the same as the groups, so the menu leaves it out.
  const placed = new Set(grouped.flatMap(({ children }) => (children ?? []).map(({ text }) => text)))
  const others = elements.filter(
    each => !placed.has(each.text) && !isPackage(each) && each.text !== nameOf(INDEX),
  )
  return [...others, ...grouped]
}
