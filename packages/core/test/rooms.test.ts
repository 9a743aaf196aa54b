import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  circularImports,
  importsOf,
  impurities,
  isTesting,
  rowOf,
  type Source,
  serviceNames,
  wrongImports,
} from './rooms/rules.ts'
import { maxLines, rows, vagueFolder } from './rooms/table.ts'

const packages = join(import.meta.dirname, '../..')
const has = (path: string) => existsSync(join(packages, path))
/** Not what packages are installed in: their links lead around in the whole tree. */
const pathsIn = (folder: string): readonly string[] =>
  readdirSync(join(packages, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap(each => {
      const path = posix.join(folder, each.name)
      return each.isDirectory() ? pathsIn(path) : [path]
    })
const below = (folder: string): readonly Source[] =>
  (has(folder) ? pathsIn(folder) : [])
    .filter(path => /\.[cm]?[jt]s$/.test(path))
    .map(path => ({ path, text: readFileSync(join(packages, path), 'utf8') }))
const linesOf = ({ text }: Source) => text.trimEnd().split('\n').length

const adapters = readdirSync(join(packages, 'adapters')).filter(name => has(`adapters/${name}/src/index.ts`))
const core = below('core/src')
const sources = [
  ...core,
  ...below('hosts/src'),
  ...below('agents/src'),
  ...below('cli/src'),
  ...below('otel/src'),
  ...below('server/src'),
  ...below('stores/postgres/src'),
  ...adapters.flatMap(name => below(`adapters/${name}/src`)),
]

describe('the tree', () => {
  describe.each(rows)('$room', row => {
    const files = sources.filter(({ path }) => rowOf(path) === row)
    test('imports only what its row allows', () => expect(files.flatMap(wrongImports)).toEqual([]))
    if (row.pure) test('is pure', () => expect(files.flatMap(impurities)).toEqual([]))
  })
  test('has a row for every file', () => {
    expect(sources.map(({ path }) => path).filter(path => rowOf(path) === undefined)).toEqual([])
  })
  test(`has no file above ${maxLines} lines`, () => {
    const long = sources.filter(source => linesOf(source) > maxLines)
    expect(long.map(source => `${source.path}: ${linesOf(source)}`)).toEqual([])
  })
  test('has no circular imports', () => expect(circularImports(sources)).toEqual([]))
  test('has no folder with a name that says nothing', () => {
    expect(sources.map(({ path }) => path).filter(path => vagueFolder.test(path))).toEqual([])
  })
  test('names no service in core', () => {
    // Signatures of webhooks are by scheme, and schemes have names.
    const others = core.filter(({ path }) => !path.startsWith('core/src/webhooks/'))
    expect(others.flatMap(serviceNames)).toEqual([])
  })
  test('imports testing only in tests, examples and the testing of adapters', () => {
    // A module of testing has the word in its path.
    const others = [...below('../bench'), ...below('../scripts')].filter(({ text }) =>
      text.includes('testing'),
    )
    const found = others.flatMap(source => importsOf(source).map(({ from }) => [source.path, from] as const))
    expect(found.filter(([, from]) => isTesting(from))).toEqual([])
  })
  test.for(adapters)('runs the adapter suite for %s', name => {
    const suite = below(`adapters/${name}/test`).find(({ path }) => path.endsWith('test/contract.test.ts'))
    expect(suite?.text, `adapters/${name}/test/contract.test.ts`).toMatch(/\badapterSuite\(/)
    expect(suite && importsOf(suite).map(({ from }) => from)).toContain('@sessionwire/core/testing')
  })
})

// biome-ignore format: a table is read one line at a time
const forbidden = [
  ['core/src/session/machine.ts', `import ky from 'ky'`],
  ['core/src/session/machine.ts', `import { call } from '../descriptor/descriptor.ts'`],
  ['core/src/session/machine.ts', `import { z } from 'zod/mini'`],
  ['core/src/session/machine.ts', `import * as z from 'zod'`],
  ['adapters/slack/src/hooks.ts', `import { z } from 'zod'`],
  ['core/src/descriptor/digest.ts', `import { sha256 } from '@noble/hashes/sha2.js'`],
  ['core/src/descriptor/refs.ts', `import type { Session } from '../session/session.ts'`],
  ['core/src/descriptor/refs.ts', `import { Json } from '../session/schema.ts'`],
  ['core/src/delivery/place.ts', `import type { Store } from '../store/contract.ts'`],
  ['core/src/delivery/worker.ts', `import { recorder } from '../recorder/recorder.ts'`],
  ['core/src/recorder/recorder.ts', `import { worker } from '../delivery/worker.ts'`],
  ['core/src/store/memory.ts', `import { open } from 'node:fs'`],
  ['core/src/store/sqlite/claim.ts', `export { http } from '../../transport/http.ts'`],
  ['core/src/transport/ready.ts', `const ky = import('ky')`],
  ['core/src/transport/node.ts', `const ky = import('ky')`],
  ['core/src/tracker.ts', `import { sqliteStore } from './store/sqlite/store.ts'`],
  ['core/src/tracker.ts', `import { fakes } from './testing/fakes.ts'`],
  ['core/src/index.ts', `export type X = import('./testing.ts').X`],
  ['core/src/extras/new.ts', ''],
  ['adapters/slack/src/index.ts', `import { linear } from '../../linear/src/index.ts'`],
  ['adapters/slack/src/index.ts', `import { createTracker } from '@sessionwire/core'`],
  ['adapters/slack/src/actions.ts', `import { hostile } from './testing.ts'`],
  ['adapters/slack/src/actions.ts', `import { base } from '@sessionwire/core/testing'`],
  ['adapters/slack/src/testing.ts', `import { linear } from '@sessionwire/linear/testing'`],
  ['adapters/slack/src/bolt.ts', `import neo4j from 'neo4j-driver'`],
] as const

// biome-ignore format: a table is read one line at a time
const allowed = [
  ['core/src/session/machine.ts', `import * as z from 'zod/mini'\nimport { x } from './schema.ts'`],
  ['core/src/webhooks/sign.ts', `import { sha256 } from '@noble/hashes/sha2.js'`],
  ['core/src/delivery/place.ts', `import type { Json } from '../session/schema.ts'\nimport type { Lane } from './model.ts'`],
  ['core/src/store/sqlite/store.ts', `import { DatabaseSync } from 'node:sqlite'`],
  ['core/src/testing/simulator.ts', `import { worker } from '../delivery/worker.ts'`],
  ['adapters/slack/src/hooks.ts', `import { postMessage } from './actions/message.ts'\nimport { plan } from '@sessionwire/core/adapter'`],
  ['adapters/slack/src/testing.ts', `import { hostile } from '@sessionwire/core/testing'`],
  ['adapters/neo4j/src/bolt.ts', `const neo4j = await import('neo4j-driver')`],
] as const

const refusedInPureRooms = [
  ...['await x', 'const f = async () => 1', 'new Promise(f)', 'Promise.all([])', 'setTimeout(f)', 'fetch(x)'],
  ...['Date.now()', 'new Date()', 'Date()', 'performance.now()', 'Math.random()', 'crypto.randomUUID()'],
  ...[
    'process.env',
    'const { env } = process',
    'globalThis.process',
    'const now = Date.now',
    'f({ process })',
  ],
]
const allowedInPureRooms = [
  ...['new Date(x)', 'Math.max(1)', 'x.process', 'f({ process: 1 })', 'const { crypto: y } = x', "'await'"],
  ...['type X = { readonly fetch: Promise<1> }', '// Date.now()'],
]

describe('the rules', () => {
  test.for(forbidden)('refuse in %s: %s', ([path, text]) =>
    expect(wrongImports({ path, text })).toHaveLength(1),
  )
  test.for(allowed)('allow in %s: %s', ([path, text]) => expect(wrongImports({ path, text })).toEqual([]))

  const pure = (text: string) => impurities({ path: 'core/src/session/machine.ts', text })
  test.for(refusedInPureRooms)('refuse in a pure room: %s', text => expect(pure(text)).toHaveLength(1))
  test.for(allowedInPureRooms)('allow in a pure room: %s', text => expect(pure(text)).toEqual([]))

  test('find a circle of imports, and leave types and import() alone', () => {
    const file = (name: string, text: string) => ({ path: `core/src/${name}.ts`, text })
    const a = file('a', `import { b } from './b.ts'`)
    expect(circularImports([a, file('b', `export { a } from './a.ts'`)])).toEqual([
      'core/src/a.ts → core/src/b.ts → core/src/a.ts',
    ])
    expect(circularImports([a, file('b', `import type { A } from './a.ts'\nimport('./a.ts')`)])).toEqual([])
  })

  const named = (text: string) => serviceNames({ path: 'core/src/tracker.ts', text })
  test.for(["'slack'", 'const jiraUrl = 1', '`x Neo4j`', '`Neo4j $'.concat('{x}`'), '/linear/'])(
    'refuse in core: %s',
    text => expect(named(text)).toHaveLength(1),
  )
  test('allow a service in a comment', () => expect(named('// as in slack')).toEqual([]))
})
