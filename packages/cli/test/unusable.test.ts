import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { changeAlone } from '@sessionwire/hosts'
import { expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { runChild, useStage } from './stage.ts'

/** What becomes of files that cannot be read or written. */
const stage = useStage({ here: true })

type Findings = readonly Readonly<{ about: string; state: string; text: string; todo?: string }>[]
const findingsOf = (out: string): Findings => (JSON.parse(out) as { findings: Findings }).findings

test('doctor names a log that it cannot read, and looks at all else', async () => {
  const log = join(stage.place.data, 'hook-errors.log')
  mkdirSync(log, { recursive: true })
  const { findings } = await stage.place.json<{ findings: Findings }>(['doctor'])
  expect(findings.filter(({ about }) => /^(hook errors|store)$/.test(about))).toMatchObject([
    {
      state: 'warning',
      text: expect.stringContaining('(EISDIR)'),
      todo: `Change its owner, or remove ${log}.`,
    },
    { state: 'ok' },
  ])
})

test('doctor never sends to doctor', async () => {
  writeFileSync(join(stage.place.folder, 'sessions.db'), 'no database '.repeat(1_000))
  const { code, out } = await stage.place.run(['doctor', '--json'], {
    env: { SESSIONWIRE_STORE: join(stage.place.folder, 'sessions.db') },
  })
  expect([code, findingsOf(out).at(-1)]).toMatchObject([
    3,
    { about: 'workspace', todo: 'Restore the file from a copy.' },
  ])
})

test.runIf(process.getuid?.() === 0)(
  'doctor says all it can to a user with the home of another user',
  async () => {
    await stage.place.json(['start', 'Mine'])
    chmodSync(stage.place.data, 0o700)
    for (const folder of [stage.place.home, stage.place.folder, dirname(stage.place.home)])
      chmodSync(folder, 0o755)
    for (const part of ['.local', '.local/share']) chmodSync(join(stage.place.home, part), 0o755)
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups']
    const { code, out } = await runChild(
      'setpriv',
      [...user, process.execPath, stage.main, 'doctor', '--json'],
      { cwd: stage.place.folder, env: { HOME: stage.place.home, PATH: process.env.PATH ?? '' } },
    )
    expect([code, findingsOf(out).map(({ about, state }) => `${state} ${about}`)]).toEqual([
      3,
      ['ok node', 'error data folder', 'ok hosts', 'ok configuration', 'error workspace'],
    ])
  },
)

/** Runs a command that may write files of so many KiB. */
const runLimited = (limit: number, words: readonly string[]) =>
  runChild(
    'bash',
    ['-c', `ulimit -f ${limit} && exec "$@"`, 'bash', process.execPath, stage.main, ...words],
    {
      cwd: stage.place.folder,
      env: { HOME: stage.place.home, PATH: process.env.PATH ?? '', NODE_DISABLE_COMPILE_CACHE: '1' },
    },
  )

test.skipIf(process.platform === 'win32')('init writes a configuration whole or not at all', async () => {
  const none = await runLimited(0, ['init', '--yes'])
  expect([none.code === 0, readdirSync(stage.place.folder)]).toEqual([false, []])
  const text = JSON.stringify({ $schema: 'x'.repeat(40_000), project: 'billing' })
  const file = stage.place.write('sessionwire.config.json', text)
  await stage.place.json(['trust'])
  const { code } = await runLimited(8, ['init', '--yes', '--adapter', 'slack'])
  expect([code === 0, readFileSync(file, 'utf8') === text]).toEqual([false, true])
  expect(readdirSync(stage.place.folder)).toEqual(['.sessionwire', 'sessionwire.config.json'])
  chmodSync(file, 0o640)
  await stage.place.json(['init', '--yes', '--adapter', 'slack'])
  expect([readFileSync(file, 'utf8').includes('"slack"'), statSync(file).mode & 0o777]).toEqual([true, 0o640])
})

test.runIf(RUNS_ALL)('what two commands change at once is kept, of both', async () => {
  const { place, main } = stage
  const list = join(place.data, 'off')
  const env = { HOME: place.home, PATH: process.env.PATH ?? '' }
  await place.json(['on'])
  const other = runChild(process.execPath, [main, 'off'], { cwd: place.folder, env })
  changeAlone(place.data, () => {
    const before = existsSync(list) ? readFileSync(list, 'utf8') : ''
    // This process waits too, and the other one reads the list meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
    writeFileSync(list, `${before}/elsewhere\n`)
  })
  expect((await other).code).toBe(0)
  expect(readFileSync(list, 'utf8').trim().split('\n').sort()).toEqual(['/elsewhere', place.folder])
})
