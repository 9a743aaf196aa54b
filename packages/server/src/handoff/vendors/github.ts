import type { Source, Vendor } from '../vendor.ts'

const repository = { owner: { config: '/owner' }, repo: { config: '/repo' } } as const
const number: Source = { path: '/issues/([^/]+)' }

/** Tools of GitHub's MCP server. */
export const github: Vendor = {
  server: 'https://api.githubcopilot.com/mcp/',
  version: '2026-08',
  actions: {
    createCard: [
      {
        tool: 'issue_write',
        args: {
          method: 'create',
          ...repository,
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
        args: { method: 'update', ...repository, issue_number: number, body: { from: '/payload/body' } },
        whole: 'body',
        isSafe: true,
      },
    ],
    renameCard: [
      {
        tool: 'issue_write',
        args: { method: 'update', ...repository, issue_number: number, title: { from: '/payload/title' } },
        isSafe: true,
      },
    ],
    setStatus: [
      {
        tool: 'issue_write',
        args: {
          method: 'update',
          ...repository,
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
        args: { ...repository, issue_number: number, body: { from: '/payload/body' } },
        text: 'body',
      },
    ],
    createEntry: [
      {
        tool: 'add_issue_comment',
        args: { ...repository, issue_number: number, body: { from: '/payload/body' } },
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
}
