import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { blocksOf } from '../../scripts/docs/blocks.ts'
import { ROOT, readPages } from '../../scripts/docs/pages.ts'
import { COMPILED } from '../compiled.ts'
import { sample } from '../sample.ts'

/** Inside `docs`, so that the programs find its packages. */
const FOLDER = join(ROOT, 'docs/.copied')
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

/** Blocks that readers can copy whole and that send: programs with a tracker of their own, not in mode preview. */
const programs = readPages()
  .filter(({ path }) => /^packages\/adapters\/\w+\/README\.md$/.test(path))
  .flatMap(blocksOf)
  .filter(({ code }) => /^import \{ createTracker \}/m.test(code) && code.includes('tracker.start('))

/** The last words of each program, which its service must have got. */
const lastOf = (code: string): string =>
  [...code.matchAll(/summary: '([^']+)'|update\('([^']+)'/g)].map(found => found[1] ?? found[2]).at(-1) ?? ''

/** Services are given escaped text: `#981` would be a reference there. */
const lettersOf = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '')

type Ended = Readonly<{ code: number; out: string; errors: string }>

const run = (name: string, code: string): Promise<Ended> => {
  mkdirSync(FOLDER, { recursive: true })
  const file = join(FOLDER, `${name}.ts`)
  const staged = code
    .replace("from '@sessionwire/core'", `from '${join(ROOT, 'test/docs/stage.ts')}'`)
    // There is no Bolt server here; the same statements go over HTTP.
    .replace('bolt://localhost:7687', 'http://localhost:7474')
  writeFileSync(file, staged)
  const cwd = mkdtempSync(join(tmpdir(), 'copied-'))
  const words = ['--conditions=@sessionwire/source', file]
  const options = { cwd, env: { ...COMPILED, PATH: process.env.PATH ?? '' }, timeout: 300_000 }
  return new Promise(resolve =>
    execFile(process.execPath, words, options, (error, out, errors) => {
      rmSync(cwd, { recursive: true, force: true })
      resolve({ code: error === null ? 0 : 1, out, errors })
    }),
  )
}

test('every adapter has a program to copy', () => {
  expect(programs.map(({ page }) => page.split('/')[2]).sort()).toEqual([
    ...['files', 'github', 'jira', 'linear', 'neo4j', 'opsera', 'otlp', 'slack', 'taiga', 'webhook'],
  ])
})

// In a sample one; all of them are there, and the adapters are driven elsewhere.
test.for(sample(programs, programs.length).map(block => [block.page, block] as const))(
  'the program of %s works until its end shows in the service',
  async ([page, { code }]) => {
    const { code: exit, out, errors } = await run(page.split('/')[2] ?? '', code)
    expect([exit, errors]).toEqual([0, ''])
    expect(lastOf(code)).not.toBe('')
    expect(lettersOf(out)).toContain(lettersOf(lastOf(code)))
  },
)
