import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { measureGrowth } from '../../core/src/testing/adapter-growth.ts'
import { differenceOf } from '../src/install/difference.ts'
import {
  addHook,
  addProperty,
  emptyPlaces,
  findHooks,
  removeHooks,
  removeProperty,
} from '../src/install/edit.ts'
import { installServer, uninstallServer } from '../src/install/servers.ts'
import { addTomlServer, findTomlServer, removeTomlServer } from '../src/install/toml.ts'
import { makeFolder, removeFolder } from './stage.ts'

let home: string
beforeEach(() => {
  home = makeFolder()
})
afterEach(() => removeFolder(home))

/** A third of them in a sample: whatever differs between few and very many shows there too. */
const MANY = RUNS_ALL ? 100_000 : 33_000
const lines = (count: number): string => Array.from({ length: count }, (_, n) => `  "p${n}": {}`).join(',\n')

describe('settings with very many lines', () => {
  it('get a server and lose it again, and show the lines that change', () => {
    const text = `{\n${lines(MANY)},\n  "mcpServers": {\n    "a": {}\n  }\n}\n`
    writeFileSync(join(home, '.claude.json'), text)
    const options = { host: 'claude', data: join(home, 'data'), cwd: home, env: { HOME: home } } as const
    expect(installServer({ ...options, server: ['npx', 'mcp'] }).difference.split('\n')).toEqual([
      '   "mcpServers": {',
      '-    "a": {}',
      '+    "a": {},',
      '+    "sessionwire": {',
      '+      "type": "stdio",',
      '+      "command": "npx",',
      '+      "args": [',
      '+        "mcp"',
      '+      ]',
      '+    }',
      '   }',
    ])
    expect(uninstallServer(options).difference).toMatch(/^ {3}"mcpServers": \{\n-/)
    expect(readFileSync(join(home, '.claude.json'), 'utf8')).toBe(text)
  })

  it('show all lines between two changes that are far from each other', () => {
    const between = Array.from({ length: 5_000 }, (_, n) => `${n}`)
    const before = ['a', ...between, 'b', ''].join('\n')
    const after = ['a', 'x', ...between, 'y', ''].join('\n')
    expect(differenceOf(before, after).split('\n')).toEqual([
      ' a',
      ...[...between, 'b'].map(line => `-${line}`),
      ...['x', ...between, 'y'].map(line => `+${line}`),
      ' ',
    ])
  })
})

const OURS = '{"hooks":[{"command":"ours"}]}'
const isOurs = (command: unknown): boolean => command === 'ours'
const repeat = (piece: string, bytes: number): string => piece.repeat(bytes / piece.length)

/** Settings of a host in forms that a careless reader stumbles over, by their size. */
const SETTINGS: Readonly<Record<string, (bytes: number) => string>> = {
  blanks: bytes => `{${repeat(' ', bytes)}"hooks":{}${repeat(' ', bytes)}}`,
  lines: bytes => `{"hooks":{}${repeat('\n', bytes)}}`,
  'indented lines': bytes => `{"hooks":{}${repeat('\n \t', bytes)}}`,
  comments: bytes => `{"hooks":{}${repeat('/**/', bytes)}${repeat('//\n', bytes)}}`,
  'entries of ours': bytes => `{"hooks":{"Stop":[${repeat(`${OURS},`, bytes)}${OURS}]}}`,
  'events of ours': bytes =>
    `{"hooks":{${Array.from({ length: bytes / 40 }, (_, n) => `"E${n}":[${OURS}]`).join(',')}}}`,
  'a text without an end': bytes => `{"hooks":{},"a":"${repeat('\\"', bytes)}`,
  'no JSON': bytes => `{"hooks":{}${repeat(']', bytes)}}`,
}
const TABLES: Readonly<Record<string, (bytes: number) => string>> = {
  blanks: bytes => repeat(' ', bytes),
  lines: bytes => repeat('\r\n', bytes),
  brackets: bytes => repeat('[ ', bytes),
  tables: bytes => repeat('[mcp_servers.sessionwire]\n', bytes),
  ...Object.fromEntries(
    ['"\\', '\\"', '"', `'"`, '\\'].map(piece => [
      `a string of ${piece}`,
      (bytes: number) => `[mcp_servers.sessionwire]\nargs = ["${repeat(piece, bytes)}`,
    ]),
  ),
}

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  addHook: text => addHook(text, 'f', 'Stop', {}),
  findHooks: text => findHooks(text, 'f', isOurs),
  removeHooks: text => removeHooks(text, 'f', isOurs, []),
  emptyPlaces: text => emptyPlaces(text, 'f'),
  addProperty: text => addProperty(text, 'f', 'mcpServers', 'a', {}),
  removeProperty: text => removeProperty(text, 'f', 'hooks', 'Stop', false),
  differenceOf: text => differenceOf(text, text.replace('"hooks"', '"a":1,"hooks"')),
}
const TABLE_READERS: Readonly<Record<string, (text: string) => unknown>> = {
  findTomlServer: text => findTomlServer(text, 'sessionwire'),
  addTomlServer: text => addTomlServer(text, 'f', 'sessionwire', ['a', 'mcp']),
  removeTomlServer: text => removeTomlServer(text, 'sessionwire', true),
}

const slowOf = (
  readers: Readonly<Record<string, (text: string) => unknown>>,
  make: (bytes: number) => string,
): readonly unknown[] => {
  const [once, twice] = [make(100_000), make(200_000)]
  return Object.entries(readers).flatMap(([name, read]) => {
    const run = (text: string) => {
      try {
        read(text)
      } catch {
        // A text may be refused: the time until then counts.
      }
    }
    const growth = measureGrowth(
      () => run(once),
      () => run(twice),
    )
    return growth <= 2.5 ? [] : [[name, growth]]
  })
}

describe('takes at most 2.5 times as long for settings of twice the size, of', () => {
  it.each(Object.keys(SETTINGS))('JSON: %s', name => {
    expect(slowOf(READERS, SETTINGS[name] ?? String)).toEqual([])
  })
  it.each(Object.keys(TABLES))('TOML: %s', name => {
    expect(slowOf(TABLE_READERS, TABLES[name] ?? String)).toEqual([])
  })
})
