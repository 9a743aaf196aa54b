import { METADATA_PATHS, metadataOf, metadataUrl } from '../access/metadata.ts'
import type { AccessSettings } from '../access/settings.ts'
import type { Route } from './route.ts'

const open = (path: string, body: unknown): Route => ({
  method: 'GET',
  path,
  needs: 'open',
  shape: 'error',
  answer: () => ({ status: 200, body }),
})

/**
 * Paths without a credential: they say that the server is there, and where tokens come from; nothing about the workspace.
 * The metadata is there where the audience of tokens is the https address of the server.
 */
export const openRoutes = ({ jwt }: Pick<AccessSettings, 'jwt'>): readonly Route[] => [
  open('/', 'Sessionwire is up\n'),
  open('/healthz', 'ok\n'),
  ...(jwt === undefined || metadataUrl({ jwt }) === undefined
    ? []
    : METADATA_PATHS.map(path => open(path, metadataOf(jwt)))),
]
