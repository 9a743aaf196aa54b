import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { bundleOnce } from '../../../../test/built.ts'

/** A folder of the test's own, gone after it. */
export const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'sessionwire-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A process that does what `child.ts` can; `lines` are what it says. */
export const child = (
  words: readonly string[],
  { flags = [], ...options }: Readonly<{ uid?: number; gid?: number; flags?: readonly string[] }> = {},
): Readonly<{ process: ChildProcess; line: () => Promise<string>; exit: () => Promise<number | null> }> => {
  const made = spawn(
    process.execPath,
    [
      '--no-warnings',
      ...flags,
      join(bundleOnce('sqlite', { child: join(import.meta.dirname, 'child.ts') }), 'child.mjs'),
      ...words,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], ...options },
  )
  const said: string[] = []
  const waiting: ((line: string) => void)[] = []
  createInterface({ input: made.stdout }).on('line', line => {
    const next = waiting.shift()
    if (next === undefined) said.push(line)
    else next(line)
  })
  // What it said is read by then.
  const exited = once(made, 'close')
  onTestFinished(async () => {
    made.kill('SIGKILL')
    await exited
  })
  return {
    process: made,
    line: () =>
      new Promise((resolve, reject) => {
        const line = said.shift()
        if (line !== undefined) return resolve(line)
        waiting.push(resolve)
        void exited.then(() => reject(new Error(`the process ended before it said anything: ${words}`)))
      }),
    exit: async () => (await exited)[0] as number | null,
  }
}

/** Ends a process as `kill -9` does. */
export const kill = async (of: ReturnType<typeof child>): Promise<void> => {
  of.process.kill('SIGKILL')
  await of.exit()
}
