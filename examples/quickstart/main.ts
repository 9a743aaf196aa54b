// Tells the latest commits of a git repository as a session, mirrors it into services on this machine that fail in many
// ways, and shows that nothing is lost, doubled or out of order.
//   npm start                    this clone
//   npm start -- ../other        another repository
//   npm start -- --live          the real services, with credentials from the environment
import { mkdir, writeFile } from 'node:fs/promises'
import { createTracker } from '@sessionwire/core'
import { render } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { fast, SPEED } from '../stage/local.ts'
import { readHistory } from './history.ts'
import { block, heading, line, say, type Tally, table, told, watch } from './show.ts'
import { live, local } from './stage.ts'
import { tell } from './story.ts'

const words = process.argv.slice(2)
const isLive = words.includes('--live')
const unknown = words.find(word => word.startsWith('-') && word !== '--live')
const [folder] = words.filter(word => !word.startsWith('-'))

const run = async (): Promise<void> => {
  if (unknown !== undefined)
    throw new Error(`${unknown} is not known. Usage: npm start -- [path of a repository] [--live]`)
  const history = await readHistory(folder, 12)
  const stage = isLive ? live() : await local(fast.now)
  await mkdir('.sessionwire', { recursive: true, mode: 0o700 })
  const tracker = await createTracker({
    project: history.project,
    user: history.commits.at(-1)?.author ?? 'somebody',
    store: sqliteStore('.sessionwire/quickstart.db', isLive ? {} : { now: fast.now }),
    adapters: stage.adapters,
    transports: stage.transports,
    secrets: stage.secrets,
    deliver: false,
    ...(isLive ? {} : { ...fast, pollMs: 50 }),
  })
  try {
    const old = isLive ? [] : await tracker.deliveries({ state: ['planned', 'waiting', 'dead'] })
    if (old.length > 0) {
      await tracker.drop(old.map(each => each.key))
      say(
        `${old.length} deliveries of a run that was stopped are dropped: the services they were meant for ended with it.`,
      )
    }
    const [before] = await tracker.sessions({ project: history.project, limit: 1 })
    heading(1, `Recorded, from ${history.from}`)
    if (before !== undefined)
      say(line(`goes on from ${before.progress} %, where the last session of ${history.project} ended`))
    const off = tracker.on('event', ({ event }) => say(line(told(event))))
    const progress = before === undefined || before.progress >= 100 ? {} : { progress: before.progress }
    const session = await tracker.start({ goal: `Tell the last commits of ${history.project}`, ...progress })
    await tell(session, history, before === undefined || before.progress >= 100 ? 0 : before.progress)
    off()

    heading(2, 'What each adapter would send, before anything is sent')
    for (const { name } of stage.adapters) {
      const planned = await tracker.preview(session.id, { adapter: name })
      const format = name === 'linear' ? 'graphql' : 'curl'
      const file = `.sessionwire/${name}.${format === 'graphql' ? 'graphql' : 'sh'}`
      await writeFile(file, `${render(planned, format)}\n`)
      say(line(`${name}: ${planned.length} requests, all of them in ${file}; the first:`))
      block(render(planned.slice(0, 1), format), 14)
    }

    heading(
      3,
      isLive
        ? 'Delivered to the real services'
        : `Delivered to services that fail while we send (their time runs ${SPEED} times faster)`,
    )
    const tally: Tally = new Map()
    const unwatch = watch(tracker, tally)
    const { done, left } = await tracker.drain({ timeoutMs: isLive ? 60_000 : 45_000 * SPEED })
    unwatch()
    say(
      line(
        done
          ? 'everything is delivered'
          : `not everything is delivered yet: ${JSON.stringify(left)}; the next start goes on`,
      ),
    )

    heading(4, 'In the end')
    const rows = [
      ['adapter', 'planned', 'replaced', 'delivered', 'retried', 'in doubt', 'looked up', 'lost', 'doubled'],
    ]
    for (const { name } of stage.adapters) {
      const all = await tracker.deliveries({ lane: session.id, adapter: name })
      const count = (state: string): number => all.filter(each => each.state === state).length
      const seen = tally.get(name) ?? { retried: 0, inDoubt: 0, lookedUp: 0 }
      const lost = all.length - count('delivered') - count('replaced')
      const doubled = stage.services.get(name)?.doubled()
      rows.push([
        name,
        ...[
          all.length,
          count('replaced'),
          count('delivered'),
          seen.retried,
          seen.inDoubt,
          seen.lookedUp,
          lost,
        ].map(String),
        String(doubled ?? 'not asked'),
      ])
    }
    table(rows)
    if (!isLive)
      say(line('doubled is read from the services: effects and refused repeats beyond one of each request'))
    await writeFile('.sessionwire/session.md', await tracker.export(session.id, 'markdown'))
    say(line('database: .sessionwire/quickstart.db   export: .sessionwire/session.md'))
    say(line('npm start again goes on from here; npm start -- --live uses the real services'))
    if (!done) process.exitCode = 1
  } finally {
    await tracker.close()
    await stage.close()
  }
}

await run().catch((thrown: unknown) => {
  say(`npm start: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  process.exitCode = 1
})
