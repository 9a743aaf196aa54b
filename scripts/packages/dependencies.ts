import { join } from 'node:path'
import type { Project } from './project.ts'
import { readJson, run } from './workspace.ts'

/** Licences that ask of users no more than to keep their text. */
const PERMISSIVE = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'])

type Lock = Readonly<{ packages: Readonly<Record<string, unknown>> }>
type Installed = Readonly<{ name: string; version: string; license?: string }>

/** Everything the packages bring with them, in the project that npm made. */
const installed = ({ folder }: Project): readonly Installed[] =>
  Object.keys(readJson<Lock>(join(folder, 'package-lock.json')).packages)
    .filter(path => path !== '')
    .map(path => readJson<Installed>(join(folder, path, 'package.json')))

/** `lines` lists what is shipped with its licences; `problems` names what is not permissive. */
export const licences = (
  project: Project,
): Readonly<{ lines: readonly string[]; problems: readonly string[] }> => {
  const all = installed(project)
  return {
    lines: all.map(({ name, version, license }) => `${license}  ${name}@${version}`).sort(),
    problems: all
      .filter(({ license = '' }) => !PERMISSIVE.has(license))
      .map(({ name, version, license }) => `${name}@${version} has the licence ${license ?? 'nobody knows'}`),
  }
}

type Audit = Readonly<{
  message?: string
  error?: Readonly<{ summary?: string }>
  vulnerabilities?: Readonly<Record<string, Readonly<{ severity: string; via: readonly unknown[] }>>>
}>

/** Known weaknesses of what the packages bring with them. Where the registry does not say, `note` says that. */
export const audit = async (
  project: Project,
): Promise<Readonly<{ note?: string; problems: readonly string[] }>> => {
  const { out, errors } = await run(
    'npm',
    ['audit', '--omit=dev', '--json', '--fetch-retries=0'],
    project.folder,
  )
  let said: Audit
  try {
    said = JSON.parse(out) as Audit
  } catch {
    said = { message: errors }
  }
  if (said.vulnerabilities === undefined) {
    const why = said.message ?? said.error?.summary ?? 'no answer'
    return { note: `not asked, the registry gives no advisories here: ${why.split('\n')[0]}`, problems: [] }
  }
  return {
    problems: Object.entries(said.vulnerabilities).map(
      ([name, { severity }]) => `${name}: a ${severity} weakness`,
    ),
  }
}
