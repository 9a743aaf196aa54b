import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Options } from '../targets/target.ts'
import { buildChild } from './build.ts'
import type { Place } from './place.ts'
import type { Death } from './points.ts'
import type { Sabotage } from './sabotage.ts'
import type { Step } from './script.ts'

/** The orders of a process of a run. */
export type Orders = Readonly<{
  role: 'producer' | 'worker'
  place: Place
  base: number
  speed: number
  targets: readonly Readonly<{ name: string; options: Options }>[]
  secrets: Readonly<Record<string, string>>
  death: Death
  life: number
  /** The producer's: what is left to record. */
  steps: readonly Step[]
  sabotage?: Sabotage
}>

/** A process on its way. */
export type Life = Readonly<{
  /** Kills it at once, saying where. */
  kill: (where: string) => void
  /** It has opened its store, and begins. */
  ready: Promise<void>
  /** To its standard input. */
  tell: (line: string) => void
  /** How it ended: killed, and where; or by itself, with what it wrote to the error stream. */
  end: Promise<Readonly<{ killed: string | undefined; code: number | null; errors: string }>>
}>

/** Code that was compiled once need not be compiled after each kill. */
const CACHE = join(tmpdir(), 'sessionwire-attack-compiled')

/** Starts a process; `heard` gets each line it writes. */
export const begin = (orders: Orders, heard: (line: string) => void): Life => {
  const child: ChildProcess = spawn(process.execPath, [buildChild()], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE, ORDERS: JSON.stringify(orders) },
  })
  let killed: string | undefined
  let errors = ''
  child.stderr?.on('data', (part: Buffer) => {
    errors = `${errors}${part.toString('utf8')}`.slice(-4_000)
  })
  // There is no reader any more once it is killed.
  child.stdin?.on('error', () => undefined)
  let resolveBegin: () => void = () => undefined
  const ready = new Promise<void>(resolve => {
    resolveBegin = resolve
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', line => {
    if (line.startsWith('died ')) killed = line.slice(5)
    else if (line === 'ready') resolveBegin()
    else heard(line)
  })
  const read = new Promise<void>(resolve => lines.once('close', () => resolve()))
  const end = new Promise<Awaited<Life['end']>>(resolve => {
    child.once('close', (code, signal) => {
      void read.then(() =>
        resolve({ killed: signal === 'SIGKILL' ? (killed ?? 'time') : undefined, code, errors }),
      )
    })
  })
  return {
    ready,
    kill: where => {
      if (child.exitCode === null && child.signalCode === null) {
        killed ??= where
        child.kill('SIGKILL')
      }
    },
    tell: line => void child.stdin?.write(`${line}\n`),
    end,
  }
}
