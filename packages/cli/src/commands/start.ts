import { authorOf } from '../author.ts'
import { defineCommand } from '../command.ts'
import { sayDelivered } from '../deliver.ts'
import { callOf, finish, makeRecordedShape, nameSession, parseLinks, readText } from '../recording.ts'
import { parseProgress } from '../time.ts'
import { issueOfBranch } from '../workspace/branch.ts'

export const start = defineCommand({
  name: 'start',
  aliases: ['s'],
  group: 'Record',
  about: 'Begins a session',
  more: [
    'The issue that the branch names (feature/BIL-212-x) is adopted where an adapter is set up for its project; --link names another one.',
  ],
  examples: [
    'sessionwire start "Stop double charging"',
    'sessionwire start "Fix the lock" --link jira=BIL-212',
  ],
  uses: 'starting',
  arguments: [
    { name: 'goal', about: 'The goal of the session; - reads it from standard input', optional: true },
  ],
  options: {
    link: { about: 'Adopts an item that exists: adapter=key, as in jira=BIL-212', value: 'item', many: true },
    agent: { about: 'The agent that works', value: 'name' },
    progress: { about: 'Progress at the start, 0 to 100', value: 'percent' },
    parent: { about: 'The session this one is a part of', value: 'id' },
    continue: { about: 'Takes over the progress of the newest session of the project' },
    exclusive: { about: 'Fails with exit code 2 while another session is active here' },
    mirror: { about: 'Mirrors nothing until `sessionwire mirror`', on: true },
  },
  json: z =>
    z.strictObject({ ...makeRecordedShape(z), refs: z.record(z.string(), z.record(z.string(), z.string())) }),
  run: async (context, { goal }, { link = [], agent: given, progress, parent, mirror, ...chosen }) => {
    const { readBranch } = (await import('../engine.ts')).git
    const opened = await context.open()
    const { tracker, adapters, repository, tree = repository } = opened
    const { hereOf } = (await import('../engine.ts')).finding
    const author = authorOf(context.io, opened.config.user)
    // A goal that a model sets is not its user's: the agent of the session says so.
    const agent = given ?? (author?.kind === 'model' ? author.name : undefined)
    const refs = { ...issueOfBranch(readBranch(tree), adapters), ...parseLinks(link, adapters) }
    const session = await tracker.start({
      ...callOf(context),
      ...(goal === undefined ? {} : { goal: readText(context, goal) }),
      ...(agent === undefined ? {} : { agent }),
      ...(progress === undefined ? {} : { progress: parseProgress(progress) }),
      ...(parent === undefined ? {} : { parentId: parent }),
      ...(mirror === false ? { mirror: false } : {}),
      ...(chosen.continue === true ? { continue: true } : {}),
      ...(chosen.exclusive === true ? { exclusive: true } : {}),
      // Its process ends at once, and the session goes on.
      writer: 'host',
      workspace: hereOf(opened),
      refs,
    })
    const data = { ...(await finish(context, opened, 'start', session.id, session.receipt)), refs }
    const verb = data.repeated ? 'Known already' : data.recorded ? 'Started' : 'Left out by the filter'
    const adopted = Object.entries(refs).map(
      ([name, values]) => `Works on ${name} ${Object.values(values).join(', ')}`,
    )
    return {
      data,
      text: [`${verb}: ${nameSession(context, data.session)}`, ...adopted, ...sayDelivered(data.delivery)],
    }
  },
})
