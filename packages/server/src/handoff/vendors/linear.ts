import type { Source, Vendor } from '../vendor.ts'

/** The reason why its tools are unverified. */
const LINEAR = 'quoted in public agent repositories; the vendor publishes no schema'
const variables = (path: string): Source => ({ from: `/payload/variables/${path}` })

/** Tools of Linear's MCP server. */
export const linear: Vendor = {
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
}
