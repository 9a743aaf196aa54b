import type { ServerOptions } from '../options.ts'

/** Serves a workspace over HTTP. */
export const runServe = async (_options: ServerOptions): Promise<void> => {
  throw new Error('serve: not built yet.')
}
