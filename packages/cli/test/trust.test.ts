import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestEnv, digestFile } from '../src/workspace/trust.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cli-trust-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const digestOf = (...lines: readonly string[]): string => {
  writeFileSync(join(root, '.env'), lines.join('\n'))
  return digestEnv(root)
}

test('a .env changes with every value that is not a secret of an adapter', () => {
  const trusted = digestOf('SLACK_BOT_TOKEN=one', 'OBSIDIAN_VAULT_PATH=/a')
  expect(digestOf('OBSIDIAN_VAULT_PATH=/a', 'SLACK_BOT_TOKEN=two')).toBe(trusted)
  for (const lines of [
    ['SLACK_BOT_TOKEN=one', 'OBSIDIAN_VAULT_PATH=/b'],
    ['SLACK_BOT_TOKEN=https://evil.example', 'OBSIDIAN_VAULT_PATH=/a'],
    ['SLACK_BOT_TOKEN=one', 'OBSIDIAN_VAULT_PATH=/a', 'JIRA_PAT=x'],
    ['SLACK_BOT_TOKEN=one'],
  ])
    expect(digestOf(...lines)).not.toBe(trusted)
})

test.for([
  "import/**/'./e.mjs'",
  "import x from/* c */'./e.mjs'",
  "await import(/* @vite-ignore */ './e.mjs')",
  "await import('./e.mjs' /* c */, { with: {} })",
  "await import(// c\n'./e.mjs'\n)",
  'require ( `./e.mjs` )',
])('%s is followed', code => {
  writeFileSync(join(root, 'e.mjs'), '')
  writeFileSync(join(root, 'a.mjs'), code)
  expect(Object.keys(digestFile(join(root, 'a.mjs')))).toEqual([join(root, 'a.mjs'), join(root, 'e.mjs')])
})

test.for([
  "import '#own'",
  "import(new URL('./url.mjs', import.meta.url).href)",
  'import(name)',
  // What begins or ends with a text is not one.
  "import('./lib/' + name)",
  "import('./lib/'.concat(name))",
  'import(`./lib/` + name)',
  "require('./lib/' + name)",
  "import(/**/ name + /**/ '')",
  "import(/**/ './lib/' + name + /**/ '.mjs')",
  "import(//\r name + \n '')",
  "import(//\u2028 name + \n '')",
  "new /*)*/ URL('./e.mjs', import /**/ . /**/ meta.url)",
  "import './%65.mjs'",
  "import '\\x2e/e.mjs'",
  "require('\\56/e.cjs')",
  'createRequire(import.meta.url)',
  // Under another name.
  "const load = require; load('./e.cjs')",
  "require.call(null, './e.cjs')",
  "(0, require)('./e.cjs')",
  'require(name)',
  "import { register } from 'node:module'; register('./hooks.mjs', import.meta.url)",
  "import { register as start } from 'module'",
  "import * as m from 'node:module'; m['reg' + 'ister']('./e.mjs')",
  'import { registerHooks } from "node:module"',
  'eval(code)',
  "const run = eval; run('1')",
  "new Function('return 1')",
  "(() => 0).constructor('return 1')()",
  "(() => 0)['constructor']('return 1')()",
  "\\u0065val('1')",
  '\\u{72}equire(name)',
  "globalThis['ev' + 'al'](code)",
  "process.getBuiltinModule('node:module')",
  "process['getBuiltin' + 'Module'](name)",
  "process.dlopen(module, './e.node')",
  "import vm from 'vm'",
  'import { Worker } from `node:worker_threads`',
  "import { execFileSync } from 'node:child_process'",
  "import 'file:///tmp/e.mjs'",
  "import '\\x66ile:///tmp/e.mjs'",
  'new WebAssembly.Module(bytes)',
])('%s is refused', code => {
  writeFileSync(join(root, 'a.mjs'), code)
  expect(() => digestFile(join(root, 'a.mjs'))).toThrow(/cannot be followed/)
})

// A pattern took a time that doubled with each comment, or grew with the square of the length.
test.for([
  ['comments', `import${'/**/'.repeat(100_000)}name`],
  ['comments that do not end', 'import/*'.repeat(100_000)],
  ['comments with words in them', '/*import/**/'.repeat(80_000)],
  ['lines', 'import//'.repeat(100_000)],
  ['white space', `import${' '.repeat(900_000)}name`],
  ['addresses', 'new URL('.repeat(100_000)],
  ['texts', 'import("'.repeat(2) + 'from`'.repeat(150_000)],
])('a megabyte of %s is read once', ([, code = '']) => {
  writeFileSync(join(root, 'a.mjs'), code)
  const digests = () => Object.keys(digestFile(join(root, 'a.mjs')))
  if (code.startsWith('import("')) expect(digests).toThrow(/cannot be followed/)
  else expect(digests()).toEqual([join(root, 'a.mjs')])
})

test('the refusal names what cannot be followed', () => {
  writeFileSync(join(root, 'a.mjs'), 'const load = require')
  expect(() => digestFile(join(root, 'a.mjs'))).toThrow(
    `${join(root, 'a.mjs')}: loads code that cannot be followed (require without an address).`,
  )
})

test('a configuration as people write it is followed', () => {
  writeFileSync(join(root, 'e.mjs'), 'export default 1')
  writeFileSync(
    join(root, 'a.ts'),
    `import { defineConfig } from 'sessionwire'
import e from './e.mjs'
const isRequired = true
const lines = Array.from('\\n')
export default defineConfig({ project: process.env.PROJECT ?? 'x', adapters: { slack: { channel: 'C1' } }, e, isRequired,
  here: import.meta.dirname })`,
  )
  expect(Object.keys(digestFile(join(root, 'a.ts')))).toEqual([join(root, 'a.ts'), join(root, 'e.mjs')])
})
