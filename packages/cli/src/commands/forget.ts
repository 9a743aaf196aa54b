import { isTrackerError } from '@sessionwire/core'
import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'
import { usage } from '../failure.ts'
import { findSession } from '../workspace/current.ts'

export const forget = defineCommand({
  name: 'forget',
  group: 'Set up',
  about: 'Erases the texts of a session, or of one event: a secret or a name that got in',
  more: [
    'Calls that were sent and cannot be taken back are listed, with advice. Sessions of sub-agents are sessions of their own: erase each.',
  ],
  uses: 'starting',
  arguments: [
    { name: 'id', about: 'The session' },
    { name: 'event', about: 'Only this event', optional: true },
  ],
  options: { yes: { about: 'Asks nothing, as without a terminal', short: 'y' } },
  json: z =>
    z.strictObject({
      session: z.string(),
      events: z.number(),
      edited: z.array(z.string()),
      dropped: z.array(z.string()),
      remaining: z.array(
        z.strictObject({ adapter: z.string(), key: z.string(), action: z.string(), todo: z.string() }),
      ),
      underWay: z.array(z.string()),
      spoolErased: z.boolean(),
      delivery: makeDeliveredSchema(z),
    }),
  run: async (context, { id, event }, { yes }) => {
    const opened = await context.open()
    const { id: session, title } = await findSession(opened.tracker, id)
    if (context.io.isTerminal && !yes) {
      const { confirm } = await import('../prompts.ts')
      const answer = await confirm({
        message: `Erase the texts of "${title}" for good?`,
        initialValue: false,
      })
      if (answer !== true) throw usage('Cancelled. Nothing was erased.')
    }
    const { events, edited, dropped, remaining, underWay } = await opened.tracker.forget(session, event)
    await opened.refreshRecall()
    const { eraseSpool } = (await import('../engine.ts')).hosts
    const spoolErased = eraseSpool(opened.data, session)
    // The last one: a file that is damaged stops nothing else.
    await opened.inStoreOfBefore(async before => {
      try {
        await before.forget(session, event, { timeoutMs: 0 })
      } catch (thrown) {
        // The session, or the event, is of later.
        const isKnown = isTrackerError(thrown) && /^(NO_SUCH_SESSION|INVALID_INPUT)$/.test(thrown.code)
        if (!isKnown) throw thrown
      }
    })
    const delivery = await deliver(opened, context)
    return {
      data: { session, events, edited, dropped, remaining, underWay, spoolErased, delivery },
      text: [
        `Erased: ${events} ${events === 1 ? 'event' : 'events'}`,
        ...(edited.length === 0 ? [] : [`Cards are edited: ${edited.join(', ')}`]),
        ...remaining.map(each => `Remains in ${each.adapter} (${each.action}): ${each.todo}`),
        ...(underWay.length === 0
          ? []
          : [`Under way, with the texts: ${underWay.join(', ')}. Run this again when they have settled.`]),
        ...(spoolErased
          ? []
          : [
              'Remains in the spool of the host while it is read: names of files, and to-dos. Run this again when its session is quiet.',
            ]),
        ...sayDelivered(delivery),
      ],
    }
  },
})
