// A plugin of TypeDoc. It names pages by their headings, groups the menu by the guides' index, shows options member by
// member, adds the examples, and warns when the reference misses something: pnpm docs:build
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  Application,
  type Context,
  Converter,
  type DeclarationReflection,
  DefaultTheme,
  type DocumentReflection,
  type IndexEvent,
  JSX,
  normalizePath,
  type ProjectReflection,
  Renderer,
  type TranslatedString,
} from 'typedoc'
import { addExamples, EXAMPLES, readExamples } from './examples.ts'
import { describeHead, openGroups, setHeader } from './head.ts'
import { nameCodeInHeadings } from './headings.ts'
import { showAliasesAsInterfaces } from './interfaces.ts'
import { BELOW_INDEX, groupMenu, readSite } from './menu.ts'
import { ROOT } from './pages.ts'
import { deadSources, missingExamples, missingSentences, missingWords } from './reference.ts'

const HEADING = /^\s*# (.+)\n/
const BLOB = 'https://github.com/sessionwire/sessionwire/blob/main'

/** Names source files from the workspace's folder: a package may show what another one declares. */
const nameSources = (context: Context): void => {
  for (const { sources } of Object.values(context.project.reflections) as DeclarationReflection[])
    for (const source of sources ?? []) {
      source.fileName = normalizePath(relative(ROOT, source.fullFileName))
      if (source.fileName.includes('node_modules')) delete source.url
      else source.url = `${BLOB}/${source.fileName}#L${source.line}`
    }
}

/** Puts pages of a folder below its index, so that they do not fill the menu. */
const nestPages = (project: ProjectReflection, made: ReadonlyMap<string, DocumentReflection>): void => {
  for (const folder of BELOW_INDEX) {
    const index = made.get(`${folder}/index.md`)
    for (const [path, document] of made)
      if (index !== undefined && document !== index && dirname(path) === folder) {
        project.removeChild(document)
        document.parent = index
        index.addChild(document)
      }
  }
}

/** The search reads documents; a package's page is one too. */
const indexReadmes = ({ searchResults, searchFields }: IndexEvent): void => {
  for (const [at, result] of searchResults.entries()) {
    const readme = 'readme' in result ? result.readme : undefined
    if (readme !== undefined) searchFields[at] = { document: readme.map(({ text }) => text).join('') }
  }
}

/** Loads the plugin. */
export const load = (app: Application): void => {
  showAliasesAsInterfaces()
  const { pages, groups } = readSite()
  // Options are read again after plugins are loaded.
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue(
      'projectDocuments',
      pages.map(({ path }) => path),
    )
    app.options.setValue('markdownItLoader', nameCodeInHeadings)
    setHeader(app)
  })
  const paths = new Map(pages.map(({ path, text }) => [HEADING.exec(text)?.[1], path]))
  const made = new Map<string, DocumentReflection>()
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_: undefined, document: DocumentReflection) => {
    // Code in a heading is a part of its own.
    const heading = HEADING.exec(document.content.map(({ text }) => text).join(''))?.[1]
    const path = paths.get(heading)
    if (path === undefined || heading === undefined)
      throw new Error(`${document.name}: invalid page; expected a heading in its first line`)
    document.name = heading.replaceAll('`', '')
    made.set(path, document)
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, nameSources, -1_000)
  const examples = readExamples(pages.find(({ path }) => path === EXAMPLES)?.text ?? '')
  const warn = (problem: string): void => app.logger.warn(problem as TranslatedString)
  app.on(
    Application.EVENT_PROJECT_REVIVE,
    project => {
      nestPages(project, made)
      for (const name of addExamples(project, examples)) warn(`${EXAMPLES}: unknown symbol "${name}"`)
    },
    1_000,
  )
  app.on(Application.EVENT_VALIDATE_PROJECT, project => {
    // Each package is validated first, and then the whole.
    if (project.documents === undefined) return
    for (const problem of [
      ...missingSentences(project),
      ...deadSources(project),
      ...missingExamples(project),
    ])
      warn(problem)
  })
  const { buildNavigation } = DefaultTheme.prototype
  DefaultTheme.prototype.buildNavigation = function (project) {
    return [...groupMenu(buildNavigation.call(this, project), groups, path => made.get(path)?.name)]
  }
  app.renderer.hooks.on('head.end', () =>
    JSX.createElement(
      'script',
      null,
      JSX.createElement(JSX.Raw, { html: openGroups(['Guides', 'Operations', 'Reference']) }),
    ),
  )
  app.renderer.on(Renderer.EVENT_PREPARE_INDEX, indexReadmes)
  app.renderer.on(Renderer.EVENT_END_PAGE, describeHead)
  app.renderer.on(Renderer.EVENT_END, ({ outputDirectory }) => {
    for (const problem of missingWords(readFileSync(join(outputDirectory, 'assets/search.js'), 'utf8')))
      warn(problem)
  })
}
