import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'jsonc-parser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HOSTS, type HostName } from '../src/hook/line.ts'
import { findServers, installServer, type ServerOptions, uninstallServer } from '../src/install/servers.ts'
import { quoteWord } from '../src/install/shell.ts'
import { makeFolder, removeFolder } from './stage.ts'

let home: string
beforeEach(() => {
  home = makeFolder()
})
afterEach(() => removeFolder(home))

const SERVER = [process.execPath, import.meta.filename, 'mcp']
const NPX = ['npx', '-y', 'sessionwire', 'mcp']

const optionsOf = (host: HostName, more: Partial<ServerOptions> = {}): ServerOptions => ({
  ...{ host, data: join(home, 'data'), cwd: join(home, 'repo'), env: { HOME: home }, server: SERVER },
  ...more,
})

const FILES: Readonly<Record<HostName, readonly [user: string, project: string | undefined]>> = {
  claude: ['.claude.json', 'repo/.mcp.json'],
  codex: ['.codex/config.toml', 'repo/.codex/config.toml'],
  gemini: ['.gemini/settings.json', 'repo/.gemini/settings.json'],
  copilot: ['.copilot/mcp-config.json', undefined],
  cursor: ['.cursor/mcp.json', 'repo/.cursor/mcp.json'],
  vscode: ['.config/Code/User/mcp.json', 'repo/.vscode/mcp.json'],
}

const [program = '', ...args] = SERVER
const ENTRIES: Readonly<Partial<Record<HostName, unknown>>> = {
  claude: { type: 'stdio', command: program, args },
  gemini: { command: program, args },
  copilot: { type: 'local', command: program, args, tools: ['*'] },
  cursor: { command: program, args },
  vscode: { type: 'stdio', command: program, args },
}

const write = (path: string, text: string, mode = 0o644): string => {
  const file = join(home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text, { mode })
  return file
}
const read = (path: string): string => readFileSync(join(home, path), 'utf8')

/** Files as people have them, with servers of their own. */
const TEXTS = (key: string): readonly string[] => [
  '{"numStartups":3,"projects":{"/a":{"history":[]}}}',
  `{\n  "${key}": {\n    "other": { "command": "x" } // mine\n  },\n  "b": 1\n}\n`,
  `{\r\n    "${key}": {}\r\n}\r\n`,
  `{\n\t"${key}": {\n\t\t"a": {},\n\t},\n}`,
  `\uFEFF{ "${key}": {}, "b": [1, 2] }\n`,
]

describe.each(HOSTS.filter(host => host !== 'codex'))('the server of %s', host => {
  const [path] = FILES[host]
  const key = host === 'vscode' ? 'servers' : 'mcpServers'

  test('is registered once in its own file, which goes again', () => {
    const first = installServer(optionsOf(host))
    expect(first.file).toBe(join(home, path))
    expect(parse(read(path))).toEqual({ [key]: { sessionwire: ENTRIES[host] } })
    const text = read(path)
    expect(installServer(optionsOf(host))).toMatchObject({ difference: '' })
    expect(read(path)).toBe(text)
    expect(findServers(host, optionsOf(host))).toEqual([
      { scope: 'user', file: join(home, path), words: SERVER },
    ])
    uninstallServer(optionsOf(host))
    expect([existsSync(join(home, path)), findServers(host, optionsOf(host))]).toEqual([false, []])
  })

  test('leaves everything else byte for byte', () => {
    for (const text of TEXTS(key)) {
      write(path, text, 0o600)
      const before = parse(text.replace('\uFEFF', ''), [], { allowTrailingComma: true })
      expect(installServer(optionsOf(host, { dryRun: true })).difference).toContain('sessionwire')
      expect(read(path)).toBe(text)
      installServer(optionsOf(host))
      const after = parse(read(path).replace('\uFEFF', ''), [], { allowTrailingComma: true })
      expect(after).toEqual({ ...before, [key]: { ...before[key], sessionwire: ENTRIES[host] } })
      expect(statSync(join(home, path)).mode & 0o777).toBe(0o600)
      uninstallServer(optionsOf(host))
      expect(read(path)).toBe(text)
    }
  })

  test('another one of the name, and options of the user, stay', () => {
    const foreign = `{ "${key}": { "sessionwire": { "command": "other" } } }`
    write(path, foreign)
    expect(installServer(optionsOf(host)).todo).toEqual([
      `Another MCP server is called sessionwire in ${join(home, path)}, and was left as it is.`,
    ])
    uninstallServer(optionsOf(host))
    expect(read(path)).toBe(foreign)
    const own = `{ "${key}": { "sessionwire": { "command": "npx", "args": ["-y", "sessionwire", "mcp", "--toolset", "jira"] } } }`
    write(path, own)
    expect(installServer(optionsOf(host)).difference).toBe('')
    expect(read(path)).toBe(own)
  })

  test('one whose program is gone is replaced, and a file that does not parse is refused', () => {
    write(
      path,
      `{ "${key}": { "sessionwire": { "command": "/gone/node", "args": ["/gone/main.js", "mcp"] }, "b": {} } }`,
    )
    expect(findServers(host, optionsOf(host))).toMatchObject([{ gone: '/gone/node' }])
    installServer(optionsOf(host))
    expect(parse(read(path))).toEqual({ [key]: { b: {}, sessionwire: ENTRIES[host] } })
    write(path, '{ "a": ')
    expect(() => installServer(optionsOf(host))).toThrow('not valid JSON at line 1')
  })
})

/** Codex gives a server no other variables of ours. */
const PASSED =
  'env_vars = ["SESSIONWIRE_DATA_DIR", "SESSIONWIRE_STORE", "SESSIONWIRE_CONFIG", "SESSIONWIRE_PROJECT", "SESSIONWIRE_USER", ' +
  '"XDG_DATA_HOME", "XDG_CONFIG_HOME", "MSP_STATE_DIR", "MSP_CONFIG_PATH"]\n'

describe('the server of Codex', () => {
  const path = '.codex/config.toml'
  const TABLE = `[mcp_servers.sessionwire]\ncommand = ${JSON.stringify(program)}\nargs = [${args.map(each => JSON.stringify(each)).join(', ')}]\n${PASSED}`

  test('is a table behind all others, and leaves them byte for byte', () => {
    for (const [before, gap] of [
      ['model = "gpt-5.5"\n', '\n'],
      ['model = "gpt-5.5"', '\n\n'],
      ['[mcp_servers.other]\ncommand = "x"\nargs = [\n  "[y]",\n]\n# last', '\n\n'],
      ['', ''],
    ] as const) {
      write(path, before)
      installServer(optionsOf('codex'))
      expect(read(path)).toBe(before + gap + TABLE)
      expect(installServer(optionsOf('codex')).difference).toBe('')
      expect(findServers('codex', optionsOf('codex'))).toEqual([
        { scope: 'user', file: join(home, path), words: SERVER },
      ])
      uninstallServer(optionsOf('codex'))
      expect(existsSync(join(home, path)) ? read(path) : '').toBe(before)
    }
  })

  test('goes with its own tables also where others follow', () => {
    write(path, 'a = 1\n')
    installServer(optionsOf('codex'))
    const tools = '[mcp_servers.sessionwire.tools.recall]\napproval_mode = "auto"\n\n'
    write(path, `${read(path)}${tools}[hooks.state."x"]\ntrusted_hash = "1"\n`)
    uninstallServer(optionsOf('codex'))
    expect(read(path)).toBe('a = 1\n[hooks.state."x"]\ntrusted_hash = "1"\n')
  })

  test.each(['\n', '\r\n'])('leaves the comments of the table behind it, in files of ends %j', eol => {
    const before = ['model = "gpt-5.5"', ''].join(eol)
    // Codex ends its own lines with a line feed alone.
    const behind = ['', '# my profile', '', '# of work', '[profiles.x]\nmodel = "y" # mine', ''].join(eol)
    write(path, before)
    installServer(optionsOf('codex'))
    write(path, read(path) + behind)
    uninstallServer(optionsOf('codex'))
    expect(read(path)).toBe(before + behind)
    write(path, before)
    installServer(optionsOf('codex'))
    write(path, `${read(path)}# the end`)
    uninstallServer(optionsOf('codex'))
    expect(read(path)).toBe(`${before}# the end`)
  })

  test('goes from a file of mixed line ends', () => {
    write(path, 'a = 1\r\n')
    installServer(optionsOf('codex'))
    write(path, `# top\n${read(path).replace(/\r\n/g, '\n')}b = 2\r\n`)
    uninstallServer(optionsOf('codex'))
    expect(read(path)).toBe('# top\na = 1\n')
  })

  test('names a command that a shell takes as it is', () => {
    write(path, 'mcp_servers.other = { command = "x" }\n')
    const server = ['/my node/bin/node', "/it's/main.js", 'mcp']
    expect(() => installServer(optionsOf('codex', { server }))).toThrow(
      "install with --no-mcp: codex mcp add sessionwire -- '/my node/bin/node' '/it'\\''s/main.js' mcp",
    )
  })

  test.skipIf(process.platform === 'win32')(
    'words of a printed command reach the program as they are',
    () => {
      const words = [
        'plain',
        '/a b',
        "it's",
        '$HOME',
        '`id`',
        '"x"',
        '\\',
        '*',
        '~',
        '',
        'é',
        '-x',
        'a\nb',
        '#',
        '!x',
        '{a,b}',
      ]
      const printed = `printf '%s\\0' ${words.map(quoteWord).join(' ')}`
      expect(execFileSync('/bin/sh', ['-c', printed], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(
        words,
      )
      expect(quoteWord('/usr/bin/node-24')).toBe('/usr/bin/node-24')
    },
  )

  test('is not put where servers are written otherwise', () => {
    write(path, 'mcp_servers = { other = { command = "x" } }\n')
    expect(() => installServer(optionsOf('codex'))).toThrow('codex mcp add sessionwire --')
    expect(read(path)).toBe('mcp_servers = { other = { command = "x" } }\n')
  })
})

test('a file of another encoding is refused, and left as it is', () => {
  for (const host of ['claude', 'codex'] as const) {
    const file = write(FILES[host][0], '')
    const bytes = Buffer.from(host === 'codex' ? '# caf\u00e9\n' : '{ "a": "caf\u00e9" }\n', 'latin1')
    writeFileSync(file, bytes)
    for (const act of [installServer, uninstallServer])
      expect(() => act(optionsOf(host))).toThrow(
        `${file}: wrong encoding; expected UTF-8. Save it as UTF-8; nothing was changed.`,
      )
    expect(readFileSync(file)).toEqual(bytes)
  }
})

test('a project has files of its own', () => {
  for (const host of HOSTS) {
    const [, path] = FILES[host]
    const done = installServer(optionsOf(host, { scope: 'project', server: NPX }))
    expect(done.file).toBe(path === undefined ? undefined : join(home, path))
    if (path === undefined) continue
    expect(read(path)).toContain('"npx"')
    if (host === 'codex')
      expect(read(path)).toBe(
        `[mcp_servers.sessionwire]\ncommand = "npx"\nargs = ["-y", "sessionwire", "mcp"]\n${PASSED}startup_timeout_sec = 60\n`,
      )
    uninstallServer(optionsOf(host, { scope: 'project' }))
    expect(existsSync(join(home, path))).toBe(false)
  }
})

test('an installed package takes the place of the cache of npx, and never the other way round', () => {
  installServer(optionsOf('claude', { server: NPX }))
  expect(read('.claude.json')).toContain('"npx"')
  expect(installServer(optionsOf('claude', { server: NPX })).difference).toBe('')
  expect(installServer(optionsOf('claude')).difference).toContain('-')
  expect(parse(read('.claude.json'))).toEqual({ mcpServers: { sessionwire: ENTRIES.claude } })
  expect(installServer(optionsOf('claude', { server: NPX })).difference).toBe('')
})
