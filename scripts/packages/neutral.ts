import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import type { Project } from './project.ts'

/** Entries that stand on nothing but the language and what every platform has. */
const ENTRIES = ['', '/adapter', '/delivery', '/redact', '/render', '/schema'].map(
  path => `@sessionwire/core${path}`,
)

const GLOBAL = 'entry'

/** Globals that any browser, worker or edge has in addition to the language; the session below needs no more. */
const PLATFORM = { URL, structuredClone, TextEncoder, queueMicrotask, setTimeout, clearTimeout, crypto }

const SESSION = `(async () => {
  const tracker = await ${GLOBAL}.createTracker({ project: 'billing', adapters: [], store: ${GLOBAL}.memoryStore() })
  const session = await tracker.start({ goal: 'Stop double charging', user: 'fixer' })
  await session.close({ summary: 'Fixed', progress: 100 })
  const { status, progress } = await session.load()
  await tracker.close()
  return status + ' ' + progress
})()`

const bundle = async (entry: string, { folder }: Project): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${entry}'`, resolveDir: folder },
    ...{
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
      globalName: GLOBAL,
      target: 'es2023',
    },
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Loads each entry where there is nothing but the language, and keeps a session with core's main entry. */
export const neutralProblems = async (project: Project): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const entry of ENTRIES) {
    const code = await bundle(entry, project)
    if (/(\bfrom|\bimport\(?|\brequire\w*\()\s*["'`]node:/.test(code))
      problems.push(`${entry}: its bundle imports a module of Node`)
    const count = runInContext(`${code}; Object.keys(${GLOBAL}).length`, createContext({}))
    if (!(count > 0)) problems.push(`${entry}: exports nothing in an empty context`)
  }
  const code = await bundle('@sessionwire/core', project)
  const said: unknown = await runInContext(`${code}; ${SESSION}`, createContext(PLATFORM))
  return said === 'completed 100' ? problems : [...problems, `@sessionwire/core: a session ends as "${said}"`]
}
