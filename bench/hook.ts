// Measures the cost of the hook above a Node that does nothing: whole processes, in pairs, medians.
//   node bench/hook.ts [pairs]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const PAIRS = Number(process.argv[2] ?? 31)
const folder = mkdtempSync(join(tmpdir(), 'hook-bench-'))
const hook = join(folder, 'hook.cjs')
buildSync({
  entryPoints: [join(import.meta.dirname, '../packages/hosts/src/hook/main.ts')],
  outfile: hook,
  ...{ bundle: true, minify: true, platform: 'node', format: 'cjs', conditions: ['@sessionwire/source'] },
})
const empty = join(folder, 'empty.cjs')
writeFileSync(empty, '')

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const time = (words: readonly string[], input: string): number => {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, words, {
    input,
    env: { ...process.env, SESSIONWIRE_DATA_DIR: join(folder, 'data') },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`ended with ${status}`)
  return performance.now() - started
}

/** Words, as an answer has them. */
const prose = (bytes: number): string =>
  'The lock is held per invoice and given back at the end. '.repeat(bytes / 56)
const base = { session_id: 's', cwd: '/home/dev/repo' }
const cases: readonly (readonly [name: string, limitMs: number, payload: object, start?: true])[] = [
  ['a prompt of a line', 10, { ...base, hook_event_name: 'UserPromptSubmit', prompt: prose(100) }],
  ['an answer of 64 KiB', 10, { ...base, hook_event_name: 'Stop', last_assistant_message: prose(65_536) }],
  [
    'a file of 1 MiB',
    80,
    {
      ...{ ...base, hook_event_name: 'PostToolUse', tool_name: 'Write', tool_use_id: 't' },
      tool_input: { file_path: '/home/dev/repo/a.txt', content: prose(1_048_576) },
      tool_response: { type: 'create' },
    },
  ],
  ['an answer of 1 MiB', 80, { ...base, hook_event_name: 'Stop', last_assistant_message: prose(1_048_576) }],
  ['a call that starts an ingest', 30, { ...base, hook_event_name: 'SessionEnd', reason: 'other' }, true],
]

let missed = 0
try {
  for (const [name, limitMs, payload, start] of cases) {
    if (start === true)
      writeFileSync(join(folder, 'data/ingest.json'), JSON.stringify({ command: [process.execPath, empty] }))
    const input = JSON.stringify(payload)
    const above: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const bare = time([empty], '')
      above.push(time([hook, 'claude'], input) - bare)
    }
    const value = median(above)
    if (value > limitMs) missed++
    process.stdout.write(`${name}: ${value.toFixed(1)} ms above an empty Node (at most ${limitMs})\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = missed === 0 ? 0 : 1
