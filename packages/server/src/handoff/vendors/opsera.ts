import type { Vendor } from '../vendor.ts'

/** The reason why its tools are unverified. */
const OPSERA = 'the name stands in one guide, and no schema of this server is published'

/** Tools of Opsera's MCP server. */
export const opsera: Vendor = {
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
}
