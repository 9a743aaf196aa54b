import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installPackages } from '../../scripts/runtimes/install.ts'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'packages/cli/src/main.ts')
const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0'
const PROGRAM = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js'

/** Protocol eras of the Inspector: `initialize`, or `server/discover`. */
export const ERAS = ['legacy', 'modern'] as const

type Asked = Readonly<{
  /** The question, in the Inspector's own words. */
  words: readonly string[]
  /** The exit code; 5 is an error that a tool gave. */
  code: number
  /** Texts that the answer must have. */
  has: readonly string[]
}>

/** The questions of the Inspector, in this order, and their answers. */
const ASKED: readonly Asked[] = [
  {
    // Every schema must be one that all clients take.
    words: ['--method', 'tools/list', '--strict'],
    code: 0,
    has: ['"session_start"', '"recall"'],
  },
  {
    words: ['--method', 'tools/call', '--tool-name', 'session_start', '--tool-arg', 'goal=Inspect', 'key=k1'],
    code: 0,
    has: ['"recorded":true', '"title":"Inspect"'],
  },
  {
    words: ['--method', 'tools/call', '--tool-name', 'session_start', '--tool-arg', 'goal=Inspect', 'key=k1'],
    code: 0,
    has: ['"repeated":true'],
  },
  {
    words: ['--method', 'tools/call', '--tool-name', 'session_update', '--tool-arg', 'description=A step'],
    code: 0,
    has: ['"title":"Inspect"'],
  },
  {
    words: ['--method', 'tools/call', '--tool-name', 'session_update', '--tool-arg', 'progress=101'],
    code: 5,
    has: ['INVALID_INPUT: update.'],
  },
  { words: ['--method', 'resources/list'], code: 0, has: ['session://current'] },
  { words: ['--method', 'resources/templates/list'], code: 0, has: ['session://{id}/report'] },
  { words: ['--method', 'resources/read', '--uri', 'session://current'], code: 0, has: ['A step'] },
  { words: ['--method', 'prompts/list'], code: 0, has: ['wrap-up', 'handoff'] },
  { words: ['--method', 'prompts/get', '--prompt-name', 'wrap-up'], code: 0, has: ['A step'] },
]

/** It gives up after 15 s; a machine that does other work needs longer to load our sources. */
const PATIENT = ['--connect-timeout', '300000', '--format', 'json']

const run = promisify(execFile)

const inspect = async (words: readonly string[], home: string) => {
  const program = join(installPackages('inspector', [INSPECTOR]), PROGRAM)
  const { PATH = '' } = process.env
  try {
    const { stdout, stderr } = await run(process.execPath, [program, '--cli', ...words, ...PATIENT], {
      cwd: home,
      env: { PATH, HOME: home },
      timeout: 600_000,
    })
    return { code: 0, text: stdout + stderr }
  } catch (thrown) {
    const { code, stdout = '', stderr = '' } = thrown as { code?: number; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : -1, text: stdout + stderr }
  }
}

/** One line for each question, and one more for each answer that is not as it must be. */
type Inspected = Readonly<{ lines: readonly string[]; wrong: readonly string[] }>

/** Runs the official Inspector against a server. */
const ask = async (
  target: readonly string[],
  home: string,
  where: string,
  era: (typeof ERAS)[number],
): Promise<Inspected> => {
  const lines: string[] = []
  const wrong: string[] = []
  for (const { words, code, has } of ASKED) {
    const answer = await inspect([...target, ...words, '--protocol-era', era], home)
    const missing = has.filter(each => !answer.text.includes(each))
    const isWrong = answer.code !== code || missing.length > 0
    lines.push(`${isWrong ? 'wrong' : 'right'} ${where}, ${era}: ${words.slice(1).join(' ')}`)
    if (isWrong)
      wrong.push(
        `${where}, ${era}, ${words.join(' ')}: exit code ${answer.code}, expected ${code}; lacks ${missing.join(', ') || 'nothing'}\n${answer.text.slice(0, 2_000)}`,
      )
  }
  return { lines, wrong }
}

/** The Inspector over standard input and output, and over HTTP, in both eras. */
export const inspectAll = async (
  openHttp: () => Promise<Readonly<{ url: string; close: () => Promise<void> }>>,
) => {
  const inEra = async (era: (typeof ERAS)[number]): Promise<readonly Inspected[]> => {
    const home = mkdtempSync(join(tmpdir(), 'sessionwire-inspector-'))
    const work = join(home, 'work')
    mkdirSync(work)
    const http = await openHttp()
    try {
      const environment = [
        `HOME=${home}`,
        'MSP_USER_NAME=Ada',
        'NODE_OPTIONS=--conditions=@sessionwire/source',
      ]
      const stdio = [
        ...[process.execPath, MAIN, 'mcp', '--cwd', work],
        ...environment.flatMap(each => ['-e', each]),
      ]
      return await Promise.all([ask(stdio, home, 'stdio', era), ask([http.url], home, 'http', era)])
    } finally {
      await http.close()
      rmSync(home, { recursive: true, force: true })
    }
  }
  const all: Inspected[] = []
  for (const era of ERAS) all.push(...(await inEra(era)))
  return { lines: all.flatMap(({ lines }) => lines), wrong: all.flatMap(({ wrong }) => wrong) }
}
