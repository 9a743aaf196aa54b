import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { OperationContext } from '../operations/operation.ts'
import { needScope } from '../operations/operation.ts'
import { chooseSession, listOwn } from '../operations/session-of.ts'
import type { Tell } from './server.ts'

/** Sessions that a list of resources names at most. */
const LISTED = 50

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const idOf = (variables: Readonly<Record<string, string | string[]>>): string => {
  const { id = '' } = variables
  return decode(typeof id === 'string' ? id : (id[0] ?? ''))
}

/** Registers the current session, each session, and the report of each as resources. */
export const registerResources = (
  server: McpServer,
  contextFor: (asked: ServerContext) => OperationContext,
  tell: Tell,
): void => {
  /** Answers with what `look` gives, or says why not; one that the caller cannot have is a resource that there is not. */
  const answer = async <R>(
    asked: ServerContext,
    uri: URL | undefined,
    look: (context: OperationContext) => Promise<R>,
  ): Promise<R> => {
    const context = contextFor(asked)
    try {
      needScope(context, 'read')
      return await look(context)
    } catch (thrown) {
      const { code, message, isOwn } = tell(context, thrown)
      if (uri === undefined || isOwn) throw new Error(`${code}: ${message}`)
      throw new ResourceNotFoundError(uri.href, message)
    }
  }
  const markdown = (asked: ServerContext, uri: URL, id: string | undefined) =>
    answer(asked, uri, async context => {
      const { session } = await chooseSession(context, id)
      const text = await context.tracker.export(session.id, 'markdown')
      return { contents: [{ uri: uri.href, mimeType: 'text/markdown', text }] }
    })
  const list = (ending: string, mimeType: string) => (asked: ServerContext) =>
    answer(asked, undefined, async context => ({
      resources: (await listOwn(context)).slice(0, LISTED).map(({ id, title, status }) => ({
        uri: `session://${encodeURIComponent(id)}${ending}`,
        name: `${title} (${status})`,
        mimeType,
      })),
    }))
  server.registerResource(
    'current',
    'session://current',
    { title: 'The current session', mimeType: 'text/markdown' },
    (uri, asked) => markdown(asked, uri, undefined),
  )
  server.registerResource(
    'session',
    new ResourceTemplate('session://{id}', { list: list('', 'text/markdown') }),
    { title: 'A session as Markdown', mimeType: 'text/markdown' },
    (uri, variables, asked) => markdown(asked, uri, idOf(variables)),
  )
  server.registerResource(
    'report',
    new ResourceTemplate('session://{id}/report', { list: undefined }),
    { title: 'A session as an HTML page', mimeType: 'text/html' },
    (uri, variables, asked) =>
      answer(asked, uri, async context => {
        const given = idOf(variables)
        const { session } = await chooseSession(context, given === 'current' ? undefined : given)
        const text = await context.tracker.report(session.id)
        return { contents: [{ uri: uri.href, mimeType: 'text/html', text }] }
      }),
  )
}
