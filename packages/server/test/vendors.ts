import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'

/** Calls that a stand-in was sent, and what it keeps. */
export type Vendor = Readonly<{
  client: Client
  calls: (readonly [tool: string, args: Readonly<Record<string, unknown>>])[]
  close: () => Promise<void>
}>

type Fields = Readonly<Record<string, unknown>>
/** A tool: its arguments, and what it answers. */
type Stand = readonly [name: string, args: z.ZodRawShape, answer: (args: Fields) => unknown]

const text = z.string()
const some = z.string().optional()
const assets = z.record(z.string(), z.unknown()).optional()

/** A server with these tools; an answer that is no text is given as JSON in a text, as the vendors do. */
const stand = async (tools: readonly Stand[]): Promise<Vendor> => {
  const calls: Vendor['calls'] = []
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'vendor', version: '1' })
    for (const [name, args, answer] of tools)
      server.registerTool(name, { inputSchema: z.object(args) }, given => {
        calls.push([name, given as Fields])
        const told = answer(given as Fields)
        return { content: [{ type: 'text', text: typeof told === 'string' ? told : JSON.stringify(told) }] }
      })
    return server
  })
  const client = new Client({ name: 'model', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL('http://127.0.0.1:1/mcp'), {
      fetch: (url, init) => handler.fetch(new Request(url, init)),
    }),
  )
  return {
    client,
    calls,
    close: async () => {
      await client.close()
      await handler.close()
    },
  }
}

/** An issue of any vendor, with its texts. */
export type Issue = Record<string, unknown> & { comments: string[] }

/** Linear: `save_issue` creates without an id, else it updates; it answers with the identifier as id. */
export const standLinear = (issues: Map<string, Issue>): Promise<Vendor> =>
  stand([
    [
      'save_issue',
      {
        id: some,
        title: some,
        team: some,
        description: some,
        state: some,
        links: z.array(z.object({ url: text, title: text })).optional(),
      },
      ({ id = `BIL-${issues.size + 1}`, ...fields }) => {
        const issue: Issue = { comments: [], ...issues.get(String(id)), ...fields }
        issues.set(String(id), issue)
        return { id, title: issue.title, url: `https://linear.app/acme/issue/${String(id)}/x` }
      },
    ],
    [
      'save_comment',
      { issueId: some, id: some, body: text },
      ({ issueId, body }) => {
        issues.get(String(issueId))?.comments.push(String(body))
        return { id: 'c1', body }
      },
    ],
    ['list_issues', { query: some }, () => [...issues.keys()]],
  ])

/** GitHub: `issue_write` answers with an internal id and the address. */
export const standGithub = (issues: Map<string, Issue>): Promise<Vendor> =>
  stand([
    [
      'issue_write',
      {
        method: z.enum(['create', 'update']),
        owner: text,
        repo: text,
        issue_number: z.number().optional(),
        title: some,
        body: some,
        labels: z.array(text).optional(),
        state: some,
        state_reason: some,
      },
      ({ method, owner, repo, issue_number, ...fields }) => {
        const number = method === 'create' ? issues.size + 12 : Number(issue_number)
        issues.set(String(number), { comments: [], ...issues.get(String(number)), ...fields })
        return { id: '2999', url: `https://github.com/${String(owner)}/${String(repo)}/issues/${number}` }
      },
    ],
    [
      'add_issue_comment',
      { owner: text, repo: text, issue_number: z.number(), body: text },
      ({ issue_number, body }) => {
        issues.get(String(issue_number))?.comments.push(String(body))
        return {
          id: '77',
          url: `https://github.com/acme/billing/issues/${String(issue_number)}#issuecomment-77`,
        }
      },
    ],
  ])

/** Atlassian's server, as connections of its second version see it, or of its first. */
export const standJira = (issues: Map<string, Issue>, version: 1 | 2): Promise<Vendor> =>
  stand([
    [
      'createJiraIssue',
      {
        cloudId: text,
        projectKey: text,
        ...(version === 2 ? { issueType: text } : { issueTypeName: text }),
        summary: text,
        description: some,
      },
      ({ projectKey, ...fields }) => {
        const key = `${String(projectKey)}-${issues.size + 1}`
        issues.set(key, { comments: [], ...fields })
        return { id: String(10_000 + issues.size), key, self: 'https://api.atlassian.com/x' }
      },
    ],
    [
      version === 2 ? 'addOrEditJiraIssueComment' : 'addCommentToJiraIssue',
      { cloudId: text, issueIdOrKey: text, commentBody: text },
      ({ issueIdOrKey, commentBody }) => {
        issues.get(String(issueIdOrKey))?.comments.push(String(commentBody))
        return 'Comment added.'
      },
    ],
    [
      'editJiraIssue',
      { cloudId: text, issueIdOrKey: text, fields: z.object({ description: some }) },
      ({ issueIdOrKey, fields }) => {
        Object.assign(issues.get(String(issueIdOrKey)) ?? {}, fields)
        return 'Issue updated.'
      },
    ],
  ])

/** Slack posts as the person who is signed in, and answers with the message's time. */
export const standSlack = (issues: Map<string, Issue>): Promise<Vendor> =>
  stand([
    [
      'slack_send_message',
      { channel_id: text, message: text, thread_ts: some },
      ({ message, thread_ts }) => {
        if (thread_ts !== undefined) issues.get(String(thread_ts))?.comments.push(String(message))
        const ts = `1764480000.00000${issues.size + 1}`
        if (thread_ts === undefined) issues.set(ts, { message, comments: [] })
        return `Message sent. Message TS: ${ts}`
      },
    ],
  ])

/** Neo4j's server for statements. */
export const standNeo4j = (issues: Map<string, Issue>): Promise<Vendor> =>
  stand([
    [
      'write_neo4j_cypher',
      { query: text, params: z.record(z.string(), z.unknown()) },
      ({ query, params }) => {
        issues.set(`${String(query)} ${JSON.stringify(params)}`, { comments: [] })
        return { nodes_created: 1 }
      },
    ],
  ])

/** Opsera's server with a tool for each REST request. An update replaces the project; the model joins assets before. */
export const standOpsera = (issues: Map<string, Issue>): Promise<Vendor> => {
  const project = { projectId: text, projectName: some, externalId: some, organization: some, assets }
  const write = ({ projectId, ...fields }: Fields) => {
    issues.set(String(projectId), { comments: [], ...fields })
    return 'Success'
  }
  return stand([
    ['post_api_v2_data_project', project, write],
    ['put_api_v2_data_project_projectId', project, write],
  ])
}
