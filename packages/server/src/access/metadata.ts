import type { JwtSettings } from './jwt.ts'
import { SCOPES } from './scopes.ts'
import type { AccessSettings } from './settings.ts'

/** The path of the metadata (RFC 9728); clients of MCP ask below it by the path of the resource too. */
export const METADATA_PATHS = [
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
] as const

/** Where clients find the metadata: at the audience, where it is the address of this server. */
export const metadataUrl = ({ jwt }: Pick<AccessSettings, 'jwt'>): string | undefined => {
  const origin = URL.parse(jwt?.audience ?? '')
  return origin?.protocol === 'https:' ? `${origin.origin}${METADATA_PATHS[0]}` : undefined
}

/** The value of `WWW-Authenticate`: it names the metadata, where there is some. */
export const challengeOf = (jwt: JwtSettings, error?: string): string => {
  const url = metadataUrl({ jwt })
  return [
    'Bearer realm="sessionwire"',
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(url === undefined ? [] : [`resource_metadata="${url}"`]),
  ].join(', ')
}

/** The metadata that leads a client to the issuer of its tokens. */
export const metadataOf = ({ issuer, audience }: JwtSettings) => ({
  resource: audience,
  authorization_servers: [issuer],
  scopes_supported: SCOPES,
  bearer_methods_supported: ['header'],
  resource_name: 'Sessionwire',
})
