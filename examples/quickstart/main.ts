// Tells the latest commits of a git repository as a session, mirrors it into services on this machine that fail in many
// ways, and shows that nothing is lost, doubled or out of order.
//   npm start                    this clone
//   npm start -- ../other        another repository
//   npm start -- --live          the real services, with credentials from the environment
//   npm start -- --quiet         only the result
import { mkdir, writeFile } from 'node:fs/promises'
import { createTracker, type Tracker } from '@sessionwire/core'
import { type RenderFormat, render } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { fast, SPEED } from '../stage/local.ts'
import { live, timeoutMs } from '../stage/stage.ts'
import { readHistory } from './history.ts'
import { block, heading, line, progress, say, type Tally, table, told, unmute, watch } from './show.ts'
import { local, real } from './stage.ts'
import { tell } from './story.ts'
import { summary } from './summary.ts'

const words = process.argv.slice(2)
const unknown = words.find(word => word.startsWith('-') && !['--live', '--quiet'].includes(word))
const [folder] = words.filter(word => !word.startsWith('-'))
type Shown = Readonly<{ format: RenderFormat; ending: string }>
const formatOf = (name: string): Shown =>
  name === 'linear' ? { format: 'graphql', ending: 'graphql' } : { format: 'curl', ending: 'sh' }

/** What an earlier run, stopped in the middle, left for services that ended with it. */
const tidy = async (tracker: Tracker): Promise<void> => {
  const all = await tracker.deliveries({ state: ['planned', 'waiting', 'dead'] })
  // What adapters set up when a tracker begins is of this run.
  const old = all.filter(each => each.lane !== 'init')
  if (old.length === 0) return
  await tracker.drop(old.map(each => each.key))
  say(`${old.length} deliveries of a run that was stopped are dropped: their services ended with it.`)
}

const preview = async (tracker: Tracker, sessionId: string, name: string): Promise<void> => {
  const planned = await tracker.preview(sessionId, { adapter: name })
  const { format, ending } = formatOf(name)
  const file = `.sessionwire/${name}.${ending}`
  await writeFile(file, `${render(planned, format)}\n`)
  say(line(`${name}: ${planned.length} requests, all of them in ${file}; the first:`))
  block(render(planned.slice(0, 1), format), 12)
}

const run = async (): Promise<void> => {
  if (unknown !== undefined)
    throw new Error(`${unknown} is unknown. Usage: npm start -- [path of a repository] [--live] [--quiet]`)
  const history = await readHistory(folder, 12)
  const { adapters, options, services } = live ? real() : await local()
  await mkdir('.sessionwire', { recursive: true, mode: 0o700 })
  const tracker = await createTracker({
    project: history.project,
    user: history.commits.at(-1)?.author ?? 'somebody',
    store: sqliteStore('.sessionwire/quickstart.db', live ? {} : { now: fast.now }),
    adapters,
    deliver: false,
    ...options,
  })
  try {
    if (!live) await tidy(tracker)
    heading(1, `Recorded, from ${history.from}`)
    const off = tracker.on('event', ({ event }) => {
      say(line(told(event)))
    })
    const session = await tracker.start({ goal: `Tell the last commits of ${history.project}` })
    await tell(session, history)
    await writeFile('.sessionwire/session.md', await tracker.export(session.id, 'markdown'))
    off()

    heading(2, 'What each adapter would send, before anything is sent')
    for (const { name } of adapters) await preview(tracker, session.id, name)

    heading(3, live ? 'Delivered to the real services' : 'Delivered to services that fail while we send')
    if (!live) say(line(`their time runs ${SPEED} times faster: a minute of waiting takes a second`))
    const tally: Tally = new Map()
    const unwatch = watch(tracker, tally)
    const { done, left } = await tracker.drain({ timeoutMs, onProgress: progress })
    unwatch()
    const open = `not everything is delivered yet: ${JSON.stringify(left)}; the next start goes on`
    say(line(done ? 'everything is delivered' : open))

    unmute()
    heading(4, 'In the end')
    table(await summary(tracker, session.id, services, tally))
    if (!live) say(line('lost and doubled come from what the services counted themselves'))
    await writeFile('.sessionwire/session.html', await tracker.report(session.id))
    say(line('database: .sessionwire/quickstart.db'))
    say(line('export: .sessionwire/session.md   a page to look at: .sessionwire/session.html'))
    say(line('npm start again goes on from here; npm start -- --live uses the real services'))
    if (!done) process.exitCode = 1
  } finally {
    await tracker.close()
    for (const service of services.values()) await service.close()
  }
}

await run().catch((thrown: unknown) => {
  unmute()
  say(`npm start: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  process.exitCode = 1
})
