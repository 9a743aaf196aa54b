import { defineCommand } from '../command.ts'
import { count, paint, showLine } from '../io.ts'
import { parseDuration } from '../time.ts'

const EVERY_MS = 1_000

export const watch = defineCommand({
  name: 'watch',
  group: 'Run',
  about: 'Reads what hosts wrote, delivers, and shows what happens, until it is stopped',
  uses: 'workspace',
  options: { for: { about: 'Ends after so long (default: with Ctrl-C)', value: 'time' } },
  json: z => z.strictObject({ events: z.number(), delivered: z.number(), dead: z.number() }),
  run: async (context, _, { for: time }) => {
    const { io, shared } = context
    const opened = await context.open({ tolerant: true })
    const { ingest } = (await import('../engine.ts')).hosts
    const { findWorkspace } = (await import('../engine.ts')).finding
    const { tracker, data, root, forIngest } = opened
    const until = time === undefined ? Number.POSITIVE_INFINITY : Date.now() + parseDuration(time, '--for')
    const counts = { events: 0, delivered: 0, dead: 0 }
    const say = (text: string): void => {
      if (!shared.json) io.write(`${paint(io, 'dim', new Date().toLocaleTimeString('en-GB'))} ${text}\n`)
    }
    let isStopped = false
    let wake = (): void => undefined
    const stop = (): void => {
      isStopped = true
      wake()
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    tracker.on('event', ({ event, session }) => {
      counts.events++
      const { description, content, name } = event.payload as Readonly<Record<string, unknown>>
      say(
        `${event.type}  ${showLine(session?.title ?? '', 40)}  ${showLine(String(description ?? content ?? name ?? ''), 100)}`,
      )
    })
    tracker.on('delivered', ({ adapter, action }) => {
      counts.delivered++
      say(`${paint(io, 'green', 'delivered')}  ${adapter}  ${action}`)
    })
    tracker.on('dead', ({ adapter, action, reason }) => {
      counts.dead++
      say(`${paint(io, 'red', 'failed')}  ${adapter}  ${action}  ${showLine(reason, 120)}`)
    })
    while (!isStopped && Date.now() < until) {
      const open = async (workspace: string) =>
        findWorkspace(workspace).root === root ? forIngest : undefined
      await ingest({ data, open, budgetMs: EVERY_MS })
      await tracker.drain({ timeoutMs: EVERY_MS })
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, Math.max(0, Math.min(EVERY_MS, until - Date.now())))
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return {
      data: counts,
      text: [`${count(counts.events, 'event')}, ${counts.delivered} delivered, ${counts.dead} failed.`],
    }
  },
})
