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
])('%s is followed', code => {
  writeFileSync(join(root, 'e.mjs'), '')
  writeFileSync(join(root, 'a.mjs'), code)
  expect(Object.keys(digestFile(join(root, 'a.mjs')))).toEqual([join(root, 'a.mjs'), join(root, 'e.mjs')])
})

test.for([
  "import '#own'",
  "import(new URL('./url.mjs', import.meta.url).href)",
  'import(name)',
  "import './%65.mjs'",
  'createRequire(import.meta.url)',
])('%s is refused', code => {
  writeFileSync(join(root, 'a.mjs'), code)
  expect(() => digestFile(join(root, 'a.mjs'))).toThrow(/cannot be followed/)
})
