import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { buildCommand, makePlace, type Place } from './stage.ts'

let main: string
let place: Place
beforeAll(() => {
  main = buildCommand().main
})
beforeEach(() => {
  place = makePlace(main, { here: !RUNS_ALL })
})
afterEach(() => place.remove())

/** Runs a line of a shell, in which `$S` is the command. */
const shell = (line: string, env: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line.replaceAll('$S', `"$NODE" "$MAIN"`)], {
    cwd: place.folder,
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: place.home, NODE: process.execPath, MAIN: main },
      ...{ NODE_COMPILE_CACHE: join(main, '../../compiled'), ...env },
    },
    encoding: 'utf8',
  })
  return [status, stdout, stderr]
}
const refused = (code: string, message: string, todo?: string) =>
  `${JSON.stringify({ error: { code, message, ...(todo === undefined ? {} : { todo }) } }, undefined, 2)}\n`

describe.runIf(process.platform !== 'win32')('standard input', () => {
  const told = async () => {
    const { session } = await place.json<{ session: { updates: { description: string }[] } }>(['show'])
    return session.updates.map(({ description }) => description.slice(0, 3))
  }

  test('is taken whole, or not at all', async () => {
    await place.json(['start', 'Lock'])
    const zeros = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' a | $S update - --json`
    expect(shell(zeros(1_048_576))[0]).toBe(0)
    const long = 'standard input: too long; expected at most 1048576 bytes.'
    expect(shell(zeros(1_048_577))).toEqual([64, refused('USAGE', long), `USAGE: ${long}\n`])
    // It never ends.
    expect(shell('yes | $S update - --json')).toEqual([64, refused('USAGE', long), `USAGE: ${long}\n`])
    expect(await told()).toEqual(['aaa'])
  })

  test('that does not wait, or cannot be read, is no error of ours', async () => {
    await place.json(['start', 'Lock'])
    // The first program leaves the pipe as one that does not wait; the rest comes when it has ended, after other programs have run.
    const nonBlocking = `"$NODE" -e 'process.stdin.once("data", () => process.exit())'`
    const first = `echo a; until test -e ended; do sleep 0.02; done`
    const slow = Array(4).fill('"$NODE" -e 0').join('; ')
    const reader = `${nonBlocking}; touch ended; $S message - --json > /dev/null`
    expect(shell(`(${first}; ${slow}; echo b) | (${reader})`)).toEqual([0, '', ''])
    const folder = 'standard input: cannot be read (EISDIR).'
    expect(shell('$S update - --json < .')).toEqual([64, refused('USAGE', folder), `USAGE: ${folder}\n`])
  })
})

test.runIf(existsSync('/dev/full'))('output that cannot be written ends with 70, and says why', () => {
  expect(shell('$S status --json > /dev/full')).toEqual([
    70,
    '',
    'standard output: cannot be written (ENOSPC).\n',
  ])
  expect(shell('$S nosuch 2> /dev/full')).toEqual([64, '', ''])
})

describe.runIf(process.platform !== 'win32')('a place that is not there', () => {
  test('a working directory that was removed', () => {
    mkdirSync(join(place.folder, 'gone'))
    const message = 'The working directory was removed.'
    const todo = 'Change to a folder that is there, or name one with --cwd.'
    const inGone = (line: string) => shell(`cd gone && rmdir ../gone && ${line}`)
    expect(inGone('$S status --json')).toEqual([
      3,
      refused('CONFIG', message, todo),
      `CONFIG: ${message}\n${todo}\n`,
    ])
    mkdirSync(join(place.folder, 'gone'))
    expect(inGone(`$S status --cwd "${place.folder}"`)[0]).toBe(0)
  })

  test('a data folder below the working directory, which may come from another person', () => {
    const message = 'SESSIONWIRE_DATA_DIR: relative path; expected an absolute path, got "data".'
    expect(shell('$S status --json', { SESSIONWIRE_DATA_DIR: 'data' })).toEqual([
      3,
      refused('CONFIG', message),
      `CONFIG: ${message}\n`,
    ])
    const relative = { XDG_DATA_HOME: 'xdg', XDG_CONFIG_HOME: 'xdg', XDG_CACHE_HOME: 'xdg' }
    expect(shell('$S start Lock', relative)[0]).toBe(0)
    place.write('xdg/sessionwire/config.json', '{ "project": "theirs" }')
    expect(shell('$S config', relative)[1]).not.toContain('theirs')
    expect(readdirSync(place.folder)).toEqual(['xdg'])
  })
})
