import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, win32 } from 'node:path'
import { dataFolderIn } from '@sessionwire/core/capture'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isHeld, parseClaims } from '../../hosts/src/hook/claim.ts'
import { claimFile, dataFolder as folderOfHooks } from '../../hosts/src/hook/places.ts'
import { claimSession, releaseSession } from '../src/captured.ts'
import { createHooks } from '../src/claude-agent-sdk.ts'
import { makeTracker } from './stage.ts'

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'claims-'))
  vi.stubEnv('SESSIONWIRE_DATA_DIR', data)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(data, { recursive: true })
})

const read = (session: string) => parseClaims(readFileSync(claimFile(data, 'claude', session), 'utf8'))

describe('a claim on a session of a host', () => {
  test('is written where the hooks look, and given back', () => {
    mkdirSync(join(data, 'spool'))
    claimSession('claude', 's1')
    expect(read('s1')).toEqual([{ pid: process.pid, from: expect.any(Number) }])
    expect(isHeld(read('s1'))).toBe(true)
    releaseSession('claude', 's1')
    expect(read('s1')).toEqual([{ pid: process.pid, from: expect.any(Number), until: expect.any(Number) }])
    expect(isHeld(read('s1'))).toBe(false)
    claimSession('claude', 's1')
    expect([read('s1').length, isHeld(read('s1'))]).toEqual([2, true])
  })

  test('is not written without hooks, for an id that is no file name, or where it cannot be', () => {
    claimSession('claude', 's1')
    expect(existsSync(join(data, 'embedded'))).toBe(false)
    mkdirSync(join(data, 'spool'))
    for (const id of ['../x', '', 'a/b', '.x']) claimSession('claude', id)
    expect(existsSync(join(data, 'embedded'))).toBe(false)
    vi.stubEnv('SESSIONWIRE_DATA_DIR', join(import.meta.filename, 'no folder'))
    claimSession('claude', 's1')
  })

  test('is made by the first prompt of a query, and ends with its result', async () => {
    mkdirSync(join(data, 'spool'))
    const tracker = await makeTracker()
    const { hooks, end, close } = createHooks(tracker)
    const prompt = { hook_event_name: 'UserPromptSubmit', prompt: 'Fix it', session_id: 's1', cwd: '/repo' }
    await hooks.UserPromptSubmit[0]?.hooks[0]?.(
      { ...prompt, transcript_path: '', hook_event_name: 'UserPromptSubmit' },
      undefined,
      { signal: new AbortController().signal },
    )
    expect(isHeld(read('s1'))).toBe(true)
    await end({ session_id: 's1', subtype: 'success', usage: {} as never })
    expect(isHeld(read('s1'))).toBe(false)
    await close()
    await tracker.close()
  })
})

test('the data folder is that of the hooks', () => {
  const home = homedir
  for (const platform of ['linux', 'darwin', 'win32'])
    for (const env of [
      {},
      { SESSIONWIRE_DATA_DIR: '/data' },
      { XDG_DATA_HOME: '/xdg', LOCALAPPDATA: 'C:\\Local' },
      { XDG_DATA_HOME: 'xdg', LOCALAPPDATA: 'Local', SESSIONWIRE_DATA_DIR: '' },
    ])
      expect([platform, dataFolderIn({ env, platform, join, home })]).toEqual([
        platform,
        folderOfHooks(env, platform),
      ])
  expect(dataFolderIn({ env: {}, platform: 'win32', join: win32.join, home: () => 'C:\\Ada' })).toBe(
    'C:\\Ada\\AppData\\Local\\sessionwire',
  )
  // Below the working directory it could be a folder of somebody else.
  for (const env of [{ SESSIONWIRE_DATA_DIR: 'data' }, { SESSIONWIRE_DATA_DIR: './data' }]) {
    expect(() => dataFolderIn({ env, platform: 'linux', join, home })).toThrow('SESSIONWIRE_DATA_DIR')
    expect(() => folderOfHooks(env, 'linux')).toThrow(
      `SESSIONWIRE_DATA_DIR: relative path; expected an absolute path, got "${env.SESSIONWIRE_DATA_DIR}".`,
    )
  }
})
