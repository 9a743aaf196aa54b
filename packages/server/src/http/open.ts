import type { Route } from './route.ts'

const text = (path: string, body: string): Route => ({
  method: 'GET',
  path,
  needs: 'open',
  shape: 'error',
  answer: () => ({ status: 200, body }),
})

/** What anybody may ask: whether the server is there. Nothing of the workspace is told. */
export const openRoutes: readonly Route[] = [text('/', 'Sessionwire is up\n'), text('/healthz', 'ok\n')]
