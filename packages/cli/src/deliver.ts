import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Zod } from './command.ts'
import { parseDuration } from './time.ts'
import type { Opened } from './workspace/open.ts'

const WAIT_MS = 2_000
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** Shortest time between two starts of a process in the background, for one workspace. */
const EVERY_MS = 5_000

/** How the deliveries of a workspace stand after a command. */
export type Delivered = Readonly<{
  open: number
  planned: number
  dead: number
  background: boolean
  /** Why requests wait that no process can send now, in words for people. */
  held: readonly string[]
}>

/** Schema of `Delivered`. */
export const makeDeliveredSchema = (z: Zod) =>
  z.strictObject({
    open: z.number(),
    planned: z.number(),
    dead: z.number(),
    background: z.boolean(),
    held: z.array(z.string()),
  })

const MOVING = ['waiting', 'claimed', 'begun'] as const
type States = Readonly<Record<string, number | undefined>>

/** How many deliveries are to be sent by themselves. */
const countOpen = (states: States): number => MOVING.reduce((sum, state) => sum + (states[state] ?? 0), 0)

/** Why requests wait for a person. */
export const findHeld = async (opened: Opened): Promise<readonly string[]> => {
  const { findHindrances, sayHindrance } = (await import('./engine.ts')).hindering
  const lines: string[] = []
  for (const adapter of (await opened.tracker.status()).adapters) {
    if (countOpen(adapter.states) === 0) continue
    // A request that failed for good waits for nothing, and has a line of its own.
    const waiting = { ...adapter, states: { ...adapter.states, dead: 0 } }
    for (const each of await findHindrances(opened, waiting)) lines.push(sayHindrance(adapter.name, each))
  }
  return lines
}

/**
 * The number of the process in the background that was started last, until that looks at the deliveries for the last time:
 * while it is there, what was recorded before will be delivered.
 */
const stampOf = async ({ data, root }: Opened): Promise<string> => {
  // Loaded here, because it costs each start milliseconds.
  const { privateFolder } = (await import('./engine.ts')).places
  return join(privateFolder(data, root), 'drain.started')
}

/** Whether a process that was just started is still at work. */
const isAtWork = (stamp: string): boolean => {
  const since = Date.now() - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  if (since < 0 || since >= EVERY_MS) return false
  try {
    const pid = Number(readFileSync(stamp, 'utf8'))
    // 0 would be this process itself.
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Starts a process that delivers and ends by itself. It writes nothing to this terminal. */
const startBackground = async (opened: Opened, { io, shared }: Context): Promise<boolean> => {
  const { root } = opened
  const stamp = await stampOf(opened)
  if (isAtWork(stamp)) return true
  const config = shared.config === undefined ? [] : ['--config', resolve(io.cwd, shared.config)]
  const { spawn } = await import('node:child_process')
  const child = spawn(
    process.execPath,
    [...process.execArgv, io.program, 'drain', '--background', '--cwd', root, ...config],
    {
      cwd: root,
      env: io.env as NodeJS.ProcessEnv,
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
    },
  )
  child.on('error', () => undefined)
  child.unref()
  try {
    mkdirSync(dirname(stamp), { recursive: true, mode: 0o700 })
    writeFileSync(stamp, String(child.pid), { mode: 0o600 })
  } catch {
    // Without a stamp the process is started each time.
  }
  return true
}

/** Acts until it is done, or this process is asked to end: its signal says so. */
const untilAsked = async <T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const asked = new AbortController()
  const stop = (): void => asked.abort()
  for (const signal of SIGNALS) process.once(signal, stop)
  try {
    return await act(asked.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}

/**
 * Delivers for a while, or until this process is asked to end: then it begins no request, and those under way are awaited when
 * the workspace is closed. The same signal once more ends the process at once.
 */
export const drainFor = ({ tracker }: Opened, timeoutMs: number) =>
  untilAsked(signal => tracker.drain({ timeoutMs, signal }))

/**
 * Delivers in the background, as `startBackground` has it. Where something is left that cannot be sent now, it stays as long
 * as no other is started, and looks once more: commands that follow each other quickly do not start a process each.
 */
export const drainBehind = async (opened: Opened, timeoutMs: number) => {
  const stamp = await stampOf(opened)
  const { tracker } = opened
  const until = performance.now() + timeoutMs
  const msUntil = (end: number): number => Math.max(0, end - performance.now())
  return untilAsked(async signal => {
    const drained = await tracker.drain({ timeoutMs, signal })
    if (countOpen(drained.left) > 0)
      await sleep(msUntil(EVERY_MS), undefined, { signal }).catch(() => undefined)
    rmSync(stamp, { force: true })
    // A command that found the stamp before leaves its requests to this look.
    return signal.aborted ? drained : tracker.drain({ timeoutMs: msUntil(until), signal })
  })
}

/** Leaves what waits to a process in the background, where this program ends. */
export const deliverLater = async (opened: Opened, context: Context): Promise<void> => {
  const { adapters } = await opened.tracker.status()
  if (adapters.some(({ states }) => countOpen(states) > 0)) await startBackground(opened, context)
}

/** Delivers for a while, and leaves the rest to a process in the background. */
export const deliver = async (opened: Opened, context: Context): Promise<Delivered> => {
  const { shared } = context
  const isOn = shared.deliver !== false
  const timeoutMs = shared.wait === undefined ? WAIT_MS : parseDuration(shared.wait, '--wait')
  if (opened.adapters.length === 0) return { open: 0, planned: 0, dead: 0, background: false, held: [] }
  const left = isOn
    ? (await drainFor(opened, timeoutMs)).left
    : (await opened.tracker.status()).adapters.reduce<Readonly<Record<string, number>>>(
        (sum, { states }) =>
          Object.fromEntries(
            [...new Set([...Object.keys(sum), ...Object.keys(states)])].map(name => [
              name,
              (sum[name] ?? 0) + (states[name as keyof typeof states] ?? 0),
            ]),
          ),
        {},
      )
  const { planned = 0, dead = 0 } = left as States
  const open = countOpen(left)
  const held = open > 0 ? await findHeld(opened) : []
  const background = isOn && open > 0 && (await startBackground(opened, context))
  return { open, planned, dead, background, held }
}

/** Lines about deliveries that a person should know of. */
export const sayDelivered = ({ open, planned, dead, background, held }: Delivered): readonly string[] => [
  ...(open > 0
    ? [
        `${open} ${open === 1 ? 'request waits' : 'requests wait'}${background && held.length === 0 ? ' and will be delivered in the background' : ''}`,
        ...held,
      ]
    : []),
  ...(planned > 0
    ? [
        `${planned} ${planned === 1 ? 'request is' : 'requests are'} planned; look at them with: sessionwire preview --all`,
      ]
    : []),
  ...(dead > 0
    ? [
        `${dead} ${dead === 1 ? 'request' : 'requests'} failed for good; see: sessionwire deliveries --state dead`,
      ]
    : []),
]
