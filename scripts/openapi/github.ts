// Writes packages/adapters/github/test/fixtures/openapi.json: the operations that the adapter uses, out of the OpenAPI document that
// GitHub publishes. The npm package that has it is 29 MB packed and 400 MB unpacked, so we do not depend on it.
//   pnpm openapi            from the version that source.ts names
//   pnpm openapi 24.0.0     from another one; put its version, integrity and digest into source.ts when the tests pass with it
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract, type Published } from './extract.ts'
import { SOURCE } from './source.ts'

const FIXTURE = new URL('../../packages/adapters/github/test/fixtures/openapi.json', import.meta.url)
const MEMBER = 'package/generated/api.github.com.json'

const version = process.argv[2] ?? SOURCE.version
const folder = mkdtempSync(join(tmpdir(), 'sessionwire-openapi-'))
try {
  const said = execFileSync('npm', ['pack', `${SOURCE.name}@${version}`, '--json'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [{ filename = '' } = {}] = JSON.parse(said) as readonly { filename?: string }[]
  const tarball = join(folder, filename)
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
  if (version === SOURCE.version && integrity !== SOURCE.integrity)
    throw new Error(
      `${SOURCE.name}@${version}: another tarball; expected ${SOURCE.integrity}, got ${integrity}.`,
    )
  const published = execFileSync('tar', ['-xzOf', tarball, MEMBER], {
    encoding: 'utf8',
    maxBuffer: 200_000_000,
  })
  const made = extract(JSON.parse(published) as Published, `${SOURCE.name} ${version}`, version)
  const text = JSON.stringify(made)
  writeFileSync(FIXTURE, text)
  const digest = createHash('sha256').update(text).digest('hex')
  console.log(
    `${Object.keys(made.operations).length} operations, ${Object.keys(made.$defs).length} schemas\nintegrity: ${integrity}\ndigest: ${digest}`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
