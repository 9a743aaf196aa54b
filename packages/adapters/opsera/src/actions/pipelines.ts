import { action, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call } from './call.ts'
import { Answer, Fields, ObjectId } from './input.ts'

/** Reads of pipelines, and their notifications. Running, stopping, resetting, approving and deleting them is left to people. */
export const pipelines = {
  getStatus: read(
    'getStatus',
    z.strictObject({
      /** The word for tasks is not verified. */
      type: z.literal(['pipeline', 'task']).default('pipeline'),
      ids: z.array(ObjectId).min(1).max(100),
    }),
    Answer,
    ({ type, ids }, { config }: Here) => ({
      // https://docs.opsera.ai/api-reference/reference
      call: call(config, 'POST', 'actions', { payload: { action: 'status', type, version: 1, target: ids } }),
    }),
    {
      about: 'States of pipelines or tasks; of the actions on them, the one that changes nothing.',
      example: { ids: ['5f3a1c2b9d8e7f6a5b4c3d2e'] },
    },
  ),
  validatePipeline: read(
    'validatePipeline',
    z.strictObject({ body: Fields }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'validatePipeline', { payload: body }) }),
    {
      about:
        'Checks a pipeline against the requirements of its steps; starts nothing. `body` is sent as it stands.',
      example: { body: { name: 'web-portal-build', steps: [{ tool_identifier: 'github' }] } },
    },
  ),
  getStepMetadata: read(
    'getStepMetadata',
    z.strictObject({ body: Fields }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'stepMetadata', { payload: body }) }),
    {
      about: 'Requirements of the steps of a tool. `body` is sent as it stands.',
      example: { body: { tool_identifier: 'github' } },
    },
  ),
  notifyRun: action(
    'notifyRun',
    z.strictObject({ body: Fields }),
    ({ body }, { config }: Here) => ({
      ...call(config, 'POST', 'runNotification', { payload: body }),
      repeat: 'unsafe',
      asterisk: "No page of Opsera's shows what this request takes or does.",
    }),
    {
      about: 'Sends a notification about a run of a pipeline. `body` is sent as it stands.',
      example: { body: { pipelineId: '5f3a1c2b9d8e7f6a5b4c3d2e', message: 'Fixed in #981' } },
    },
  ),
}
