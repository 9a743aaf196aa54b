import { redactText } from '@sessionwire/core/redact'
import { configuration } from '../failure.ts'
import { BUILT_IN } from './built-in.ts'

/** Names of options that hold credentials. */
const NAMED =
  /(^|[_-])(api[_-]?key|token|secret|password|passwd|credential|private[_-]?key|access[_-]?key)s?$/i
const CAMEL = /(apiKey|Token|Secret|Password|Credential|PrivateKey|AccessKey)s?$/
/** The name of a variable, which is not a credential. */
const VARIABLE = /^[A-Z][A-Z0-9_]{1,199}$/
/** Values of these shapes are credentials wherever they stand. */
const SHAPED =
  /^(xox[abeprs]-|xapp-|lin_(api|oauth)_|ATATT3|gh[opsur]_|github_pat_|glpat-|sk-[A-Za-z0-9]|AKIA[A-Z0-9]{12}|eyJ[\w-]{8,}\.)|hooks\.slack\.com\/services\/|^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i

const isCredential = (name: string, value: string): boolean => {
  if (SHAPED.test(value)) return true
  if (value.length >= 16 && redactText(value) !== value) return true
  return (NAMED.test(name) || CAMEL.test(name)) && !VARIABLE.test(value) && value !== ''
}

/** The variable to use instead. */
const variableFor = (path: readonly string[], value: string): string => {
  const [section, adapter = ''] = path
  if (path.length === 1 && section === 'store') return 'SESSIONWIRE_STORE'
  if (section !== 'adapters')
    return `SESSIONWIRE_${(path.at(-1) ?? 'SECRET').replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}`
  if (/hooks\.slack\.com/.test(value)) return 'SLACK_WEBHOOK_URL'
  const known = Object.hasOwn(BUILT_IN, adapter) ? BUILT_IN[adapter] : undefined
  return known?.secrets[0] ?? `${adapter.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}_TOKEN`
}

/** Refuses values that look like credentials, and names the variable to use. The value itself is never shown. */
export const assertNoCredentials = (config: unknown, where: string): void => {
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') {
      const name = path.at(-1) ?? ''
      // `secrets: { SLACK_BOT_TOKEN: "OPS_TOKEN" }` names variables.
      if (!isCredential(name, value)) return
      throw configuration(
        `${where}: ${path.join('.')}: looks like a credential.`,
        `Remove it from the file, set ${variableFor(path, value)} in the environment or in .env, and replace the credential, because the file may have been shared.`,
      )
    }
    if (typeof value !== 'object' || value === null) return
    for (const [name, part] of Object.entries(value)) walk(part, [...path, name])
  }
  walk(config, [])
}
