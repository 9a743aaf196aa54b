import type { Source, Vendor } from '../vendor.ts'

/** The reason why its edit is unverified. */
const EDIT = 'the vendor publishes the name and no arguments'
const site = { cloudId: { config: '/baseUrl', host: true } } as const
const issue: Source = { path: '/issue/([^/]+)' }

/** Tools of Jira (Atlassian)'s MCP server. */
export const jira: Vendor = {
  server: 'https://mcp.atlassian.com/v2/mcp',
  version: '2026-11',
  actions: {
    createIssue: [
      {
        tool: 'createJiraIssue',
        args: {
          ...site,
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
          ...site,
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
        args: { ...site, issueIdOrKey: issue, commentBody: { from: '/payload/body', adf: true } },
        text: 'commentBody',
      },
      {
        tool: 'addCommentToJiraIssue',
        args: { ...site, issueIdOrKey: issue, commentBody: { from: '/payload/body', adf: true } },
        text: 'commentBody',
      },
    ],
    editCard: [
      {
        tool: 'editJiraIssue',
        args: {
          ...site,
          issueIdOrKey: issue,
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
}
