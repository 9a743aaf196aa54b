import { defineCommand } from '../command.ts'
import { count } from '../io.ts'
import { parseDuration } from '../time.ts'

export const prune = defineCommand({
  name: 'prune',
  group: 'Set up',
  about: 'Removes old sessions from the store',
  uses: 'workspace',
  options: {
    olderThan: {
      about: 'Sessions that ended so long ago, with all that is settled (default 30d)',
      value: 'time',
    },
    keep: {
      about: 'Those with requests that were never delivered are kept for so long (default 90d)',
      value: 'time',
    },
    messages: {
      about: 'The texts of messages older than this go too (default as --older-than)',
      value: 'time',
    },
  },
  json: z => z.strictObject({ sessions: z.number(), messages: z.number(), deliveries: z.number() }),
  run: async (context, _, { olderThan, keep, messages }) => {
    const opened = await context.open({ tolerant: true })
    const ages = {
      ...(olderThan === undefined ? {} : { olderThanMs: parseDuration(olderThan, '--older-than') }),
      ...(keep === undefined ? {} : { keepMs: parseDuration(keep, '--keep') }),
      ...(messages === undefined ? {} : { messagesMs: parseDuration(messages, '--messages') }),
    }
    const pruned = await opened.tracker.prune(ages)
    await opened.refreshRecall()
    await opened.inStoreOfBefore(before => before.prune(ages))
    return {
      data: pruned,
      text: `Removed what ended more than ${olderThan ?? '30d'} ago: ${count(pruned.sessions, 'session')}, ${count(pruned.messages, 'message')}, ${count(pruned.deliveries, 'request')}`,
    }
  },
})
