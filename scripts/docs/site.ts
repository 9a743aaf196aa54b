// A plugin of typedoc: pages are named by their headings, stand in groups by folder, and in the order of the guides' index.
import { dirname, join } from 'node:path'
import { Application, Converter, type DocumentReflection } from 'typedoc'
import { linksOf } from './markdown.ts'
import { readPages } from './pages.ts'

const HEADING = /^\s*# (.+)\n/

/** Pages beside `docs` that belong to the site. */
const BESIDE = ['CONTRIBUTING.md', 'SECURITY.md']

/** Every page of the site: the guides in the order of their index, then the others by name. */
const pagesInOrder = (): readonly string[] => {
  const index = 'docs/guide/index.md'
  const all = readPages().filter(({ path }) => path.startsWith('docs/') || BESIDE.includes(path))
  const named = linksOf(all.find(({ path }) => path === index)?.text ?? '')
    .map(({ target }) => join(dirname(index), target))
    .filter(path => !/^docs\/(adapters|decisions)\//.test(path))
  const rest = all
    .map(({ path }) => path)
    .filter(path => path !== index && !named.includes(path))
    .sort((a, b) => Number(BESIDE.includes(a)) - Number(BESIDE.includes(b)))
  return [index, ...new Set(named), ...rest]
}

/** Loads the plugin. */
export const load = (app: Application): void => {
  const pages = pagesInOrder()
  // Options are read again after plugins are loaded.
  app.on(Application.EVENT_BOOTSTRAP_END, () => app.options.setValue('projectDocuments', [...pages]))
  const paths = new Map(readPages().map(({ path, text }) => [HEADING.exec(text)?.[1], path]))
  const made = new Map<string, DocumentReflection>()
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_: undefined, document: DocumentReflection) => {
    // Code in a heading is a part of its own.
    const heading = HEADING.exec(document.content.map(({ text }) => text).join(''))?.[1]
    const path = paths.get(heading)
    if (path === undefined || heading === undefined)
      throw new Error(`${document.name}: a page must begin with its heading`)
    document.name = heading.replaceAll('`', '')
    made.set(path, document)
  })
  // Before the groups are made: decisions stand below their index, and do not fill the menu.
  app.on(
    Application.EVENT_PROJECT_REVIVE,
    project => {
      const index = made.get('docs/decisions/index.md')
      for (const [path, document] of made)
        if (index !== undefined && document !== index && dirname(path) === 'docs/decisions') {
          project.removeChild(document)
          document.parent = index
          index.addChild(document)
        }
    },
    1_000,
  )
}
