import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const LIMIT_MS = 600_000

/** How a program is run. */
export type Run = Readonly<{ cwd: string; env: NodeJS.ProcessEnv; input?: string }>
/** A program that ended: what it printed, and that with its errors. */
export type Ended = Readonly<{ code: number | null; printed: string; said: string }>

/** Runs a program to its end, or kills it and all it started after ten minutes. */
export const run = (
  program: string,
  words: readonly string[],
  { cwd, env, input = '' }: Run,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    let [printed, said] = ['', '']
    child.stdout.on('data', piece => {
      printed += piece
      said += piece
    })
    child.stderr.on('data', piece => {
      said += piece
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const timer = setTimeout(() => {
      // The whole group: some programs only start the one that works.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    }, LIMIT_MS)
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, printed, said })
    })
  })

/** A program at work in a terminal of its own. */
export type Terminal = Readonly<{
  /** The text that the program drew so far, without what moves and colours it. */
  readScreen: () => string
  type: (keys: string) => void
  /** Ends it and all it started with -9, as the end of a battery does. */
  kill: () => Promise<void>
}>

const ESC = '\\u001b'
/** Sequences that move, colour and ask. */
const CONTROL = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)|[PX^_][\\s\\S]*?${ESC}\\\\|[ -/]*[0-~])`,
  'g',
)

/** Processes that another one started, itself and last the deepest. */
const treeOf = (root: number): readonly number[] => {
  const parents = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const]
      } catch {
        // It ended meanwhile.
        return []
      }
    })
  const below = (id: number): readonly number[] =>
    parents.flatMap(([child, parent]) => (parent === id ? [child, ...below(child)] : []))
  return [root, ...below(root)]
}

const signal = (id: number, name: NodeJS.Signals): void => {
  try {
    process.kill(id, name)
  } catch {
    // It ended by itself.
  }
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Starts a program in a terminal of 150 columns, by the `script` of util-linux. */
export const openTerminal = (program: string, words: readonly string[], { cwd, env }: Run): Terminal => {
  const command = `stty rows 45 cols 150; exec ${[program, ...words].map(quote).join(' ')}`
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    ...{ cwd, env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' } },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let drawn = ''
  child.stdout.on('data', piece => {
    drawn += piece
  })
  child.stdin.on('error', () => undefined)
  const ended = new Promise<void>(resolve => child.on('close', () => resolve()))
  return {
    readScreen: () => drawn.replaceAll(CONTROL, ' ').replace(/\s+/g, ' '),
    type: keys => child.stdin.write(keys),
    kill: async () => {
      // All at once: each is stopped first, so that none starts another one, or waits for one that is gone, meanwhile.
      const stopped = new Set<number>()
      const stopMore = () => {
        const found = treeOf(child.pid ?? Number.NaN).filter(id => !stopped.has(id))
        for (const id of found) {
          signal(id, 'SIGSTOP')
          stopped.add(id)
        }
        return found.length > 0
      }
      while (stopMore());
      for (const id of stopped) signal(id, 'SIGKILL')
      await ended
    },
  }
}

/** Looks until something is there, at most so long; answers whether it came. */
export const waitFor = async (isThere: () => boolean, limitMs: number): Promise<boolean> => {
  const until = performance.now() + limitMs
  while (!isThere()) {
    if (performance.now() > until) return false
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return true
}

/** Command lines of the processes that work in a folder or below it. */
export const listRunning = (folder: string): readonly string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const cwd = readlinkSync(`/proc/${name}/cwd`)
        const isBelow = cwd === folder || cwd.startsWith(`${folder}/`)
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim()
        return isBelow && words !== '' ? [words] : []
      } catch {
        // It ended meanwhile.
        return []
      }
    })
