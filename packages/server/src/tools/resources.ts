import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { OperationContext } from '../operations/operation.ts'
import { needScope } from '../operations/operation.ts'
import { toProblem } from '../operations/refusal.ts'
import { chooseSession, listOwn } from '../operations/session-of.ts'

/** Sessions that a list of resources names at most. */
const LISTED = 50

/** Registers the current session, each session, and the report of each as resources. */
export const registerResources = (
  server: McpServer,
  contextFor: (asked: ServerContext) => OperationContext,
): void => {
  /** Finds a session, or says that there is no such resource. */
  const find = async (context: OperationContext, uri: URL, id: string | undefined): Promise<string> => {
    try {
      needScope(context, 'read')
      return (await chooseSession(context, id)).session.id
    } catch (thrown) {
      throw new ResourceNotFoundError(uri.href, toProblem(thrown).message)
    }
  }
  const markdown = async (context: OperationContext, uri: URL, id: string | undefined) => ({
    contents: [
      {
        uri: uri.href,
        mimeType: 'text/markdown',
        text: await context.tracker.export(await find(context, uri, id), 'markdown'),
      },
    ],
  })
  const idOf = (variables: Readonly<Record<string, string | string[]>>): string => {
    const { id = '' } = variables
    return decodeURIComponent(typeof id === 'string' ? id : (id[0] ?? ''))
  }
  const list = (ending: string, mimeType: string) => async (asked: ServerContext) => {
    const context = contextFor(asked)
    needScope(context, 'read')
    const sessions = (await listOwn(context)).slice(0, LISTED)
    return {
      resources: sessions.map(({ id, title, status }) => ({
        uri: `session://${encodeURIComponent(id)}${ending}`,
        name: `${title} (${status})`,
        mimeType,
      })),
    }
  }
  server.registerResource(
    'current',
    'session://current',
    { title: 'The current session', mimeType: 'text/markdown' },
    (uri, asked) => markdown(contextFor(asked), uri, undefined),
  )
  server.registerResource(
    'session',
    new ResourceTemplate('session://{id}', { list: list('', 'text/markdown') }),
    { title: 'A session as Markdown', mimeType: 'text/markdown' },
    (uri, variables, asked) => markdown(contextFor(asked), uri, idOf(variables)),
  )
  server.registerResource(
    'report',
    new ResourceTemplate('session://{id}/report', { list: undefined }),
    { title: 'A session as an HTML page', mimeType: 'text/html' },
    async (uri, variables, asked) => {
      const context = contextFor(asked)
      const given = idOf(variables)
      const id = await find(context, uri, given === 'current' ? undefined : given)
      return { contents: [{ uri: uri.href, mimeType: 'text/html', text: await context.tracker.report(id) }] }
    },
  )
}
