// Tries the packages as people get them: pnpm packages:check. Everything is packed, looked into, installed in empty
// projects by npm and by pnpm, type-checked and run there. Needs the registry, as any install does.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandProblems, otherNodeProblems } from './command.ts'
import { problemsOf } from './contents.ts'
import { audit, licences } from './dependencies.ts'
import { neutralProblems } from './neutral.ts'
import { makeProject } from './project.ts'
import { compileAndRun, oldestTypeScript, readQuickstart, runAsWritten } from './quickstart.ts'
import { type Registry, serve } from './registry.ts'
import { buildStale, packAll } from './tarball.ts'
import { readPackages } from './workspace.ts'

const TYPES_OF_NODE = '@types/node@24'

const say = (text: string) => process.stdout.write(`${text}\n`)

let failed = 0

/** One line for each part, and below it what is wrong. A part that throws has failed, and ends the check. */
const part = async (
  name: string,
  problems: () => readonly string[] | Promise<readonly string[]>,
): Promise<void> => {
  const started = performance.now()
  const found = await problems()
  failed += found.length
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  say(`${found.length === 0 ? 'ok    ' : 'failed'} ${name} (${seconds} s)`)
  for (const problem of found) say(`   ${problem.replaceAll('\n', '\n   ')}`)
}

const home = realpathSync(mkdtempSync(join(tmpdir(), 'packages-')))
let registry: Registry | undefined
try {
  const packages = readPackages()
  const built = await buildStale(packages)
  if (built.length > 0) say(`built  ${built.join(', ')}`)
  const tarballs = await packAll(packages, home)
  await part('what is in the tarballs', () => problemsOf(tarballs, packages))

  const quickstart = readQuickstart()
  registry = await serve(tarballs)
  const { url } = registry
  for (const manager of ['npm', 'pnpm'] as const) {
    const project = makeProject(join(home, manager), manager, url)
    await part(`${manager}: the quickstart as the README has it`, async () => {
      await project.install(...quickstart.install)
      return runAsWritten(project, quickstart)
    })
    await project.install(
      ...packages.map(({ manifest: { name, version } }) =>
        // A name without a scope would be looked for in the registry of everybody.
        name.startsWith('@') ? name : join(home, `${name}-${version}.tgz`),
      ),
    )
    await part(`${manager}: the command by npx`, () => commandProblems(project))
    if (manager === 'npm') {
      await part("the command on the machine's own Node", () => otherNodeProblems(project, '/usr/bin/node'))
      await part('core runs in an empty context', () => neutralProblems(project))
      const { lines, problems } = licences(project)
      await part('licences of all that is installed', () => problems)
      for (const line of lines) say(`   ${line}`)
      const known = await audit(project)
      await part(`known weaknesses${known.note === undefined ? '' : `: ${known.note}`}`, () => known.problems)
    }
    const compilers = manager === 'npm' ? [oldestTypeScript()] : []
    await project.install('--save-dev', TYPES_OF_NODE, ...compilers)
    await part(`${manager}: the strictest and the loosest TypeScript, as a module and by require`, () =>
      compileAndRun(project, quickstart, packages),
    )
  }
} catch (error) {
  failed += 1
  say(`failed ${error instanceof Error ? error.message : String(error)}`)
} finally {
  registry?.close()
  rmSync(home, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1
