import { defineCommand } from '../command.ts'
import { noSession } from '../failure.ts'
import { nameSession } from '../recording.ts'
import { findSession } from '../workspace/current.ts'

const RECOVERABLE = ['crashed', 'left', 'abandoned'] as const

export const recover = defineCommand({
  name: 'recover',
  group: 'Set up',
  about: 'Goes on with a session that crashed, was left or was ended',
  uses: 'workspace',
  arguments: [
    { name: 'id', about: 'The session (default: the newest that crashed or was left)', optional: true },
  ],
  options: { reason: { about: 'Why it is reopened', value: 'text' } },
  json: z =>
    z.strictObject({
      session: z.strictObject({ id: z.string(), title: z.string(), status: z.string() }),
      was: z.string(),
      recorded: z.boolean(),
    }),
  run: async (context, { id }, { reason = 'sessionwire recover' }) => {
    const opened = await context.open()
    const { tracker, config } = opened
    const { hereOf, isHere } = (await import('../engine.ts')).finding
    await tracker.sweep()
    const found =
      id === undefined
        ? (await tracker.sessions({ project: config.project, limit: 100 })).find(
            ({ status, parentId, workspace }) =>
              parentId === undefined &&
              RECOVERABLE.some(each => each === status) &&
              isHere(workspace, opened),
          )
        : await findSession(tracker, id)
    if (found === undefined)
      throw noSession(
        `No session of ${hereOf(opened)} crashed or was left.`,
        '`sessionwire sessions` lists all; name one to reopen it.',
      )
    const { recorded } = await tracker.session(found.id).resume(reason)
    const session = { id: found.id, title: found.title, status: 'active' }
    return {
      data: { session, was: found.status, recorded },
      text: `Goes on (was ${found.status}): ${nameSession(context, { ...session, progress: found.progress, by: 'start' })}`,
    }
  },
})
