import type { Source, Vendor } from './vendor.ts'

const LINEAR = 'quoted in public agent repositories; the vendor publishes no schema'
const SLACK = 'names agree in public agent repositories; the vendor publishes no schema'
const OPSERA = 'the name stands in one guide, and no schema of this server is published'
const EDIT = 'the vendor publishes the name and no arguments'

const variables = (path: string): Source => ({ from: `/payload/variables/${path}` })
const github = { owner: { config: '/owner' }, repo: { config: '/repo' } } as const
const number: Source = { path: '/issues/([^/]+)' }
const jira = { cloudId: { config: '/baseUrl', host: true } } as const
const jiraIssue: Source = { path: '/issue/([^/]+)' }

/** The vendors' own tools, as data. Names and arguments change within months: each is compared with the tools of the host. */
export const VENDORS: Readonly<Record<string, Vendor>> = {
  linear: {
    server: 'https://mcp.linear.app/mcp',
    version: '2026-11',
    actions: {
      createCard: [
        {
          tool: 'save_issue',
          args: {
            title: variables('input/title'),
            team: variables('input/teamId'),
            description: variables('input/description'),
            project: variables('input/projectId'),
            priority: variables('input/priority'),
          },
          text: 'description',
          unverified: LINEAR,
        },
      ],
      editCard: [
        {
          tool: 'save_issue',
          args: { id: variables('id'), description: variables('input/description') },
          whole: 'description',
          isSafe: true,
          unverified: LINEAR,
        },
      ],
      renameCard: [
        {
          tool: 'save_issue',
          args: { id: variables('id'), title: variables('input/title') },
          isSafe: true,
          unverified: LINEAR,
        },
      ],
      setStatus: [
        {
          tool: 'save_issue',
          args: { id: variables('id'), state: variables('input/stateId') },
          isSafe: true,
          unverified: LINEAR,
        },
      ],
      addLink: [
        {
          tool: 'save_issue',
          args: {
            id: variables('input/issueId'),
            links: [{ each: { url: variables('input/url'), title: variables('input/title') } }],
          },
          isSafe: true,
          unverified: LINEAR,
        },
      ],
      createCardComment: [
        {
          tool: 'save_comment',
          args: { issueId: variables('input/issueId'), body: variables('input/body') },
          text: 'body',
          unverified: LINEAR,
        },
      ],
      editCardComment: [
        {
          tool: 'save_comment',
          args: { id: variables('id'), body: variables('input/body') },
          isSafe: true,
          unverified: LINEAR,
        },
      ],
      createEntry: [
        {
          tool: 'save_comment',
          args: { issueId: variables('input/issueId'), body: variables('input/body') },
          text: 'body',
          unverified: LINEAR,
        },
      ],
    },
    answer: {
      issueId: ['/id', '/issue/id', '/identifier', { pattern: '\\b([A-Z][A-Z0-9]*-[0-9]+)\\b' }],
      identifier: ['/identifier', '/issue/identifier', { pattern: '\\b([A-Z][A-Z0-9]*-[0-9]+)\\b' }],
      url: ['/url', '/issue/url', { pattern: '(https://linear\\.app/[^\\s"<>)]+)' }],
      commentId: ['/id', '/comment/id'],
    },
    optional: ['identifier', 'url'],
  },
  jira: {
    server: 'https://mcp.atlassian.com/v2/mcp',
    version: '2026-11',
    actions: {
      createIssue: [
        {
          tool: 'createJiraIssue',
          args: {
            ...jira,
            projectKey: { from: '/payload/fields/project/key' },
            issueType: { from: '/payload/fields/issuetype/name' },
            summary: { from: '/payload/fields/summary' },
            description: { from: '/payload/fields/description', adf: true },
          },
          text: 'description',
        },
        {
          tool: 'createJiraIssue',
          args: {
            ...jira,
            projectKey: { from: '/payload/fields/project/key' },
            issueTypeName: { from: '/payload/fields/issuetype/name' },
            summary: { from: '/payload/fields/summary' },
            description: { from: '/payload/fields/description', adf: true },
          },
          text: 'description',
        },
      ],
      createComment: [
        {
          tool: 'addOrEditJiraIssueComment',
          args: { ...jira, issueIdOrKey: jiraIssue, commentBody: { from: '/payload/body', adf: true } },
          text: 'commentBody',
        },
        {
          tool: 'addCommentToJiraIssue',
          args: { ...jira, issueIdOrKey: jiraIssue, commentBody: { from: '/payload/body', adf: true } },
          text: 'commentBody',
        },
      ],
      editCard: [
        {
          tool: 'editJiraIssue',
          args: {
            ...jira,
            issueIdOrKey: jiraIssue,
            fields: { each: { description: { from: '/payload/fields/description', adf: true } } },
          },
          whole: 'description',
          isSafe: true,
          unverified: EDIT,
        },
      ],
    },
    answer: {
      issue: ['/key', '/issue/key', '/issueKey', { pattern: '\\b([A-Z][A-Z0-9_]+-[0-9]+)\\b' }],
      issueId: ['/id', '/issue/id', '/key', '/issue/key', { pattern: '\\b([A-Z][A-Z0-9_]+-[0-9]+)\\b' }],
    },
  },
  github: {
    server: 'https://api.githubcopilot.com/mcp/',
    version: '2026-08',
    actions: {
      createCard: [
        {
          tool: 'issue_write',
          args: {
            method: 'create',
            ...github,
            title: { from: '/payload/title' },
            body: { from: '/payload/body' },
            labels: { from: '/payload/labels' },
          },
          text: 'body',
        },
      ],
      editCard: [
        {
          tool: 'issue_write',
          args: { method: 'update', ...github, issue_number: number, body: { from: '/payload/body' } },
          whole: 'body',
          isSafe: true,
        },
      ],
      renameCard: [
        {
          tool: 'issue_write',
          args: { method: 'update', ...github, issue_number: number, title: { from: '/payload/title' } },
          isSafe: true,
        },
      ],
      setStatus: [
        {
          tool: 'issue_write',
          args: {
            method: 'update',
            ...github,
            issue_number: number,
            state: { from: '/payload/state' },
            state_reason: { from: '/payload/state_reason' },
          },
          isSafe: true,
        },
      ],
      createCardComment: [
        {
          tool: 'add_issue_comment',
          args: { ...github, issue_number: number, body: { from: '/payload/body' } },
          text: 'body',
        },
      ],
      createEntry: [
        {
          tool: 'add_issue_comment',
          args: { ...github, issue_number: number, body: { from: '/payload/body' } },
          text: 'body',
        },
      ],
    },
    answer: {
      issue: ['/number', '/issue/number', { pattern: '/(?:issues|pull)/([0-9]+)' }],
      url: ['/html_url', '/url', { pattern: '(https://[^\\s"<>)]+/(?:issues|pull)/[0-9]+)' }],
      commentId: ['/id', '/comment/id', { pattern: '#issuecomment-([0-9]+)' }],
    },
    optional: ['url'],
  },
  slack: {
    server: 'https://mcp.slack.com/mcp',
    version: '2026-11',
    actions: {
      postCard: [
        {
          tool: 'slack_send_message',
          args: { channel_id: { from: '/payload/channel' }, message: { from: '/payload/text' } },
          text: 'message',
          unverified: SLACK,
        },
      ],
      postEntry: [
        {
          tool: 'slack_send_message',
          args: {
            channel_id: { from: '/payload/channel' },
            message: { from: '/payload/text' },
            thread_ts: { from: '/payload/thread_ts' },
          },
          text: 'message',
          unverified: SLACK,
        },
      ],
    },
    answer: {
      thread: [
        '/ts',
        '/message_ts',
        '/message/ts',
        '/message_context/message_ts',
        { pattern: '\\b([0-9]{10}\\.[0-9]{6})\\b' },
      ],
    },
  },
  neo4j: {
    server: 'mcp-neo4j-cypher',
    version: '2026-08',
    actions: {
      '*': [
        {
          tool: 'write_neo4j_cypher',
          args: { query: { from: '/payload/statement' }, params: { from: '/payload/parameters' } },
          isSafe: true,
        },
      ],
    },
    answer: {},
  },
  opsera: {
    // Not the server at agent.opsera.io, whose published tools take no card: this one has a tool for each REST request.
    server: 'opsera-public-api',
    version: '2026-11',
    actions: {
      createCard: [
        { tool: 'post_api_v2_data_project', args: {}, body: '/payload', id: 'projectId', unverified: OPSERA },
      ],
      editCard: [
        {
          tool: 'put_api_v2_data_project_projectId',
          args: {},
          body: '/payload',
          joins: 'assets',
          isSafe: true,
          unverified: OPSERA,
        },
      ],
    },
    // The id of a project is ours: no later call needs an answer.
    answer: {},
  },
}
