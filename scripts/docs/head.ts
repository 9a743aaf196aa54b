import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Application,
  DeclarationReflection,
  type PageEvent,
  Reflection,
  ReflectionKind,
  type RouterTarget,
} from 'typedoc'
import { ROOT } from './pages.ts'

const REPOSITORY = 'https://github.com/sessionwire/sessionwire'
const LONGEST = 160

/** Plain text of Markdown, cut at a word. */
const plain = (markdown: string): string => {
  const text = markdown
    .replace(/```[\s\S]*?```|<!--[\s\S]*?-->/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*_]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\s\S*$/, '')} …`
}

/** The first paragraph of a page that is a sentence. */
const firstParagraph = (markdown: string): string =>
  markdown
    .replace(/```[\s\S]*?```|<!--[\s\S]*?-->/g, '')
    .split(/\n\s*\n/)
    .find(part => /^[A-Z_`*[]/.test(part.trim())) ?? ''

const commentOf = (model: Reflection): string => {
  const signatures = model instanceof DeclarationReflection ? (model.signatures ?? []) : []
  const comment = model.comment ?? signatures.find(each => each.comment !== undefined)?.comment
  return (comment?.summary ?? []).map(({ text }) => text).join('')
}

/** One sentence about a page, for search engines and previews of links. */
const describePage = (model: Reflection): string => {
  const readme = 'readme' in model && Array.isArray(model.readme) ? (model.readme as { text: string }[]) : []
  const content =
    'content' in model && Array.isArray(model.content) ? (model.content as { text: string }[]) : readme
  const text = firstParagraph(content.map(each => each.text).join('')) || commentOf(model)
  return plain(text) || `${model.name}: reference of Sessionwire.`
}

/** Pages of the whole project other than the front page; TypeDoc gives them its title. */
const OF_PROJECT: Readonly<Record<string, string>> = {
  'modules.html': 'Packages',
  'hierarchy.html': 'Class hierarchy',
}

/** The name of a page; an entry of a package is named as it is imported, because several are called `testing`. */
export const nameEntry = (name: string, parent: string | undefined): string => {
  if (parent === undefined || !/^(?:@sessionwire\/|sessionwire$)/.test(parent)) return name
  const short = parent.replace('@sessionwire/', '')
  const entry = name.startsWith(`${short}/`) ? name.slice(short.length + 1) : name
  return entry === 'index' || entry === short ? parent : `${parent}/${entry}`
}

const titleOf = (model: Reflection, url: string): string => {
  const name = model.isProject()
    ? OF_PROJECT[url]
    : model.kindOf(ReflectionKind.Module)
      ? nameEntry(model.name, model.parent?.name)
      : model.name
  return name === undefined ? 'Sessionwire' : `${name} | Sessionwire`
}

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** Replaces the description that every page has in common, and adds what previews of links show. */
export const describeHead = (page: PageEvent<RouterTarget>): void => {
  const { model, contents } = page
  if (!(model instanceof Reflection) || contents === undefined) return
  const description = attribute(describePage(model))
  const title = attribute(titleOf(model, page.url))
  page.contents = contents.replace(
    /<title>[\s\S]*?<meta name="description" content="[^"]*"\/>/,
    head =>
      head
        .replace(/<title>[^<]*<\/title>/, () => `<title>${title}</title>`)
        .replace(/<meta name="description".*$/, '') +
      `<meta name="description" content="${description}"/><meta property="og:type" content="website"/>` +
      `<meta property="og:site_name" content="Sessionwire"/><meta property="og:title" content="${title}"/>` +
      `<meta property="og:description" content="${description}"/>`,
  )
}

/** Sets the logo, and the version and links of the header. */
export const setHeader = (app: Application): void => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/core/package.json'), 'utf8')) as {
    version: string
  }
  app.options.setValue('favicon', join(ROOT, 'docs/logo.svg'))
  app.options.setValue('navigationLinks', {
    [`v${version}`]: `${REPOSITORY}/blob/main/packages/core/CHANGELOG.md`,
    GitHub: REPOSITORY,
  })
}

/** A script that opens these groups of the menu at the first visit. */
export const openGroups = (titles: readonly string[]): string =>
  `try{for(const t of ${JSON.stringify(titles)})localStorage.getItem("tsd-accordion-"+t)??localStorage.setItem("tsd-accordion-"+t,"true")}catch{}`
