import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fencesOf } from '../../scripts/docs/markdown.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Lines of the sources below a folder, blank ones and comments too. The kit that plays a service for tests is not counted, nor is
 * what `without` names.
 */
const linesOf = (folder: string, without = /^$/): number =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !/^testing[./]/.test(path) && !without.test(path))
    .reduce(
      (sum, path) =>
        sum +
        readFileSync(join(root, folder, path), 'utf8')
          .trimEnd()
          .split('\n').length,
      0,
    )

/** Outside `actions/`, an adapter keeps what only its service has (decision 20 says why Jira has most). */
test.each([
  ['jira', 850],
  ['taiga', 785],
  ['linear', 470],
  ['github', 690],
])('%s has at most %i lines outside its actions', (adapter, most) => {
  expect(linesOf(`packages/adapters/${adapter}/src`, /^actions\//)).toBeLessThanOrEqual(most)
})

test('the six first adapters have at most 10,900 lines, the contract that they share 1,900', () => {
  const six = ['jira', 'taiga', 'linear', 'slack', 'opsera', 'neo4j']
  const all = six.reduce((sum, adapter) => sum + linesOf(`packages/adapters/${adapter}/src`), 0)
  expect(all).toBeLessThanOrEqual(10_900)
  expect(linesOf('packages/core/src/adapter')).toBeLessThanOrEqual(1_900)
})

test('the adapter of the guide, a REST service with five actions, has at most 350 lines', () => {
  const page = readFileSync(join(root, 'docs/guide/write-an-adapter.md'), 'utf8')
  const sources = fencesOf(page).filter(({ notes }) => notes.some(note => note.startsWith('file: src/')))
  const names = sources.flatMap(({ notes }) => notes.filter(note => note.startsWith('file: ')))
  expect(new Set(names)).toEqual(
    new Set(['options', 'actions', 'index', 'testing'].map(name => `file: src/${name}.ts`)),
  )
  const sum = sources.reduce((lines, { text }) => lines + text.split('\n').length, 0)
  expect(sum).toBeGreaterThan(100)
  expect(sum).toBeLessThanOrEqual(350)
})
