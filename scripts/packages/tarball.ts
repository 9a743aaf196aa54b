import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Manifest, type Package, pnpm, ROOT } from './workspace.ts'

/** A package as it would be published: its files by path, as text. */
export type Tarball = Readonly<{
  folder: string
  manifest: Manifest
  files: ReadonlyMap<string, string>
  bytes: Buffer
}>

const BLOCK = 512

/** The files of a gzipped tar as package managers write it: plain headers and long paths split in two. */
const untar = (bytes: Buffer): ReadonlyMap<string, string> => {
  const tar = gunzipSync(bytes)
  const files = new Map<string, string>()
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const text = (from: number, length: number) =>
      tar.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    if (text(0, 100) === '') break
    const path = [text(345, 155), text(0, 100)].filter(part => part !== '').join('/')
    const size = Number.parseInt(text(124, 12), 8)
    const kind = text(156, 1)
    if (kind !== '0' && kind !== '')
      throw new Error(`${path}: is not a plain file in the tarball (kind ${kind})`)
    files.set(path.replace(/^package\//, ''), tar.toString('utf8', at + BLOCK, at + BLOCK + size))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}

const newest = (folder: string, pattern: string): number =>
  Math.max(
    0,
    ...globSync(pattern, { cwd: join(ROOT, folder) }).map(path => statSync(join(ROOT, folder, path)).mtimeMs),
  )

/** Builds the packages whose build is missing or older than their source. */
export const buildStale = async (packages: readonly Package[]): Promise<readonly string[]> => {
  const settings = newest('.', 'tsup.base.ts')
  const stale = packages.filter(
    ({ folder }) =>
      newest(folder, 'dist/index.js') < Math.max(settings, newest(folder, '{src/**/*.ts,tsup.config.ts}')),
  )
  const names = stale.map(({ manifest }) => manifest.name)
  if (names.length > 0) await pnpm([...names.flatMap(name => ['--filter', name]), 'build'], ROOT)
  return names
}

/** Packs every package into `folder` and reads what came out. */
export const packAll = async (packages: readonly Package[], folder: string): Promise<readonly Tarball[]> => {
  const filters = packages.flatMap(({ manifest }) => ['--filter', manifest.name])
  await pnpm(['-r', ...filters, 'pack', '--pack-destination', folder], ROOT)
  return packages.map(({ folder: source, manifest: { name, version } }) => {
    const bytes = readFileSync(join(folder, `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`))
    const files = untar(bytes)
    return { folder: source, manifest: JSON.parse(files.get('package.json') ?? '{}'), files, bytes }
  })
}
