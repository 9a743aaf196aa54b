import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleOnce } from '../../../../test/built.ts'
import { COMPILED } from '../../../../test/compiled.ts'

let modules = ''
beforeAll(() => {
  const core = join(import.meta.dirname, '../..')
  modules = bundleOnce('default-store', {
    core: join(core, 'src/index.ts'),
    tool: join(core, 'test/recorder/tool.ts'),
  })
})
const built = (name: string): string => JSON.stringify(pathToFileURL(join(modules, `${name}.mjs`)).href)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'default-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Ended = Readonly<{ code: number; out: string; errors: string }>

/** Runs a program in a folder of its own; `tracker` is made with the options that are given as code. */
const run = (options: string, body: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const program = `
    import { createTracker, memoryStore } from ${built('core')}
    import { tool } from ${built('tool')}
    const tracker = await createTracker({ project: 'p', user: 'u', ${options} })
    ${body}`
  const words = ['--input-type=module', '-e', program]
  return new Promise(resolve =>
    execFile(
      process.execPath,
      words,
      // Node before 24.15 warns of its SQLite on standard error; the tracker writes its own without Node.
      { cwd: folder, env: { ...COMPILED, PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', ...env } },
      (error, out, errors) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, errors }),
    ),
  )
}

const WHERE = 'console.log((await tracker.status()).store); await tracker.close()'
const UNREACHABLE = `adapters: [tool({ config: { base: 'http://127.0.0.1:9' } })]`
const LOST =
  'sessionwire: 1 request was not delivered and only kept in memory, so now lost. Call tracker.drain() before the program ends, or pass sqliteStore().\n'

test('is the file below the working directory, in a folder that git leaves out', async () => {
  const { code, out, errors } = await run('', WHERE)
  expect([code, out.trim(), errors]).toEqual([0, join(folder, '.sessionwire/sessions.db'), ''])
  expect(readFileSync(join(folder, '.sessionwire/.gitignore'), 'utf8')).toBe('*\n')
})

test('leaves a folder that was there as it is', async () => {
  mkdirSync(join(folder, '.sessionwire'))
  expect((await run('', WHERE)).code).toBe(0)
  expect(existsSync(join(folder, '.sessionwire/.gitignore'))).toBe(false)
})

test('is memory, with one warning, where the file cannot be made', async () => {
  writeFileSync(join(folder, '.sessionwire'), '')
  const { code, out, errors } = await run('', WHERE)
  expect([code, out]).toEqual([0, 'memory\n'])
  expect(errors).toBe(
    `sessionwire: store: .sessionwire/sessions.db cannot be used, so sessions are kept in memory. Reason: ${join(folder, '.sessionwire/sessions.db')}: a part of the path is a file, not a folder: choose another path. They are lost when the process ends; pass \`store\` to keep them elsewhere.\n`,
  )
})

test('gives the warning to the logger where there is one', async () => {
  writeFileSync(join(folder, '.sessionwire'), '')
  const logger = `logger: { warn: text => console.log('heard', text.slice(0, 6)), error: console.error }`
  const { out, errors } = await run(logger, WHERE)
  expect([out, errors]).toEqual(['heard store:\nmemory\n', ''])
})

test('is not memory in place of a file whose content would be missed', async () => {
  mkdirSync(join(folder, '.sessionwire'))
  writeFileSync(
    join(folder, '.sessionwire/sessions.db'),
    'not a database, and longer than a header'.repeat(9),
  )
  const { code, errors } = await run('', WHERE)
  expect(code).toBe(1)
  expect(errors).toContain("code: 'STORE_CORRUPT'")
})

test('is memory in tests', async () => {
  const { out, errors } = await run('', WHERE, { NODE_ENV: 'test' })
  expect([out, errors]).toEqual(['memory\n', ''])
  expect(existsSync(join(folder, '.sessionwire'))).toBe(false)
})

test.for([
  ['its end', ''],
  ['process.exit', 'process.exit(0)'],
  ['close', 'await tracker.close()'],
])('requests in memory are not lost in silence at %s', async ([, end]) => {
  const { code, errors } = await run(
    `store: memoryStore(), deliver: false, ${UNREACHABLE}`,
    `await tracker.start({ goal: 'x' }); ${end}`,
  )
  expect([code, errors]).toEqual([0, LOST])
})

test('the file keeps them, and nothing is said', async () => {
  const { errors } = await run(`deliver: false, ${UNREACHABLE}`, `await tracker.start({ goal: 'x' })`)
  expect(errors).toBe('')
})

/** The end of `await using`, by its name: the oldest Node does not have the syntax. */
const SCOPE = (options: string) =>
  `{ const scoped = await createTracker({ project: 'p', user: 'u', store: memoryStore(), ${options} })
     await scoped.start({ goal: 'x' })
     await scoped[Symbol.asyncDispose]() }`

test('the end of a scope delivers what can go and tells what is left', async () => {
  const transport = `transports: { tool: { send: async call => {
    console.log(call.method, call.payload.text)
    return { kind: 'answer', status: 200, headers: {}, body: { id: 'C1' } } } } }`
  const sent = await run('store: memoryStore()', SCOPE(`adapters: [tool()], ${transport}`))
  expect([sent.out, sent.errors]).toEqual(['POST x | active 0 | \n', ''])
  const left = await run('store: memoryStore()', SCOPE(`${UNREACHABLE}, drainOnClose: 50`))
  expect(left.errors).toBe(
    `sessionwire: The tracker closed with requests that were not delivered: 1 waiting.\n${LOST}`,
  )
  const off = await run('store: memoryStore()', SCOPE(`${UNREACHABLE}, drainOnClose: 0`))
  expect(off.errors).toBe(LOST)
  const other = await run('store: memoryStore()', SCOPE(`adapters: [tool()], ${transport}, deliver: false`))
  expect([other.out, other.errors]).toEqual(['', LOST])
})
