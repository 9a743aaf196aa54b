import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reply } from '@sessionwire/core/adapter'
import { adapterSuite } from '@sessionwire/core/testing'
import { afterAll, describe, test } from 'vitest'
import { thin } from '../../../../test/sample.ts'
import { type FilesOptions, files } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'files-suite-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const answer = (status: number): Reply => ({ kind: 'answer', status, headers: {}, body: { error: 'no' } })

const suite = adapterSuite({
  make: options =>
    files({
      root,
      daily: true,
      adr: 'docs/decisions',
      timeZone: 'Europe/Vienna',
      ...options,
    } as FilesOptions),
  secrets: {},
  fromEnv: { make: env => files.fromEnv({}, env), settings: { OBSIDIAN_VAULT_PATH: root } },
  wrong: [
    { options: { root: 'vault' }, field: 'files.root' },
    { options: { folder: '../out' }, field: 'files.folder' },
    { options: { folder: '.obsidian' }, field: 'files.folder' },
    { options: { adr: 'con' }, field: 'files.adr' },
    { options: { dailyFormat: 'dddd' }, field: 'files.dailyFormat' },
    { options: { dailyFormat: '../YYYY' }, field: 'files.dailyFormat' },
    { options: { dailyFormat: ' ' }, field: 'files.dailyFormat' },
    { options: { tags: ['2026'] }, field: 'files.tags.0' },
    { options: { timeZone: 'Mars/Olympus' }, field: 'files.timeZone' },
  ],
  failures: [answer(400), answer(403), answer(404), answer(503)],
})

describe('the adapter contract', () => {
  for (const { name, run } of thin(suite, 'files')) test(name, run)
})
