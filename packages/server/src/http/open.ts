import type { Route } from './route.ts'

const text = (path: string, body: string): Route => ({
  method: 'GET',
  path,
  needs: 'open',
  shape: 'error',
  answer: () => ({ status: 200, body }),
})

/** Paths without a credential: they say that the server is there, and nothing about the workspace. */
export const openRoutes: readonly Route[] = [text('/', 'Sessionwire is up\n'), text('/healthz', 'ok\n')]
