import { describe, invalidConfig } from '../session/message.ts'

/** Settings by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The process's environment, or none where there is no process. */
export const environment = (): Environment =>
  (globalThis as { process?: { env?: Environment } }).process?.env ?? {}

const YES = new Set(['1', 'true', 'yes', 'on'])
const NO = new Set(['0', 'false', 'no', 'off'])

/**
 * Whether `fromEnv` of an adapter makes one: by `<NAME>_ENABLED` and its other `switches` where one is set, otherwise when
 * nothing is missing. Throws `CONFIG` naming the first missing variable when the adapter is enabled, or when some of its
 * variables are set.
 */
export const isEnabled = (
  env: Environment,
  service: string,
  missing: readonly string[],
  set: readonly string[],
  switches: readonly string[] = [],
): boolean => {
  const key = `${service.toUpperCase().replaceAll('-', '_')}_ENABLED`
  const found = [key, ...switches]
    .map(name => [name, env[name]?.trim().toLowerCase() ?? ''] as const)
    .filter(([, value]) => value !== '')
  if (found.some(([, value]) => NO.has(value))) return false
  const invalid = found.find(([, value]) => !YES.has(value))
  if (invalid !== undefined)
    throw invalidConfig({
      field: invalid[0],
      problem: 'invalid value',
      expected: 'true or false',
      got: describe(invalid[1]),
    })
  const [first, ...others] = missing
  if (first === undefined) return true
  const [on] = found[0] ?? []
  if (on === undefined && set.length === 0) return false
  throw invalidConfig({
    field: first,
    problem: on === undefined ? `missing, although ${set[0]} is set` : `missing, although ${on} is on`,
    todo: `Set ${[first, ...others].join(' and ')}, or ${on ?? key}=false.`,
  })
}

/** Whether a variable says yes. */
export const isOn = (env: Environment, name: string): boolean =>
  YES.has(env[name]?.trim().toLowerCase() ?? '')
