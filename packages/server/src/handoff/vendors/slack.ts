import type { Vendor } from '../vendor.ts'

/** The reason why its tools are unverified. */
const SLACK = 'names agree in public agent repositories; the vendor publishes no schema'

/** Tools of Slack's MCP server. */
export const slack: Vendor = {
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
}
