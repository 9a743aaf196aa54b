import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSync, transformSync } from 'esbuild'
import { afterEach, beforeAll, beforeEach } from 'vitest'
import { buildOnce } from '../../../test/built.ts'
import { RUNS_ALL } from '../../../test/sample.ts'
import { runProgram } from '../src/program.ts'

const here = import.meta.dirname
const conditions = ['@sessionwire/source', 'node']

/** A command that ended. */
export type Ended = Readonly<{ code: number; out: string; err: string }>

/** The command built as it is published. */
export type Built = Readonly<{
  main: string
  /** Builds an adapter beside the command, as an install does. */
  addAdapter: (name: string) => void
  /** Builds the server beside the command. */
  addServer: () => void
  /** Builds the store in PostgreSQL beside the command, with its driver. */
  addPostgres: () => void
}>

const common = {
  ...({ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const),
  conditions,
  mainFields: ['module', 'main'],
}

const buildFiles = (folder: string): void => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const name of ['program', 'engine', 'prompts']) {
    const [file] = buildSync({
      ...common,
      entryPoints: [join(here, `../src/${name}.ts`)],
      external: ['*/engine.ts', '*/prompts.ts'],
      write: false,
    }).outputFiles
    writeFileSync(
      join(folder, `${name}.js`),
      (file?.text ?? '').replaceAll(/"\.{1,2}\/(engine|prompts)\.ts"/g, '"./$1.js"'),
    )
  }
  const { code } = transformSync(readFileSync(join(here, '../src/main.ts'), 'utf8'), { loader: 'ts' })
  writeFileSync(join(folder, 'main.js'), code.replace('./program.ts', './program.js'))
  buildSync({
    ...common,
    format: 'cjs',
    entryPoints: [join(here, '../../hosts/src/hook/main.ts')],
    outfile: join(folder, 'hook.cjs'),
  })
}

/** Builds the command from the sources, once for all test files of a run. */
export const buildCommand = (): Built => {
  const folder = buildOnce('command/files', buildFiles)
  const addPackage = (name: string, source: string, driver?: string): void => {
    // Where Node looks for it: beside the folder of the command or above.
    buildOnce(`command/node_modules/@sessionwire/${name}`, place => {
      writeFileSync(
        join(place, 'package.json'),
        JSON.stringify({ name: `@sessionwire/${name}`, type: 'module', exports: './index.js' }),
      )
      const external = driver === undefined ? [] : [driver]
      buildSync({ ...common, external, entryPoints: [join(here, source)], outfile: join(place, 'index.js') })
      if (driver === undefined) return
      const from = dirname(dirname(join(here, source)))
      mkdirSync(join(place, 'node_modules'))
      symlinkSync(realpathSync(join(from, 'node_modules', driver)), join(place, 'node_modules', driver))
    })
  }
  return {
    main: join(folder, 'main.js'),
    addAdapter: name => addPackage(name, `../../adapters/${name}/src/index.ts`),
    addServer: () => addPackage('server', '../../server/src/index.ts'),
    addPostgres: () => addPackage('postgres', '../../stores/postgres/src/index.ts', 'pg'),
  }
}

/** A home and a folder to work in, and the command run there. */
export type Place = Readonly<{
  home: string
  /** The folder to work in, below the home of nobody. */
  folder: string
  /** The user's data folder. */
  data: string
  write: (path: string, text: string) => string
  run: (words: readonly string[], more?: RunOptions) => Promise<Ended>
  /** Runs with `--json`, expects success, and gives the object. */
  json: <T = Record<string, unknown>>(words: readonly string[], more?: RunOptions) => Promise<T>
  remove: () => void
}>

/** How to run the command. */
export type RunOptions = Readonly<{
  env?: Readonly<Record<string, string>>
  input?: string
  cwd?: string
  /** The command has a terminal; only where it runs in this process. Default false. */
  isAttended?: boolean
}>

/** Runs a program to its end; standard streams are pipes. */
export const runChild = (
  program: string,
  words: readonly string[],
  { env = {}, input = '', cwd }: RunOptions,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.on('data', part => {
      out += part
    })
    child.stderr.on('data', part => {
      err += part
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? -1 : -2), out, err }))
  })

/** Commands that use the hook as it is built. In a sample only `install` needs it beside the command. */
const OF_THE_HOOK: ReadonlySet<string> = new Set(RUNS_ALL ? ['hook', 'install', 'doctor'] : ['install'])

/** Whether a host makes this call: without an option, the command starts the hook and does nothing else. */
const isOfHost = (words: readonly string[]): boolean =>
  words[0] === 'hook' && !words.some(word => word.startsWith('-'))

/** Runs the command in this process, which takes a tenth of the time of one of its own. */
const runHere = async (
  words: readonly string[],
  main: string,
  { env = {}, input = '', cwd = '', isAttended = false }: RunOptions,
): Promise<Ended> => {
  const [out, err]: [string[], string[]] = [[], []]
  const before = process.env.HOME
  process.env.HOME = env.HOME
  try {
    const code = await runProgram(words, {
      ...{ env, cwd, program: main, isTerminal: false, isAttended, hasColours: false, columns: 100 },
      write: text => void out.push(text),
      writeError: text => void err.push(text),
      readInput: () => input,
    })
    return { code, out: out.join(''), err: err.join('') }
  } finally {
    process.env.HOME = before
  }
}

/**
 * Makes a place. Nothing of this machine's user is seen from it. `here`: the command runs from its sources in this process,
 * but for commands that use the hook as it is built. In a sample a host starts the hook itself, without the command.
 */
export const makePlace = (main: string, { here = false } = {}): Place => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'sessionwire-place-')))
  const [home, folder] = [join(base, 'home'), join(base, 'work')]
  mkdirSync(home)
  mkdirSync(folder)
  writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n')
  const data = join(home, '.local/share/sessionwire')
  const run: Place['run'] = (words, { env = {}, input, cwd = folder, isAttended = false } = {}) => {
    const options = {
      ...{ cwd, isAttended },
      ...(input === undefined ? {} : { input }),
      env: {
        HOME: home,
        PATH: process.env.PATH ?? '',
        // One cache for all places: each run would compile everything again.
        NODE_COMPILE_CACHE: join(dirname(main), '../compiled'),
        ...env,
      },
    }
    if (!here || OF_THE_HOOK.has(words[0] ?? '')) return runChild(process.execPath, [main, ...words], options)
    return isOfHost(words)
      ? runChild(process.execPath, [join(dirname(main), 'hook.cjs'), ...words.slice(1)], options)
      : runHere(words, main, options)
  }
  return {
    home,
    folder,
    data,
    write: (path, text) => {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    run,
    json: async (words, more) => {
      const { code, out, err } = await run([...words.slice(0, 1), '--json', ...words.slice(1)], more)
      if (code !== 0) throw new Error(`${words.join(' ')}: ended with ${code}\n${err}`)
      return JSON.parse(out)
    },
    // A process in the background may still write there.
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  }
}

/** What the tests of a file work with. */
export type StageOptions<S> = Readonly<{
  /** Adapters that are installed beside the command. */
  adapters?: readonly string[]
  /** The command runs in this process; see `makePlace`. */
  here?: boolean
  /** A service that the adapters talk to, made anew for each test. */
  serve?: () => Promise<S>
}>

/** The command of a test file, and of each test its own place and service. */
export type Stage<S> = { main: string; place: Place; server: S }

/** Builds the command for a test file; each test gets a new place, and a new service where there is one. */
export const useStage = <S extends Readonly<{ close: () => Promise<void> }>>({
  adapters = [],
  here = false,
  serve,
}: StageOptions<S> = {}): Stage<S> => {
  const stage = {} as Stage<S>
  beforeAll(() => {
    const built = buildCommand()
    for (const name of adapters) built.addAdapter(name)
    stage.main = built.main
  })
  beforeEach(async () => {
    stage.place = makePlace(stage.main, { here })
    if (serve !== undefined) stage.server = await serve()
  })
  afterEach(async () => {
    stage.place.remove()
    if (serve !== undefined) await stage.server.close()
  })
  return stage
}

/**
 * Reads what hooks wrote. One that is installed starts a process which reads it too, and only one reads at a time: a command
 * that comes meanwhile goes on without.
 */
export const readSpool = async (place: Place): Promise<void> => {
  while (!(await place.json<{ ran: boolean }>(['ingest'])).ran)
    await new Promise(resolve => setTimeout(resolve, 10))
}

/** Tells the hook of Claude Code what happened in a session of the place. */
export const hear = (place: Place, session: string, event: string, more: object = {}): Promise<Ended> =>
  place.run(['hook', 'claude'], {
    input: JSON.stringify({ session_id: session, hook_event_name: event, cwd: place.folder, ...more }),
  })
