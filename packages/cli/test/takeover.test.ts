import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { privateFolder } from '../src/workspace/places.ts'
import { takeOver } from '../src/workspace/store.ts'
import { useStage } from './stage.ts'

let links: 'EPERM' | undefined
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>()
  const linkSync: typeof fs.linkSync = (...given) => {
    if (links !== undefined) throw Object.assign(new Error('no links here'), { code: links })
    fs.linkSync(...given)
  }
  return { ...fs, linkSync }
})

const stage = useStage({ here: true })

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sessionwire-'))
})
afterEach(() => {
  links = undefined
  rmSync(folder, { recursive: true })
})

/** The place of the store before the workspace was trusted, and the one after it. */
const places = () => {
  const from = join(folder, 'before.db')
  const to = join(folder, '.sessionwire', 'sessions.db')
  return { from, to, besides: () => readdirSync(join(folder, '.sessionwire')).sort() }
}
const recorded = async (path: string): Promise<string> => {
  const store = sqliteStore(path)
  const identity = await store.identity?.()
  await store.close()
  return identity ?? ''
}

test.each([undefined, 'EPERM'] as const)('a store of before is copied once, links: %s', async code => {
  links = code
  const { from, to, besides } = places()
  const identity = await recorded(from)
  expect([await takeOver(from, to), await takeOver(from, to)]).toEqual([true, false])
  expect(besides()).toEqual(['.gitignore', 'sessions.db'])
  expect(await recorded(to)).toBe(identity)
})

test('nothing is copied where there is no store of before, and one that is there stays', async () => {
  const { from, to } = places()
  expect(await takeOver(from, to)).toBe(false)
  expect(existsSync(to)).toBe(false)
  const mine = await recorded(from)
  mkdirSync(join(folder, '.sessionwire'))
  const other = await recorded(to)
  expect(await takeOver(from, to)).toBe(false)
  expect(await recorded(to)).toBe(other)
  expect(other).not.toBe(mine)
})

test('a store of before that cannot be copied stops the command, instead of a new one without its sessions', async () => {
  await stage.place.json(['start', 'By hand'])
  const before = join(privateFolder(stage.place.data, stage.place.folder), 'sessions.db')
  const whole = readFileSync(before)
  writeFileSync(before, whole.subarray(0, 5_000))
  await stage.place.json(['init', '--yes'])
  const { code, err } = await stage.place.run(['sessions'])
  expect(code).toBe(3)
  expect(err).toContain(`${before}: the sessions of before cannot be copied to `)
  expect(err).toContain('They stay where they are. Solve that and run it again, or move that file away')
  expect(existsSync(join(stage.place.folder, '.sessionwire', 'sessions.db'))).toBe(false)
  writeFileSync(before, whole)
  expect((await stage.place.json<{ sessions: readonly unknown[] }>(['sessions'])).sessions).toHaveLength(1)
})

test.each(['forget', 'prune'])('%s reaches the store of before, which stays beside the other', async name => {
  const { place } = stage
  const { session } = await place.json<{ session: Readonly<{ id: string }> }>(['start', 'Call Zoe'])
  await place.json(['decide', 'Ask Zoe'])
  await place.json(['end'])
  place.write('sessionwire.config.json', '{ "project": "work" }')
  await place.json(['trust'])
  const later = await place.json<{ session: Readonly<{ id: string }> }>(['start', 'Of later'])
  const files = () =>
    readdirSync(place.data, { recursive: true, withFileTypes: true })
      .filter(each => each.isFile())
      .map(({ parentPath, name: file }) => readFileSync(join(parentPath, file), 'latin1'))
      .join('')
  expect(files().includes('Zoe')).toBe(true)
  await place.json(name === 'forget' ? ['forget', session.id] : ['prune', '--older-than', '0s'])
  expect(files().includes('Zoe')).toBe(false)
  // A session that the store of before does not have.
  await place.json(['forget', later.session.id])
})
