import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** The key of the load. */
export const KEY = 'key-of-the-load-0123456789abcdef'

/** `sessionwire serve` as a process of its own. */
export interface Served {
  /** Memory that it holds now, in MB; 0 where the system does not tell. */
  memoryMb(): number
  /** Ends it, and gives its exit code or signal. */
  end(signal: NodeJS.Signals): Promise<number | string | null>
}

const memoryOf = (child: ChildProcess): number => {
  try {
    const [, kb = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
    return Math.round(Number(kb) / 1_024)
  } catch {
    return 0
  }
}

/** Serves a folder on a port; resolves when it listens. */
export const serve = (folder: string, port: number): Promise<Served> =>
  new Promise((resolve, reject) => {
    const words = ['serve', '--port', String(port)]
    const child = spawn(process.execPath, ['--conditions=@sessionwire/source', MAIN, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        SESSIONWIRE_API_KEY: KEY,
        // Every call plans requests too; without a file that says otherwise they are only planned.
        SLACK_BOT_TOKEN: 'xoxb-nobody',
        SLACK_CHANNEL: 'C0123456789',
      },
    })
    let said = ''
    const ended = new Promise<number | string | null>(tell =>
      child.on('close', (code, signal) => tell(code ?? signal)),
    )
    const hear = (data: Buffer): void => {
      said += data.toString()
      if (!said.includes('Reach')) return
      resolve({
        memoryMb: () => memoryOf(child),
        end: signal => {
          child.kill(signal)
          return ended
        },
      })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then(code => reject(new Error(`serve ended with ${code}: ${said}`)))
  })
