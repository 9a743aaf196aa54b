import { globSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, posix } from 'node:path'
import type { Tarball } from './tarball.ts'
import { type Manifest, type Package, ROOT } from './workspace.ts'

type Check = (tarball: Tarball, source: Package) => readonly string[]

const MAY_HOLD =
  /^(dist\/[^/]+\.(js|js\.map|d\.ts|cjs|schema\.json)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/
const MUST_HOLD = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']

const files: Check = ({ files }) => [
  ...[...files.keys()].filter(path => !MAY_HOLD.test(path)).map(path => `holds ${path}`),
  ...MUST_HOLD.filter(path => !files.has(path)).map(path => `lacks ${path}`),
  ...(files.get('LICENSE') === readFileSync(join(ROOT, 'LICENSE'), 'utf8')
    ? []
    : ["LICENSE is not the workspace's"]),
]

const RANGES = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies']
const ranges: Check = ({ manifest }) =>
  RANGES.flatMap(kind => Object.entries((manifest[kind] ?? {}) as Record<string, string>))
    .filter(([, range]) => !/^[\^~]?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
    .map(([name, range]) => `asks for ${name} as ${range}`)

const wants = (manifest: Manifest, wanted: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(wanted).flatMap(([field, value]) => {
    const [is, should] = [JSON.stringify(manifest[field]), JSON.stringify(value)]
    return is === should ? [] : [`package.json: ${field} is ${is}, not ${should}`]
  })

const WEB = 'https://github.com/sessionwire/sessionwire'
const SCRIPTS = /^(pre|post)?(install|prepare|publish)|^prepublishOnly$/

const metadata: Check = ({ manifest, folder }) => {
  const keywords = (manifest.keywords ?? []) as readonly string[]
  const scripts = Object.keys((manifest.scripts ?? {}) as object)
  return [
    ...wants(manifest, {
      license: 'MIT',
      homepage: `${WEB}/tree/main/${folder}#readme`,
      bugs: `${WEB}/issues`,
      repository: { type: 'git', url: `git+${WEB}.git`, directory: folder },
      type: 'module',
      sideEffects: false,
      engines: { node: '>=22.18' },
      publishConfig: { access: 'public', provenance: true },
    }),
    ...(typeof manifest.description === 'string' && manifest.description.length >= 40
      ? []
      : ['package.json: no description']),
    ...(keywords.length >= 5 && new Set(keywords).size === keywords.length
      ? []
      : ['package.json: give five keywords or more, each once']),
    ...scripts
      .filter(name => SCRIPTS.test(name))
      .map(name => `package.json: script ${name} would run with users`),
  ]
}

const checkExports: Check = ({ manifest, files }, source) => [
  ...wants(manifest, { exports: selectPublished(source.manifest) }),
  ...Object.values(manifest.exports)
    .flatMap(target => (typeof target === 'string' ? [target] : Object.values(target)))
    .filter(target => !files.has(posix.normalize(target)))
    .map(target => `exports ${target}, which it lacks`),
]

/** The exports people get: those of the workspace without the way to its sources. */
const selectPublished = ({ exports }: Manifest): Manifest['exports'] =>
  Object.fromEntries(
    Object.entries(exports).map(([path, target]) => {
      if (typeof target === 'string') return [path, target]
      const { '@sessionwire/source': _, ...published } = target
      return [path, published]
    }),
  )

const changelog: Check = ({ manifest, files }) => {
  const [heading] = /^## .*$/m.exec(files.get('CHANGELOG.md') ?? '') ?? []
  return heading === `## ${manifest.version}`
    ? []
    : [`CHANGELOG.md begins with "${heading}", not with ${manifest.version}`]
}

/** Versions that stand in the code, as what is sent and stored names them. */
const versions: Check = ({ manifest: { version }, folder }) =>
  globSync('src/**/version.ts', { cwd: join(ROOT, folder) })
    .filter(path => !readFileSync(join(ROOT, folder, path), 'utf8').includes(`= '${version}'`))
    .map(path => `${path} names another version than ${version}`)

/** Places of a machine. The workspace's own folder is the one a build would leak. */
const PLACES = [
  ROOT.replace(/\/$/, ''),
  homedir(),
  '/home/',
  '/Users/',
  'C:\\\\',
  'file:///',
  'node_modules/.pnpm',
]

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

const places: Check = ({ files }) =>
  [...files].flatMap(([path, text]) =>
    PLACES.filter(place => {
      // A path begins there: it does not go on from a longer address.
      const begins = place.startsWith('/') ? '(^|[^\\w:/.])' : ''
      return new RegExp(begins + escapeRegExp(place), 'm').test(text)
    }).map(place => `${path} names ${place}`),
  )

const IMPORTS = /(?:\bfrom|\bimport\(?)\s*["'](\.{1,2}\/[^"']+)["']/g

const within: Check = ({ files }) =>
  [...files]
    .filter(([path]) => /\.(js|d\.ts)$/.test(path))
    .flatMap(([path, text]) =>
      [...text.matchAll(IMPORTS)]
        .map(([, target = '']) => posix.join(posix.dirname(path), target))
        // Declarations name the module beside them.
        .map(target => (path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target))
        .filter(target => !files.has(target))
        .map(target => `${path} imports ${target}, which is not in the tarball`),
    )

type SourceMap = Readonly<{ sources: readonly string[]; sourcesContent?: readonly (string | null)[] }>

/** Sources are embedded in the maps: they are named by where they stood in the package, and nothing else is needed. */
const maps: Check = ({ files }) =>
  [...files]
    .filter(([path]) => path.endsWith('.map'))
    .flatMap(([path, text]) => {
      const { sources, sourcesContent = [] } = JSON.parse(text) as SourceMap
      return sources.flatMap((source, place) => [
        ...(/^\.\.\/src\/[\w./-]+\.ts$/.test(source) ? [] : [`${path} names the source ${source}`]),
        ...(typeof sourcesContent[place] === 'string' ? [] : [`${path} does not embed ${source}`]),
      ])
    })

const CHECKS: readonly Check[] = [
  files,
  ranges,
  metadata,
  checkExports,
  changelog,
  versions,
  places,
  within,
  maps,
]

/** All that is wrong with what would be published, each with its package's name in front. */
export const problemsOf = (tarballs: readonly Tarball[], packages: readonly Package[]): readonly string[] =>
  tarballs.flatMap((tarball, place) => {
    const source = packages[place]
    if (source === undefined) return []
    return CHECKS.flatMap(check => check(tarball, source)).map(
      problem => `${source.manifest.name}: ${problem}`,
    )
  })
