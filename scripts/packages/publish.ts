// Publishes every package whose version the registry does not have yet, core first, with provenance. Run by
// .github/workflows/release.yml; a machine that no OIDC identity is given to is refused.
//   node scripts/packages/publish.ts [--dry-run]     the second says what would be done, with all but the upload
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from './tarball.ts'
import { mustRun, readPackages, run } from './workspace.ts'

const dry = process.argv.includes('--dry-run')
const say = (text: string) => process.stdout.write(`${text}\n`)

/** True when the registry has this version. Throws when it does not say. */
const isThere = async (spec: string, cwd: string): Promise<boolean> => {
  const { code, out, both } = await run('npm', ['view', spec, 'version', '--json'], cwd)
  if (code === 0) return out.trim() !== ''
  if (/E404/.test(both)) return false
  throw new Error(`npm view ${spec}: ended with ${code}\n${both}`)
}

const home = mkdtempSync(join(tmpdir(), 'publish-'))
try {
  // pnpm packs, because it puts versions for "workspace:"; npm uploads, because it signs.
  const packages = [...readPackages()].sort(
    (a, b) => Number(b.folder === 'packages/core') - Number(a.folder === 'packages/core'),
  )
  for (const { manifest, bytes } of await packAll(packages, home)) {
    const spec = `${manifest.name}@${manifest.version}`
    if (await isThere(spec, home)) {
      say(`there      ${spec}`)
      continue
    }
    const file = join(home, 'package.tgz')
    writeFileSync(file, bytes)
    const words = ['publish', file, '--access', 'public', ...(dry ? ['--dry-run'] : ['--provenance'])]
    await mustRun('npm', words, home)
    say(`${dry ? 'would be' : 'published'}  ${spec}`)
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
