// Records the latest commits of a git repository as a session, sends it to services on this machine that fail in many
// ways, and shows that every request arrived once and in order.
//   npm start                    this clone
//   npm start -- ../other        another repository
//   npm start -- --quiet         the result alone
//   npm start -- --details       every count of the result
//   npm start -- --live          the real services, with credentials from the environment
import { mkdir, writeFile } from 'node:fs/promises'
import { createTracker, type Tracker } from '@sessionwire/core'
import { formatStatus, type RenderFormat } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock } from '@sessionwire/core/testing'
import { readHistory } from './history.ts'
import { countUp, result } from './result.ts'
import {
  block,
  describeEvent,
  formatArrived,
  heading,
  line,
  options,
  say,
  showProgress,
  watch,
} from './show.ts'
import { local, real } from './stage.ts'
import { record } from './story.ts'

const FLAGS = ['--live', '--quiet', '--details']
const words = process.argv.slice(2)
const unknown = words.find(word => word.startsWith('-') && !FLAGS.includes(word))
const [folder] = words.filter(word => !word.startsWith('-'))
const live = words.includes('--live')
options.quiet = words.includes('--quiet')
const clock = createFastClock(live ? 1 : 60)

/** Drops requests that an earlier run left when it was stopped: their services ended with it. */
const dropOld = async (tracker: Tracker): Promise<void> => {
  const all = await tracker.deliveries({ state: ['planned', 'waiting', 'dead'] })
  // Deliveries of the lane `init` belong to this run.
  const old = all.filter(each => each.lane !== 'init')
  if (old.length > 0) await tracker.drop(old.map(each => each.key))
}

/** Formats of the previews that are not commands for a shell. */
const FORMATS: Readonly<Record<string, RenderFormat>> = { linear: 'graphql', files: 'text' }
/** Tools whose first request is printed; those of the others are in their files. */
const SHOWN: ReadonlySet<string> = new Set(['linear', 'slack'])

const preview = async (tracker: Tracker, sessionId: string, name: string): Promise<void> => {
  const format = FORMATS[name] ?? 'curl'
  const file = `.sessionwire/${name}.${format === 'curl' ? 'sh' : format === 'text' ? 'txt' : format}`
  const planned = await tracker.preview(sessionId, { adapter: name })
  await writeFile(file, `${tracker.render(planned, format)}\n`)
  const isShown = SHOWN.has(name)
  say(
    line(
      `${name.padEnd(8)} ${String(planned.length).padStart(3)} requests, in ${file}${isShown ? '; the first:' : ''}`,
    ),
  )
  if (isShown) block(tracker.render(planned.slice(0, 1), format), 12)
}

const run = async (): Promise<void> => {
  if (unknown !== undefined)
    throw new Error(
      `unknown flag "${unknown}"; expected ${FLAGS.join(', ')} or the path of a git repository.`,
    )
  const history = await readHistory(folder, 12)
  const { adapters, options, services, readArrived } = live ? real() : await local(clock)
  await mkdir('.sessionwire', { recursive: true, mode: 0o700 })
  const tracker = await createTracker({
    project: history.project,
    user: history.commits.at(-1)?.author ?? 'you',
    store: sqliteStore('.sessionwire/quickstart.db', live ? {} : { now: clock.now }),
    adapters,
    deliver: false,
    ...options,
  })
  try {
    if (!live) await dropOld(tracker)
    heading(
      1,
      `An agent's work, recorded (${history.commits.length} commits as updates, from ${history.from})`,
    )
    const off = tracker.on('event', ({ event }) => say(line(describeEvent(event))))
    const goal = `Record the last commits of ${history.project}`
    const session = await tracker.start({ goal })
    await record(session, history)
    await writeFile('.sessionwire/session.md', await tracker.export(session.id, 'markdown'))
    off()

    heading(2, 'The requests for each tool (nothing sent yet)')
    for (const { name } of adapters) await preview(tracker, session.id, name)

    heading(3, live ? 'Sending, to the real services' : 'Sending, to services made to fail')
    if (!live) say(line(`Waits are shortened: 1 s here stands for ${clock.speed} s.`))
    const counted = countUp(tracker)
    const unwatch = watch(tracker)
    const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed, onProgress: showProgress })
    unwatch()
    await writeFile('.sessionwire/session.html', await tracker.report(session.id))

    const shown = readArrived(session.id, goal)
    if (shown.length > 0) heading(4, 'The session in each tool, and the links to its other cards')
    for (const text of formatArrived(shown)) say(line(text))

    heading(shown.length > 0 ? 5 : 4, 'Result')
    const details = words.includes('--details')
    for (const text of await result(tracker, session.id, services, counted, details)) say(`   ${text}`, true)
    if (!done) say(`\n${formatStatus(await tracker.status())}\n   Run it again to go on.`, true)
    say('\n   Open this: .sessionwire/session.html', true)
    say(line('As text: .sessionwire/session.md. The database: .sessionwire/quickstart.db'))
    say(line('npm start -- --live sends to the real services; --details shows every count.'))
    if (!done) process.exitCode = 1
  } finally {
    await tracker.close()
    for (const service of services.values()) await service.close()
  }
}

await run().catch((thrown: unknown) => {
  process.stderr.write(`npm start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = 1
})
