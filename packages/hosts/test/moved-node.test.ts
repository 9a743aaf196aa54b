import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { places } from '../src/hook/places.ts'
import { findOnPath, nameProgram } from '../src/install/path.ts'
import { findServers, installServer } from '../src/install/servers.ts'
import { buildHook, makeFolder, removeFolder, runHook } from './stage.ts'

let hook: string
let home: string
let bin: string
beforeAll(() => {
  hook = buildHook()
})
beforeEach(() => {
  home = makeFolder()
  bin = join(home, 'bin')
  mkdirSync(bin)
})
afterEach(() => removeFolder(home))

const writeProgram = (path: string, text: string): string => {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

describe.runIf(process.platform !== 'win32')('the Node that install saw is gone', () => {
  const payload = { session_id: 's', hook_event_name: 'SessionEnd', cwd: '/home/dev/repo', reason: 'other' }
  /** Runs the hook with a command that is registered; `answer`: what the started program writes. */
  const start = (command: readonly string[], answer: string) => {
    const data = join(home, 'data')
    mkdirSync(data)
    writeFileSync(places(data).command, JSON.stringify({ command }))
    spawnSync('mkfifo', [answer])
    const env = { PATH: `${bin}:${process.env.PATH}` }
    const { status, stdout, stderr } = runHook(hook, data, ['claude'], payload, { env })
    return [status, stdout, stderr]
  }

  test('the hook’s own Node starts the ingest', async () => {
    const answer = join(home, 'answer')
    const script = join(home, 'main.cjs')
    writeFileSync(
      script,
      `require('fs').writeFileSync(${JSON.stringify(answer)}, process.argv.slice(2).join())`,
    )
    expect(start(['/gone/bin/node', script, 'ingest', '--stay'], answer)).toEqual([0, '', ''])
    expect(await readFile(answer, 'utf8')).toBe('ingest,--stay')
  })

  test('the command of the new Node does, where the old one took its packages away', async () => {
    const answer = join(home, 'answer')
    writeProgram(join(bin, 'sessionwire'), `#!/bin/sh\necho "$@" > "${answer}"\n`)
    expect(start([process.execPath, '/gone/main.js', 'ingest', '--stay'], answer)).toEqual([0, '', ''])
    expect(await readFile(answer, 'utf8')).toBe('ingest --stay\n')
  })

  test('with nothing left, the host does not notice', () => {
    for (const command of [[], ['/gone/node'], ['/gone/node', '/gone/main.js', 'ingest']]) {
      expect(start(command, join(home, 'answer'))).toEqual([0, '', ''])
      removeFolder(join(home, 'data'))
    }
  })
})

describe('the words that start the server later', () => {
  const script = () => writeProgram(join(home, 'main.js'), '#!/usr/bin/env node\n')
  const of = (platform?: string) =>
    nameProgram({
      ...{ node: process.execPath, script: join(home, 'main.js'), env: { PATH: bin } },
      ...(platform === undefined ? {} : { platform }),
    })

  test.runIf(process.platform !== 'win32')(
    'are names of the path where they stand for the same programs',
    () => {
      const main = script()
      expect(of()).toEqual([process.execPath, main])
      symlinkSync(process.execPath, join(bin, 'node'))
      expect(of()).toEqual(['node', main])
      writeProgram(join(bin, 'sessionwire'), '#!/bin/sh\n')
      // Another copy of the command.
      expect(of()).toEqual(['node', main])
      removeFolder(join(bin, 'sessionwire'))
      symlinkSync(main, join(bin, 'sessionwire'))
      expect(of()).toEqual(['sessionwire'])
      expect(of('win32')).toEqual([process.execPath, main])
    },
  )

  test.runIf(process.platform !== 'win32')('are found gone when the path has them no more', () => {
    const options = { host: 'claude', data: join(home, 'data'), env: { HOME: home, PATH: bin } } as const
    const server = ['sessionwire', 'mcp']
    writeProgram(join(bin, 'sessionwire'), '#!/bin/sh\n')
    const { file } = installServer({ ...options, server })
    expect(findServers('claude', options)).toEqual([{ scope: 'user', file, words: server }])
    removeFolder(join(bin, 'sessionwire'))
    mkdirSync(join(bin, 'sessionwire'))
    expect(findOnPath('sessionwire', options.env)).toBeUndefined()
    expect(findServers('claude', options)).toEqual([
      { scope: 'user', file, words: server, gone: 'sessionwire' },
    ])
    // A new install mends it.
    const node = [process.execPath, import.meta.filename, 'mcp']
    installServer({ ...options, server: node })
    expect(findServers('claude', options)).toEqual([{ scope: 'user', file, words: node }])
  })
})
