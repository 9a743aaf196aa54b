import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ParseError, parse } from 'jsonc-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sample } from '../../../test/sample.ts'
import { HOSTS, type HostName } from '../src/hook/line.ts'
import { findInstalled, type InstallOptions, install, uninstall } from '../src/install/install.ts'
import { isOurs, TARGETS } from '../src/install/targets.ts'
import { buildHook, makeFolder, removeFolder } from './stage.ts'

let folder: string
let hook: string
beforeAll(() => {
  folder = makeFolder()
  hook = buildHook()
})
afterAll(() => removeFolder(folder))

let n = 0
const place = (host: HostName, more: Partial<InstallOptions> = {}) => {
  const home = join(folder, `home "${n++}"`)
  const options: InstallOptions = {
    host,
    data: join(home, 'sessionwire'),
    cwd: join(home, 'repo'),
    env: { HOME: home, PATH: process.env.PATH },
    hook,
    ...more,
  }
  const file = TARGETS[host].file(options.scope ?? 'user', { cwd: options.cwd ?? '', env: options.env ?? {} })
  const write = (text: string, mode = 0o644) => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode })
  }
  return { options, file, home, write, read: () => readFileSync(file, 'utf8') }
}

const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/"(?:command|bash)":\s*"((?:[^"\\]|\\.)*)"/g)]
    .map(([, raw]) => JSON.parse(`"${raw}"`) as string)
    .filter(isOurs)

/** Whether a text is another with something put between its characters. */
const isWithin = (text: string, longer: string): boolean => {
  let from = 0
  for (const character of longer) if (character === text[from]) from++
  return from === text.length
}

/** Files as people have them. */
const FILES = {
  'an object on one line': '{"model":"opus","env":{"A":"1"}}',
  'two spaces': '{\n  "model": "opus",\n  "permissions": { "allow": ["Bash(git *)"] }\n}\n',
  tabs: '{\n\t"model": "opus",\n\t"env": {\n\t\t"A": "1"\n\t}\n}\n',
  'Windows line ends':
    '{\r\n    "model": "opus",\r\n    "hooks": {\r\n        "Stop": [\r\n            { "hooks": [] }\r\n        ]\r\n    }\r\n}\r\n',
  comments:
    '// mine\n{\n  // the model, "quoted", with a comma\n  "model": "opus", /* why */\n  "hooks": {\n    "Stop": [\n      // first\n      { "hooks": [{ "type": "command", "command": "say done" }] } // last\n    ]\n    /* end, of hooks */\n  }\n}\n',
  'trailing commas':
    '{\n  "hooks": {\n    "Stop": [\n      { "hooks": [{ "type": "command", "command": "say done" }], },\n    ],\n  },\n}\n',
  'empty places': '{\n  "hooks": {\n    "Stop": []\n  },\n  "b": 1\n}\n',
  'space in empty places':
    '{\r\n\t"hooks" : {\r\n\t\t"Stop":[ ],\r\n\t\t"SessionEnd": [\r\n\t\t]\r\n\t}\r\n}\r\n',
  'space in empty hooks': '{\n  "hooks": { }\n}\n',
  'empty hooks': '{ "hooks": {}, "b": 1 }',
  'a byte order mark': '\uFEFF{\n  "a": 1\n}\n',
  'no line end': '{\n  "a": 1\n}',
} as const

describe('install and uninstall', () => {
  describe.each(HOSTS)('%s', host => {
    test.for(sample(Object.entries(FILES), 6, HOSTS.indexOf(host)))(
      'leaves everything else byte for byte: %s',
      ([, text]) => {
        const { options, write, read } = place(host)
        write(text)
        const first = install(options)
        const after = read()
        const commands = commandsIn(after)
        expect(commands).toHaveLength(TARGETS[host].events.length)
        expect(new Set(commands).size === commands.length).toBe(TARGETS[host].namesEvent === true)
        expect(first.works).toBe(true)
        // What was there is still there, in its order: text was only put between.
        expect(isWithin(text, after)).toBe(true)
        const errors: ParseError[] = []
        parse(after.replace('\uFEFF', ''), errors, { allowTrailingComma: true })
        expect(errors).toEqual([])
        expect(install(options).difference).toBe('')
        expect(read()).toBe(after)
        expect(findInstalled(host, options).map(({ scope, events }) => [scope, [...events].sort()])).toEqual([
          ['user', TARGETS[host].events.map(({ event }) => event).sort()],
        ])
        uninstall(options)
        expect(read()).toBe(text)
      },
    )

    test('makes a file, and removes it again', () => {
      const { options, file, read } = place(host)
      expect(install({ ...options, dryRun: true }).difference).toMatch(/^\+/)
      expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
      const { works } = install(options)
      expect(works).toBe(true)
      expect(commandsIn(read()).length).toBeGreaterThan(0)
      uninstall(options)
      expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
    })
  })

  test('edits through a symbolic link, and keeps the mode', () => {
    const { options, file, home, read } = place('claude')
    const real = join(home, 'dotfiles.json')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(real, '{}\n', { mode: 0o640 })
    symlinkSync(real, file)
    install(options)
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
    expect((statSync(real).mode & 0o777).toString(8)).toBe('640')
    expect(commandsIn(read()).length).toBeGreaterThan(0)
  })

  test('makes the file that a link names, and leaves the link', () => {
    const { options, file, home, read } = place('claude')
    mkdirSync(dirname(file), { recursive: true })
    mkdirSync(join(home, 'dotfiles'))
    symlinkSync('../dotfiles/claude.json', file)
    install(options)
    expect(commandsIn(read()).length).toBeGreaterThan(0)
    uninstall(options)
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
    unlinkSync(file)
    symlinkSync('settings.json', file)
    expect(() => install(options)).toThrow(
      `${file}: symbolic links in a circle. Fix the link; nothing was changed.`,
    )
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
  })

  test.runIf(process.platform !== 'win32').for<[what: string, make: (file: string) => void]>([
    ['a device', file => symlinkSync('/dev/zero', file)],
    ['a pipe', file => void spawnSync('mkfifo', [file])],
    ['a folder', file => void mkdirSync(file)],
  ])('reads no %s in the place of a file', ([, make]) => {
    const { options, file } = place('claude', { scope: 'project' })
    mkdirSync(dirname(file), { recursive: true })
    make(file)
    const { dev } = lstatSync(file)
    for (const act of [install, uninstall, () => findInstalled('claude', options)])
      expect(() => act(options)).toThrow(
        ': not a regular file; expected a file. Fix it; nothing was changed.',
      )
    // Another place of the same host is used all the same.
    expect(install({ ...options, scope: 'user' }).works).toBe(true)
    expect(lstatSync(file).dev).toBe(dev)
  })

  test('refuses a file of another encoding, and leaves it', () => {
    const { options, file, write } = place('claude')
    write('')
    const bytes = Buffer.from('{ "user": "Ren\u00e9" }\n', 'latin1')
    writeFileSync(file, bytes)
    for (const act of [install, uninstall])
      expect(() => act(options)).toThrow(
        `${file}: wrong encoding; expected UTF-8. Save it as UTF-8; nothing was changed.`,
      )
    expect(readFileSync(file)).toEqual(bytes)
  })

  test.for(['{', '[]', '{ "hooks": [] }', '{ "hooks": { "Stop": {} } }', '{ "a": 1 } x'])(
    'refuses a file that it cannot understand, and leaves it: %s',
    text => {
      const { options, write, read } = place('claude')
      write(text)
      expect(() => install(options)).toThrow(/nothing was changed/)
      expect(read()).toBe(text)
    },
  )

  test('keeps entries that others made after it', () => {
    const { options, write, read } = place('claude')
    write('{\n  "hooks": {}\n}\n')
    install(options)
    const edited = read().replace(
      '"Stop": [',
      '"Stop": [\n      { "hooks": [{ "type": "command", "command": "say done" }] }, // theirs',
    )
    write(edited)
    uninstall(options)
    expect(read()).toContain(
      '"Stop": [\n      { "hooks": [{ "type": "command", "command": "say done" }] } // theirs',
    )
    expect(commandsIn(read())).toEqual([])
  })

  test('goes from an entry in which a host put commands of others too', () => {
    const { options, write, read } = place('claude')
    const theirs = '{ "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }] } }\n'
    write(theirs)
    install(options)
    const [ours = ''] = commandsIn(read())
    const mixed = (...commands: readonly string[]) =>
      JSON.stringify({
        hooks: {
          Stop: [{ hooks: commands.map(command => ({ type: 'command', command })) }],
          SessionStart: [{ matcher: 'startup', hooks: [{ type: 'command', command: ours }] }],
        },
      })
    for (const commands of [
      ['say done', ours],
      [ours, 'say done'],
      [ours, 'say done', ours],
    ]) {
      write(mixed(...commands))
      uninstall(options)
      expect(JSON.parse(read())).toEqual(JSON.parse(theirs))
    }
  })

  test.for([
    ['claude', 'user', 'claude', 'project'],
    ['claude', 'project', 'copilot', 'user'],
    ['copilot', 'user', 'claude', 'project'],
    ['claude', 'user', 'vscode', 'user'],
    ['vscode', 'user', 'claude', 'user'],
  ] as const)(
    'refuses a second registration in reach: %s %s, then %s %s',
    ([first, where, second, there]) => {
      const { options } = place(first, { scope: where })
      install({ ...options, scope: where })
      expect(() => install({ ...options, host: second, scope: there })).toThrow(/twice/)
    },
  )

  test('registers a line that ends with 0 where the program is missing', () => {
    const { options, read } = place('claude', { scope: 'project' })
    install(options)
    expect(new Set(commandsIn(read()))).toEqual(new Set(['sessionwire-hook claude || true']))
  })
})
