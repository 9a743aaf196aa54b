import { action, TrackerError } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { create, linkName } from './call.ts'
import { Id, Issue, Text, Title, textOf } from './input.ts'

const projectOf = (given: z.output<typeof Id> | undefined, { config }: Here, name: string) => {
  const project = given ?? config.projectId
  if (project !== undefined) return project
  throw new TrackerError(
    'INVALID_INPUT',
    `${name}: projectId: name a project, or set projectId of linear()`,
    {
      field: 'projectId',
    },
  )
}

/** What belongs to a project. */
export const projects = {
  postProjectUpdate: action(
    'postProjectUpdate',
    z.strictObject({
      /** Default the configured project. */
      projectId: Id.optional(),
      text: Text,
      health: z.literal(['onTrack', 'atRisk', 'offTrack']).optional(),
    }),
    ({ projectId, text, health }, at: Here) =>
      create(
        'projectUpdate',
        at,
        { projectId: projectOf(projectId, at, 'postProjectUpdate'), body: textOf(text, at.config), health },
        { [linkName('projectUpdate', at.key)]: '/url' },
      ),
    {
      about: 'Posts a status update of a project.',
      example: {
        projectId: '5c1f2e3d-1111-4222-8333-444455556666',
        text: 'Double charging is fixed',
        health: 'onTrack',
      },
    },
  ),
  createDocument: action(
    'createDocument',
    z
      .strictObject({ title: Title, text: Text, projectId: Id.optional(), issue: Issue.optional() })
      .refine(({ projectId, issue }) => projectId === undefined || issue === undefined, {
        message: 'a document belongs to a project or to an issue, not to both',
        path: ['issue'],
      }),
    ({ title, text, projectId, issue }, at: Here) =>
      create(
        'document',
        at,
        {
          title,
          content: textOf(text, at.config),
          ...(issue === undefined
            ? { projectId: projectOf(projectId, at, 'createDocument') }
            : { issueId: issue }),
        },
        { [linkName('document', at.key)]: '/url' },
      ),
    {
      about: 'Creates a document of a project, or of an issue.',
      example: {
        projectId: '5c1f2e3d-1111-4222-8333-444455556666',
        title: 'Why one lock per invoice',
        text: 'Stripe retries a webhook while the first is still running.',
      },
    },
  ),
}
