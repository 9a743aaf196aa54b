import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, memoryStore, type TrackerOptions } from '@sessionwire/core'
import { buildSync } from 'esbuild'
import { buildOnce } from '../../../test/built.ts'
import { lineOf } from '../src/hook/event.ts'
import type { HostName, Line } from '../src/hook/line.ts'
import { createKeep } from '../src/hook/text.ts'
import type { Recorder } from '../src/ingest/apply.ts'
import { type IngestOptions, ingest } from '../src/ingest/ingest.ts'
import { fold } from '../src/mapping/fold.ts'
import { type CapturePolicy, DEFAULT_CAPTURE } from '../src/mapping/policy.ts'
import type { State } from '../src/mapping/state.ts'
import type { Step } from '../src/mapping/step.ts'

const here = import.meta.dirname

/** One recorded call of a hook. */
export type Recorded = Readonly<{
  host: HostName
  mode: string
  scenario: string
  n: number
  t_ms: number
  config_key: string
  payload: Readonly<Record<string, unknown>>
}>

/** What a real host sent, in order; see `hosts-real` of the recorded runs. */
export const recorded = (host: HostName): readonly Recorded[] =>
  readFileSync(join(here, 'fixtures', `${host}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map(text => JSON.parse(text) as Recorded)

/** When the recorded runs are taken to have begun. */
export const EPOCH = Date.parse('2026-11-29T21:00:00.000Z')

/** Recorded calls as lines. Each run follows the one before by a second. */
export const linesOf = (rows: readonly Recorded[]): readonly Line[] => {
  let base = EPOCH
  let last = 0
  return rows.flatMap((row, place) => {
    if (row.t_ms < last) base += last + 1_000
    last = row.t_ms
    const line = lineOf(row.payload, {
      hint: row.host,
      event: row.config_key,
      env: {},
      cwd: '/home/dev/repo',
      now: base + row.t_ms,
      id: `line-${place}`,
      keep: createKeep({}),
    })
    return line === undefined ? [] : [line]
  })
}

/** The steps of lines of one session. */
export const stepsOf = (
  lines: readonly Line[],
  policy: Partial<CapturePolicy> = {},
): Readonly<{ steps: readonly Step[]; state: State | undefined }> => {
  let state: State | undefined
  const steps: Step[] = []
  for (const line of lines) {
    const folded = fold(state, line, { ...DEFAULT_CAPTURE, ...policy })
    state = folded.state
    steps.push(...folded.steps)
  }
  return { steps, state }
}

/** A folder that goes with the test. */
export const makeFolder = (): string & { readonly gone?: never } => mkdtempSync(join(tmpdir(), 'hosts-'))
export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true })

/** Builds the hook as it is published, once for all test files of a run. */
export const buildHook = (): string =>
  join(
    buildOnce('hook', folder => {
      buildSync({
        entryPoints: [join(here, '../src/hook/main.ts')],
        outfile: join(folder, 'hook.cjs'),
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'cjs',
        conditions: ['@sessionwire/source'],
      })
    }),
    'hook.cjs',
  )

/** Runs the hook once, as a host does. */
export const runHook = (
  hook: string,
  data: string,
  [host, event]: readonly [string, string?],
  payload: unknown,
  {
    env = {},
    node = [],
    timeout,
  }: Readonly<{ env?: Readonly<Record<string, string>>; node?: readonly string[]; timeout?: number }> = {},
) =>
  spawnSync(process.execPath, [...node, hook, host, ...(event === undefined ? [] : [event])], {
    input: typeof payload === 'string' ? payload : JSON.stringify(payload),
    env: { PATH: process.env.PATH, HOME: data, SESSIONWIRE_DATA_DIR: data, ...env },
    encoding: 'utf8',
    ...(timeout === undefined ? {} : { timeout }),
  })

/** A tracker on a store in memory that delivers nothing by itself. */
export const makeTracker = (options: Partial<TrackerOptions> = {}) =>
  createTracker({ project: 'repo', user: 'Ada', store: memoryStore(), deliver: false, ...options })

/** Ingests everything into one tracker. */
export const ingestInto = (
  data: string,
  tracker: Recorder,
  more: Partial<IngestOptions> & Readonly<{ capture?: Partial<CapturePolicy> }> = {},
) => {
  const { capture = {}, ...options } = more
  return ingest({
    data,
    open: async () => ({ tracker, project: 'repo', user: 'Ada', capture }),
    ...options,
  })
}
