import { read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call } from './call.ts'
import { Answer, Fields } from './input.ts'

const Word = (what: string) => z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, `expected ${what}`)

/** The registry of tools, and the repositories and branches of those that keep source code. */
export const tools = {
  listTools: read(
    'listTools',
    z.strictObject({
      /** Kind of tool. */
      tool: Word('the identifier of a tool, such as github').optional(),
      fields: z.array(Word('the name of a field')).min(1).max(20).default(['_id', 'name', 'tool_identifier']),
    }),
    Answer,
    // https://docs.opsera.ai/api-reference/reference/tools
    ({ tool, fields }, { config }: Here) => ({
      call: call(config, 'GET', 'tools', { query: { tool_identifier: tool, fields: fields.join(',') } }),
    }),
    { about: 'Registered tools, a thousand at most, of one kind or of all.', example: { tool: 'github' } },
  ),
  listRepositories: read(
    'listRepositories',
    z.strictObject({ body: Fields }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'repositories', { payload: body }) }),
    {
      about: 'Repositories of a registered tool. `body` is sent as it stands: it is documented nowhere.',
      example: { body: { tool: 'github', toolId: '5f3a1c2b9d8e7f6a5b4c3d2e' } },
    },
  ),
  listBranches: read(
    'listBranches',
    z.strictObject({ body: Fields }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'branches', { payload: body }) }),
    {
      about: 'Branches of a repository. `body` is sent as it stands: it is documented nowhere.',
      example: { body: { tool: 'github', toolId: '5f3a1c2b9d8e7f6a5b4c3d2e', repository: 'web-portal' } },
    },
  ),
}
