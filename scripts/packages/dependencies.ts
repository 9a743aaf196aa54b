import { join } from 'node:path'
import type { Project } from './project.ts'
import { type Ended, readJson, run } from './workspace.ts'

/** Licences that ask of users no more than to keep their text. */
const PERMISSIVE = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'])

type Lock = Readonly<{ packages: Readonly<Record<string, unknown>> }>
type Installed = Readonly<{ name: string; version: string; license?: string }>

/** Everything the packages bring with them, in the project that npm made. */
const listInstalled = ({ folder }: Project): readonly Installed[] =>
  Object.keys(readJson<Lock>(join(folder, 'package-lock.json')).packages)
    .filter(path => path !== '')
    .map(path => readJson<Installed>(join(folder, path, 'package.json')))

/** `lines` lists what is shipped with its licences; `problems` names what is not permissive. */
export const licences = (
  project: Project,
): Readonly<{ lines: readonly string[]; problems: readonly string[] }> => {
  const all = listInstalled(project)
  return {
    lines: all.map(({ name, version, license }) => `${license}  ${name}@${version}`).sort(),
    problems: all
      .filter(({ license = '' }) => !PERMISSIVE.has(license))
      .map(({ name, version, license }) => `${name}@${version} has the licence ${license ?? 'unknown'}`),
  }
}

type Audit = Readonly<{
  message?: string
  error?: Readonly<{ summary?: string }>
  vulnerabilities?: Readonly<Record<string, Readonly<{ severity: string; via: readonly unknown[] }>>>
}>

/** Known weaknesses, and what else is to be said. */
type Audited = Readonly<{ note?: string; problems: readonly string[] }>

/** Says that this registry gives no advisories. Set where that is known: silence is a failure everywhere else. */
const NO_AUDIT = 'SESSIONWIRE_NO_AUDIT'

const parseAudit = (out: string): Audit | undefined => {
  try {
    return JSON.parse(out) as Audit
  } catch {
    return undefined
  }
}

/** Judges the output of `npm audit --json`; `silent`: this registry is known to give no advisories. */
export const judgeAudit = ({ out, errors }: Pick<Ended, 'out' | 'errors'>, silent: boolean): Audited => {
  const said = parseAudit(out) ?? { message: errors }
  const { vulnerabilities } = said
  if (vulnerabilities !== undefined && vulnerabilities !== null) {
    const problems = Object.entries(vulnerabilities).map(
      ([name, { severity }]) => `${name}: a ${severity} weakness`,
    )
    return { ...(silent ? { note: `asked: the registry answers, take out ${NO_AUDIT}` } : {}), problems }
  }
  const [why] = (said.message || said.error?.summary || 'no answer').trim().split('\n')
  if (silent)
    return { note: `not asked: by ${NO_AUDIT}, this registry gives no advisories (${why})`, problems: [] }
  return {
    problems: [`the registry gives no advisories: ${why}. Where that is so for good, set ${NO_AUDIT}=1`],
  }
}

/** Known weaknesses of what the packages bring with them, asked of the registry for what npm installed. */
export const audit = async (project: Project): Promise<Audited> => {
  const words = ['audit', '--omit=dev', '--json', '--fetch-retries=0']
  return judgeAudit(await run('npm', words, project.folder), process.env[NO_AUDIT] === '1')
}
