import { action, invalidInput } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { create, linkName } from './call.ts'
import { Body, Id, Issue, Line, markdownOf } from './input.ts'

const projectOf = (given: z.output<typeof Id> | undefined, { config }: Here, name: string) => {
  const project = given ?? config.projectId
  if (project !== undefined) return project
  throw invalidInput({
    field: `${name}.projectId`,
    problem: 'missing',
    expected: 'the UUID of a project',
    todo: 'Give it, or set the option projectId of linear().',
  })
}

/** Status updates and documents of projects. */
export const projects = {
  createProjectUpdate: action(
    'createProjectUpdate',
    z.strictObject({
      /** Default: the configured project. */
      projectId: Id.optional(),
      body: Body,
      health: z.literal(['onTrack', 'atRisk', 'offTrack']).optional(),
    }),
    ({ projectId, body, health }, at: Here) =>
      create(
        'projectUpdate',
        at,
        {
          projectId: projectOf(projectId, at, 'createProjectUpdate'),
          body: markdownOf(body, at.config),
          health,
        },
        { [linkName('projectUpdate', at.key)]: '/url' },
      ),
    {
      about: 'Posts a status update of a project.',
      example: {
        projectId: '5c1f2e3d-1111-4222-8333-444455556666',
        body: 'Double charging is fixed',
        health: 'onTrack',
      },
    },
  ),
  createDocument: action(
    'createDocument',
    z
      .strictObject({ title: Line, body: Body, projectId: Id.optional(), issue: Issue.optional() })
      .refine(({ projectId, issue }) => projectId === undefined || issue === undefined, {
        message: 'expected projectId or issue, not both',
        path: ['issue'],
      }),
    ({ title, body, projectId, issue }, at: Here) =>
      create(
        'document',
        at,
        {
          title,
          content: markdownOf(body, at.config),
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
        body: 'Stripe retries a webhook while the first is still running.',
      },
    },
  ),
}
