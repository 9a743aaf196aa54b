import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import { parseInput } from '../src/action-input.ts'
import { completionScript, SHELLS } from '../src/completion.ts'
import { toFailure } from '../src/failure.ts'
import { groupByDay, parseLog } from '../src/importers/git.ts'
import { show, showJson, showLine } from '../src/io.ts'
import { commands, optionsOf } from '../src/table.ts'
import { formatDuration, parseDuration, parseProgress, parseSince } from '../src/time.ts'
import { putCommandFirst, separateTexts } from '../src/word-order.ts'
import { BUILT_IN, findSetUp } from '../src/workspace/built-in.ts'

const ESCAPE = '\u001b[31mred\u0007\u009b\u202eabc'

describe('texts', () => {
  test('lose what steers a terminal when they are shown', () => {
    expect(show(`a\n${ESCAPE}\tb`)).toBe('a\n[31mredabc\tb')
    expect(showLine(`a\n\n ${ESCAPE}`)).toBe('a [31mredabc')
    expect(show('a\u{e0041}\u{e007f}b')).toBe('ab')
    expect(showJson('a\u{e0041}')).toBe(String.raw`"a\udb40\udc41"`)
    expect(showLine('x'.repeat(20), 5)).toBe('xxxx…')
    expect(JSON.parse(showJson({ text: ESCAPE }))).toEqual({ text: ESCAPE })
  })

  test('of any kind are shown without control characters, and JSON reads back', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 40 }), text => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
        expect(show(text)).not.toMatch(steering)
        expect(showJson(text)).not.toMatch(steering)
        expect(JSON.parse(showJson({ text }))).toEqual({ text })
      }),
    )
  })

  test('that begin with a dash stay texts, and options stay options', () => {
    const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
      [
        ['update', 'x', '--json'],
        ['update', 'x', '--json'],
      ],
      [
        ['update', '--found it', '40', '--json'],
        ['update', '--json', '--', '--found it', '40'],
      ],
      [
        ['decide', '- a\nb', '--why', '-c d'],
        ['decide', '--why', '-c d', '--', '- a\nb'],
      ],
      [
        ['update', '--', '--found it'],
        ['update', '--', '--found it'],
      ],
      [
        ['update', '-x y', '--', '-z'],
        ['update', '--', '-x y', '-z'],
      ],
    ]
    for (const [given, expected] of cases) expect(separateTexts(given)).toEqual(expected)
  })
})

describe('options before the command', () => {
  test('go behind it where most commands take them', () => {
    const cases: readonly (readonly [given: readonly string[], expected: readonly string[]])[] = [
      [[], []],
      [
        ['-C', '../other', 'sessions', '--json'],
        ['sessions', '-C', '../other', '--json'],
      ],
      [
        ['--json', '--cwd=/x', 'decide', '--', '-a'],
        ['decide', '--json', '--cwd=/x', '--', '-a'],
      ],
      [
        ['--no-deliver', 'update', 'x'],
        ['update', '--no-deliver', 'x'],
      ],
      [
        ['--version', 'status'],
        ['--version', 'status'],
      ],
      [
        ['--json', '--limit', '3', 'sessions'],
        ['--json', '--limit', '3', 'sessions'],
      ],
      [
        ['-C', 'sessions'],
        ['-C', 'sessions'],
      ],
      [['--json'], ['--json']],
    ]
    for (const [given, expected] of cases) expect(putCommandFirst(given)).toEqual(expected)
  })
})

describe('values', () => {
  test('are durations and times', () => {
    expect(
      ['500ms', '30s', '2', '5m', '2h', '1d', '1.5h', '2w'].map(each => parseDuration(each, '--x')),
    ).toEqual([500, 30_000, 2_000, 300_000, 7_200_000, 86_400_000, 5_400_000, 1_209_600_000])
    for (const wrong of ['', 'x', '-1s', '1y', '1e3', '∞', '99999999999s'])
      expect(() => parseDuration(wrong, '--x')).toThrow('--x: invalid duration')
    const now = Date.parse('2026-11-30T12:00:00.000Z')
    expect(parseSince('1d', '--since', now).toISOString()).toBe('2026-11-29T12:00:00.000Z')
    expect(parseSince('2026-11-01', '--since', now).toISOString()).toBe('2026-11-01T00:00:00.000Z')
    expect(() => parseSince('yesterday', '--since', now)).toThrow('--since: invalid time')
    expect(parseSince('2028-02-29T23:30:00-10:00', '--since', now).toISOString()).toBe(
      '2028-03-01T09:30:00.000Z',
    )
    // A day that is not there, and a time before all dates.
    for (const text of ['2026-02-30', '2026-02-29T12:00:00Z', '2026-11-31 10:00', '9999999d', '999999999w'])
      expect(() => parseSince(text, '--since', now)).toThrow('--since: invalid time')
    expect([0, 59_000, 60_000, 3_600_000, 5_400_000, 90_000_000].map(formatDuration)).toEqual([
      ...['0 s', '59 s', '1 min', '1 h', '1 h 30 min', '1 d 1 h'],
    ])
    expect([parseProgress('40'), parseProgress('40%')]).toEqual([40, 40])
    for (const wrong of ['', '-1', '101', 'NaN', 'x']) expect(() => parseProgress(wrong)).toThrow('progress')
  })

  test('of an action are what its schema accepts', () => {
    const accepts = (type: string) => ({
      safeParse: (value: unknown) => ({ success: typeof value === type }),
    })
    const list = { safeParse: (value: unknown) => ({ success: Array.isArray(value) }) }
    const input = {
      shape: { title: accepts('string'), points: accepts('number'), done: accepts('boolean'), tags: list },
    }
    expect(
      parseInput(['title=12', 'points=12', 'done=true', 'tags=a,b', 'other={"a":1}'], '{"x":1}', input),
    ).toEqual({
      ...{ x: 1, title: '12', points: 12, done: true, tags: ['a', 'b'], other: '{"a":1}' },
    })
    expect(parseInput(['constructor=1'], undefined, input)).toEqual({ constructor: '1' })
    expect(() => parseInput(['title'], undefined, input)).toThrow('input: expected key=value')
    expect(() => parseInput([], '[1]', input)).toThrow('--input: expected a JSON object')
  })
})

test('errors of the platform, of core and of ours have a code and an exit', () => {
  const tracker = (code: string) =>
    Object.assign(new Error('x'), { code, [Symbol.for('@sessionwire/core/TrackerError')]: true })
  const exits = [
    'SESSION_ACTIVE',
    'CONFIG',
    'ADAPTER',
    'STORE_CORRUPT',
    'NO_SUCH_SESSION',
    'INVALID_INPUT',
  ].map(code => toFailure(tracker(code)).exit)
  expect(exits).toEqual([2, 3, 4, 5, 1, 64])
  expect(toFailure(Object.assign(new Error('x'), { code: 'EROFS', path: '/a' }))).toEqual({
    ...{ code: 'EROFS', message: '/a cannot be used (EROFS).', todo: 'Run `sessionwire doctor`.', exit: 3 },
  })
  expect(toFailure(undefined).exit).toBe(70)
})

test('commits become a session for each author and day', () => {
  const commit = (hash: string, at: string, mail: string, subject: string) =>
    [hash.repeat(40), at, 'Ada', mail, subject].join('\u001f')
  const log = [
    commit('c', '2026-11-30T09:00:00+01:00', 'a@example.com', 'Third'),
    commit('b', '2026-11-29T23:30:00-05:00', 'a@example.com', 'Second\u001fwith a sign'),
    commit('a', '2026-11-29T09:00:00Z', 'a@example.com', 'First'),
    'nonsense',
    '',
  ].join('\0')
  const parsed = parseLog(log)
  expect(parsed.map(({ subject }) => subject)).toEqual(['First', 'Second with a sign', 'Third'])
  expect(groupByDay(parsed).map(day => day.map(({ subject }) => subject))).toEqual([
    ['First'],
    ['Second with a sign', 'Third'],
  ])
})

describe('the table of commands', () => {
  test('has each name and alias once, and those of MSP', () => {
    const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    expect(new Set(names).size).toBe(names.length)
    const aliases = Object.fromEntries(
      commands.flatMap(({ name, aliases: all = [] }) => all.map((a: string) => [a, name])),
    )
    expect(aliases).toEqual({
      s: 'start',
      u: 'update',
      d: 'decide',
      b: 'block',
      r: 'resolve',
      e: 'end',
      c: 'context',
    })
  })

  test('has sentences without a full stop, and no option twice', () => {
    for (const { name, about, options = {}, uses } of commands) {
      expect([name, about]).toEqual([name, expect.stringMatching(/^[A-Z].*[^.]$/)])
      const taken = Object.keys(optionsOf(uses)).filter(each => Object.hasOwn(options, each))
      // `install --project` and `--user` choose the file of the host.
      expect([name, taken]).toEqual([name, []])
    }
  })

  test.for(SHELLS)('gives a completion script for %s', shell => {
    const script = completionScript(shell, commands, optionsOf)
    for (const { name } of commands) expect(script).toContain(name)
    expect(script).toContain('no-deliver')
  })

  // As the shells themselves take it: zsh 5.9 and fish 3.6.
  test('completes the values of arguments and options', () => {
    const lineOf = (shell: (typeof SHELLS)[number], start: string) =>
      completionScript(shell, commands, optionsOf)
        .split('\n')
        .filter(line => line.includes(start))
        .join('\n')
    // The name of the command is the first argument.
    expect(lineOf('zsh', ' import)')).toContain(" '2:value:(git claude codex)' ")
    expect(lineOf('zsh', ' import)')).toContain("'--config[Uses this configuration file]:file:_files' ")
    expect(lineOf('zsh', ' import)')).toContain("or a date]:time: ' ")
    expect(lineOf('zsh', ' backfill)')).toContain("each entry too]:what:(summary each)' ")
    expect(lineOf('fish', 'seen_subcommand_from backfill')).toMatch(/ -l log -x -a 'summary each' -d /)
    expect(lineOf('fish', 'seen_subcommand_from backfill')).toMatch(/ -l config -r -F -d /)
    expect(lineOf('fish', 'seen_subcommand_from backfill')).toMatch(/ -l since -x -d /)
    expect(lineOf('fish', 'seen_subcommand_from backfill')).toMatch(/ -l json -d /)
    expect(lineOf('bash', 'complete ')).toBe('complete -o default -F _sessionwire sessionwire')
  })
})

test('our adapters are known by variables that they declare', () => {
  const folder = join(import.meta.dirname, '../../adapters')
  for (const [name, { secrets, needs = [] }] of Object.entries(BUILT_IN)) {
    const text = readdirSync(join(folder, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter(path => /^(config|index)\.ts$/.test(path))
      .map(path => readFileSync(join(folder, name, 'src', path), 'utf8'))
      .join('')
    for (const variable of [...secrets, ...needs])
      expect([name, text]).toEqual([name, expect.stringContaining(variable)])
  }
  expect(findSetUp({ GITHUB_TOKEN: 'x', SLACK_BOT_TOKEN: 'x', TAIGA_TOKEN: '' })).toEqual(['slack'])
})
