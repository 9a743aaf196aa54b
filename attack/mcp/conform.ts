import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installPackages } from '../../scripts/runtimes/install.ts'

const run = promisify(execFile)
const PROGRAM = 'node_modules/@modelcontextprotocol/conformance/dist/index.js'

/** A run of the official runner. The stable one knows the protocol up to 2025-11-25, the alpha the one of 2026-07-28. */
const RUNS = [
  { version: '0.1.16', words: ['--suite', 'active'], expected: 'expected-2025-11-25.yml' },
  {
    version: '0.2.0-alpha.12',
    words: ['--suite', 'all', '--spec-version', '2026-07-28'],
    expected: 'expected-2026-07-28.yml',
  },
] as const

/**
 * Runs the official conformance runner of both eras against a server. The files of expected failures say why each of them
 * fails; a failure that is not in them, and one in them that passes, is wrong.
 */
export const conformAll = async (url: string) => {
  const wrong: string[] = []
  const lines: string[] = []
  for (const { version, words, expected } of RUNS) {
    const folder = installPackages('conformance', [`@modelcontextprotocol/conformance@${version}`])
    const results = mkdtempSync(join(tmpdir(), 'sessionwire-conformance-'))
    const given = ['server', '--url', url, ...words, '-o', results]
    const baseline = ['--expected-failures', join(import.meta.dirname, expected)]
    try {
      const { stdout } = await run(process.execPath, [join(folder, PROGRAM), ...given, ...baseline], {
        cwd: results,
        timeout: 600_000,
        maxBuffer: 32 * 1_024 * 1_024,
      })
      // The runner's own summary: a line for each scenario, and its total.
      for (const [line] of stdout.matchAll(/^(?:[✓✗~] .*|Total: .*)$/gm))
        lines.push(`conformance ${version}: ${line}`)
    } catch (thrown) {
      const { stdout = '', stderr = '' } = thrown as { stdout?: string; stderr?: string }
      wrong.push(`conformance ${version}:\n${(stdout + stderr).slice(-6_000)}`)
    } finally {
      rmSync(results, { recursive: true, force: true })
    }
  }
  return { lines, wrong }
}
