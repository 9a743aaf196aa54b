import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { AccessSettings } from '../access/settings.ts'

/** Facts about a server that starts. */
export type ServerFacts = Readonly<{
  root: string
  adapters: readonly Pick<AnyAdapter, 'name' | 'mode'>[]
  access: AccessSettings
  host: string
  port: number
  isLocal: boolean
  allowDestructive: boolean
}>

const MODES = { execute: 'sends', preview: 'plans only', handoff: 'leaves to others' } as const

const callersOf = ({ apiKey, jwt }: AccessSettings): readonly string[] => {
  if (apiKey === undefined && jwt === undefined)
    return ['none yet: set SESSIONWIRE_API_KEY (openssl rand -hex 32) and start again']
  return [
    ...(apiKey === undefined ? [] : [`who sends X-Api-Key may: ${apiKey.scopes.join(', ')}`]),
    ...(jwt === undefined
      ? []
      : [`who sends a token of ${jwt.issuer} for ${jwt.audience} may what its scopes say`]),
  ]
}

/** The lines that `serve` begins with: where, for whom, and what reaches a service. */
export const describeServer = (facts: ServerFacts): readonly string[] => {
  const { root, adapters, access, host, port, isLocal, allowDestructive } = facts
  const at = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const services = adapters.map(({ name, mode }) => `${name} (${MODES[mode]})`)
  const rows: readonly (readonly [string, string])[] = [
    ['Record', `${at}/api (description: ${at}/api/openapi.json)`],
    ['MCP', `${at}/mcp`],
    ['Services', services.length === 0 ? 'none is set up' : `${services.join(', ')}; ${at}/actions`],
    ['Deletes', allowDestructive ? 'allowed, with the scope destructive' : 'refused (--allow-destructive)'],
    ...callersOf(access).map((line): readonly [string, string] => ['Callers', line]),
    [
      'Reach',
      isLocal
        ? 'this machine only'
        : 'other machines too: put a proxy with TLS before it, and set SESSIONWIRE_ALLOWED_HOSTS to its name',
    ],
  ]
  return [`Sessionwire serves ${root} at ${at}`, ...rows.map(([name, line]) => `  ${name.padEnd(9)} ${line}`)]
}
