/**
 * Runs the cases: small programs, each of one fault that was once found from outside.
 *
 *     pnpm cases [pattern] [--built]
 *
 * Prints one line per case, then a count. Exits with 1 if a case is wrong. The cases run on the sources; `--built`
 * runs them on the packages as built.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const folder = join(import.meta.dirname, 'cases')
/** No case takes longer than this on a busy machine, ms. */
const limitMs = 600_000
const wanted = process.argv.slice(2).filter(word => word !== '--built')
const condition = process.argv.includes('--built') ? '' : ' --conditions=@sessionwire/source'
const pattern = new RegExp(wanted[0] ?? '.')

type Result = Readonly<{ code: number | string; lastLine: string }>

const run = (file: string) =>
  new Promise<Result>(resolve => {
    // A tracker without a store keeps its file below the working directory: each case has an empty one.
    const cwd = mkdtempSync(join(tmpdir(), 'case-'))
    const child = spawn(process.execPath, ['--no-warnings', join(folder, file)], {
      cwd,
      // Cases start processes of their own; the environment reaches those too.
      env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''}${condition}` },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', error => resolve({ code: 'not started', lastLine: error.message }))
    child.once('close', () => rmSync(cwd, { recursive: true, force: true }))
    child.once('close', (code, signal) =>
      resolve({ code: code ?? signal ?? '?', lastLine: output.trimEnd().split('\n').at(-1) ?? '' }),
    )
  })

const files = globSync('{engine,attack,services}/*.mjs', { cwd: folder })
  .filter(file => basename(file) !== 'lib.mjs' && pattern.test(file))
  .sort()
let right = 0
for (const file of files) {
  const started = performance.now()
  const { code, lastLine } = await run(file)
  if (code === 0) right += 1
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'right' : 'WRONG'}  ${file}  (${code}, ${seconds} s) ${lastLine.slice(0, 140)}`)
}
console.log(`${right} of ${files.length} right`)
process.exitCode = files.length > 0 && right === files.length ? 0 : 1
