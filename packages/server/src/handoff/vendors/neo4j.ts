import type { Vendor } from '../vendor.ts'

/** Tools of Neo4j's MCP server. */
export const neo4j: Vendor = {
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
}
