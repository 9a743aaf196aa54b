import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import { isTrackerError } from '../src/session/errors.ts'
import { checkInput, checkPayload, EVENT_BYTES } from '../src/session/input.ts'
import type { Called } from '../src/session/schema.ts'
import { clean, cutText, jsonBytes } from '../src/session/text.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length

const refusal = (hook: Called, raw: unknown) => {
  try {
    checkInput(hook, raw)
  } catch (thrown) {
    if (isTrackerError(thrown)) return [thrown.code, thrown.field, thrown.message]
  }
  return 'accepted'
}

const circle: Record<string, unknown> = {}
circle.me = circle

// biome-ignore format: a table is read one line at a time
const refused: readonly (readonly [Called, unknown, string, string])[] = [
  ['update', { description: 'x', progress: 101 }, 'update.progress', 'out of range; expected a number from 0 to 100, got the number 101'],
  ['update', { description: 'x', progress: -1 }, 'update.progress', 'out of range; expected a number from 0 to 100, got the number -1'],
  ['update', { description: 'x', progress: 100.4 }, 'update.progress', 'out of range; expected a number from 0 to 100, got the number 100.4'],
  ['update', { description: 'x', progress: Number.NaN }, 'update.progress', 'invalid value; expected a number from 0 to 100, got the number NaN'],
  ['update', { description: 'x', progress: '35' }, 'update.progress', 'invalid type; expected a number from 0 to 100, got the string "35"'],
  ['update', { description: 'x', progress: null }, 'update.progress', 'invalid type; expected a number from 0 to 100, got null'],
  ['update', { description: 'x', progress: [35] }, 'update.progress', 'invalid type; expected a number from 0 to 100, got an array of 1'],
  ['update', { description: 'x', progress: { percent: 35 } }, 'update.progress', 'invalid type; expected a number from 0 to 100, got an object'],
  ['update', { description: ' \n' }, 'update.description', 'empty; expected a string that says what was done'],
  ['update', { description: '\0' }, 'update.description', 'empty; expected a string that says what was done'],
  ['update', {}, 'update.description', 'missing; expected a string that says what was done'],
  ['update', { description: 'x', percent: 3 }, 'update.percent', 'unknown option; expected one of description, progress, tags, nextSteps, goal, usage, author, key, at, onRepeat'],
  ['update', { descriptoin: 'x' }, 'update.descriptoin', 'unknown option (did you mean "description"?); expected one of description, progress, tags, nextSteps, goal, usage, author, key, at, onRepeat'],
  ['update', null, 'update', 'invalid type; expected an object with description, got null'],
  ['update', { description: 'x', tags: 'a' }, 'update.tags', 'invalid type; expected an array of strings, got the string "a"'],
  ['update', { description: 'x', tags: [1] }, 'update.tags.0', 'invalid type; expected a string, got the number 1'],
  ['decision', { content: '' }, 'decide.content', 'empty; expected a string that says what was decided'],
  ['decision', { content: 'x', supersedes: '' }, 'decide.supersedes', 'empty; expected a string of 1 to 256 characters'],
  ['entity', { name: 'x' }, 'entity.type', 'missing; expected a string that names its type, such as file'],
  ['entity', { name: 'x', type: 'y', properties: { $ref: 1 } }, 'entity.properties.$ref', 'reserved name; expected a name that does not begin with "$"'],
  ['blocker', { description: 'x', severity: 'huge' }, 'block.severity', 'unknown value "huge"; expected one of low, medium, high, critical'],
  ['blocker', { description: 'x', severity: 'hihg' }, 'block.severity', 'unknown value "hihg" (did you mean "high"?); expected one of low, medium, high, critical'],
  ['blocker', { description: 'x', severity: 3 }, 'block.severity', 'invalid type; expected one of low, medium, high, critical, got the number 3'],
  ['resolve', {}, 'resolve.blockerId', 'missing; expected a string of 1 to 256 characters'],
  ['close', { end: 'done' }, 'close.end', 'unknown value "done"; expected one of completed, failed, cancelled, crashed, abandoned, left'],
  ['export', { format: 'xml' }, 'export.format', 'unknown value "xml"; expected one of json, markdown, context'],
  ['start', { user: '' }, 'start.user', 'empty; expected a string that names the user'],
  ['start', { project: 'p'.repeat(257) }, 'start.project', 'too long; expected a string of 1 to 256 characters'],
  ['start', { refs: { issue: 'x' } }, 'start.refs.issue', 'invalid type; expected an object of refs by adapter such as { tracker: { issue: "ENG-1" } }, got the string "x"'],
  ['start', { refs: 'BIL-212' }, 'start.refs', 'invalid type; expected an object of refs by adapter such as { tracker: { issue: "ENG-1" } }, got the string "BIL-212"'],
  ['start', { refs: { tool: { issue: '' } } }, 'start.refs.tool.issue', 'empty; expected a string of 1 to 2048 characters'],
  ['start', { refs: { tool: { issue: 3 } } }, 'start.refs.tool.issue', 'invalid type; expected a string, got the number 3'],
  ['start', { metadata: { a: [{ $b: 1 }] } }, 'start.metadata.a.0.$b', 'reserved name; expected a name that does not begin with "$"'],
  ['start', { metadata: { at: new Date(0) } }, 'start.metadata.at', 'not JSON; expected plain data, got an instance of Date'],
  ['start', { metadata: { call: () => 1 } }, 'start.metadata.call', 'not JSON; expected plain data, got a function'],
  ['start', { metadata: { n: Number.NaN } }, 'start.metadata.n', 'not JSON; expected a finite number or null, got the number NaN'],
  ['start', { metadata: { n: 1n } }, 'start.metadata.n', 'not JSON; expected plain data, got the bigint 1'],
  ['start', { metadata: [] }, 'start.metadata', 'invalid type; expected an object, got an array of 0'],
  ['start', { metadata: circle }, `start.metadata${'.me'.repeat(32)}`, 'nested too deep or in a circle; expected at most 32 levels'],
]

describe('input', () => {
  test.for(refused)('%s refuses a wrong %#', ([hook, raw, field, problem]) => {
    expect(refusal(hook, raw)).toEqual(['INVALID_INPUT', field, `${field}: ${problem}.`])
  })

  test.for(['a\0b', 'a\ud800b', 'a\udc00b'])('refuses the name %j of refs, which no database keeps', name => {
    for (const refs of [{ [name]: { issue: 'x' } }, { tool: { [name]: 'x' } }])
      expect(refusal('start', { refs })[2]).toMatch(
        /^start\.refs\..+: invalid format; expected an object of refs by adapter/,
      )
    expect(refusal('start', { refs: { tool: { '\u{1f600}': 'x' } } })).toEqual('accepted')
  })

  test('bounds the work on it: values, shared ones too, and items are counted before they are copied', () => {
    const shared = { deep: Array.from({ length: 1_000 }, () => 1) }
    const many = Array.from({ length: 1_000 }, () => shared)
    const tags = Array.from({ length: 10_001 }, () => 'x')
    expect(refusal('start', { metadata: { many } })[2]).toMatch(
      /^start\.metadata\.many\.\d+\.deep.*: too large; expected at most 100000 values\.$/,
    )
    expect(refusal('start', { metadata: { text: ['x'.repeat(3_000_000), 'x'.repeat(3_000_000)] } })).toEqual([
      'INVALID_INPUT',
      'start.metadata.text.1',
      'start.metadata.text.1: too large; expected at most 4194304 characters.',
    ])
    expect(refusal('update', { description: 'x', tags })).toEqual([
      'INVALID_INPUT',
      'update.tags',
      'update.tags: too large; expected at most 10000 items, got 10001.',
    ])
  })

  // biome-ignore format: a table is read one line at a time
  test.for([
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29T23:30-01:00', '2024-03-01T00:30:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ] as const)('takes %j as a time', ([at, kept]) => {
    expect(checkInput('entity', { name: 'x', type: 'y', at }).at).toBe(kept)
  })

  test.for([
    '2026-02-30',
    '2026-02-30T12:00:00Z',
    '2025-02-29',
    '2100-02-29T00:00Z',
    '2026-04-31T12:00:00+02:00',
    '2026-00-10',
    '2026-13-10',
    '2026-01-00',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+02:00',
    '-000001-01-01T00:00:00Z',
    '+012026-01-31T00:00:00Z',
    new Date(-62_135_596_800_001),
    new Date(253_402_300_800_000),
  ])('refuses %j, a day that no calendar has or a year that has not four digits', at => {
    expect(refusal('update', { description: 'x', at })[2]).toMatch(
      /^update\.at: invalid date; expected a Date or an ISO 8601 string such as 2026-01-31T12:00:00Z, got /,
    )
  })

  test.for(['yesterday', '31.1.2026', new Date(Number.NaN), 1_700_000_000_000, '', null])(
    'refuses %j as a time',
    at => {
      expect(refusal('update', { description: 'x', at })[2]).toMatch(
        /^update\.at: invalid date; expected a Date or an ISO 8601 string such as 2026-01-31T12:00:00Z, got /,
      )
    },
  )

  test.for([
    [{ inputTokens: -1 }, 'update.usage.inputTokens', 'out of range'],
    [{ inputTokens: 1.5 }, 'update.usage.inputTokens', 'invalid value'],
    [{ costUsd: Number.POSITIVE_INFINITY }, 'update.usage.costUsd', 'invalid value'],
    [{ tokens: 1 }, 'update.usage.tokens', 'unknown option'],
    [3, 'update.usage', 'invalid type'],
  ] as const)('refuses %j as usage', ([usage, field, problem]) => {
    expect(refusal('update', { description: 'x', usage })).toEqual([
      'INVALID_INPUT',
      field,
      expect.stringContaining(`${field}: ${problem}`),
    ])
  })

  test('is complete with its defaults, and without what was not given', () => {
    expect(checkInput('update', { description: 'x', progress: undefined })).toEqual({
      description: 'x',
      tags: [],
    })
    expect(Object.keys(checkInput('update', { description: 'x', progress: undefined }))).toEqual([
      'description',
      'tags',
    ])
    expect(checkInput('blocker', { description: 'x' })).toEqual({
      description: 'x',
      category: 'general',
      severity: 'medium',
    })
    expect(checkInput('close', {})).toEqual({ end: 'completed' })
    expect(checkInput('export', {})).toEqual({ format: 'markdown' })
    expect(checkInput('start', {})).toEqual({ refs: {}, metadata: {} })
  })

  test('counts an optional blank text as left out', () => {
    expect(checkInput('start', { goal: '', agent: ' \n' })).toEqual({ refs: {}, metadata: {} })
    expect(checkInput('update', { description: 'x', tags: ['', 'a', ' '] })).toEqual({
      description: 'x',
      tags: ['a'],
    })
  })

  test.for([
    [0, 0],
    [-0, 0],
    [100, 100],
    [99.5, 100],
    [33.4, 33],
  ] as const)('rounds progress %d to %d', ([given, kept]) => {
    expect(checkInput('update', { description: 'x', progress: given }).progress).toBe(kept)
  })

  test('cleans NUL and lone surrogates, in metadata too', () => {
    expect(checkInput('update', { description: 'a\0b\uD800c😀' })).toEqual({
      description: 'ab\uFFFDc😀',
      tags: [],
    })
    expect(checkInput('start', { metadata: { 'k\0': ['\uDC00', { deep: '\0x' }] } }).metadata).toEqual({
      k: ['\uFFFD', { deep: 'x' }],
    })
  })

  test('keeps a key named __proto__ as data', () => {
    const metadata = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>
    const kept = checkInput('start', { metadata }).metadata
    expect(JSON.stringify(kept)).toBe('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype)
  })

  test('leaves undefined fields of metadata out', () => {
    expect(checkInput('start', { metadata: { branch: undefined, n: null } }).metadata).toEqual({ n: null })
  })

  test('cuts a long text with a note, and looks no further than it must', () => {
    const { description } = checkInput('update', { description: 'é'.repeat(10_000_000) })
    expect(bytes(description)).toBeLessThanOrEqual(65_536)
    expect(bytes(description)).toBeGreaterThan(65_500)
    expect(description.endsWith('é … [cut: 10000000 characters]')).toBe(true)
    expect(checkInput('update', { description: 'a'.repeat(65_536) }).description).toHaveLength(65_536)
  })

  test('refuses an event above 256 KiB and names its largest field', () => {
    const alternatives = Array.from({ length: 9 }, () => 'y'.repeat(60_000))
    expect(refusal('decision', { content: 'x', alternatives })).toEqual([
      'INVALID_INPUT',
      'decide.alternatives',
      'decide.alternatives: too large; expected an event of at most 256 KiB, got 528 KiB.',
    ])
  })

  test('is checked whole again for a filter', () => {
    expect(checkPayload('blocker', { blockerId: 'b', description: 'x' })).toEqual({
      blockerId: 'b',
      description: 'x',
      category: 'general',
      severity: 'medium',
    })
    expect(() => checkPayload('blocker', { description: 'x' })).toThrow(
      'filter.blocker.blockerId: missing; expected a string of 1 to 256 characters.',
    )
  })
})

describe('text', () => {
  const anything = fc.string({ unit: anyCharacter, maxLength: 400 })
  const broken = fc
    .array(fc.constantFrom('a', '\0', '\uD83D', '\uDE00', 'é', '€', '😀'), { maxLength: 60 })
    .map(parts => parts.join(''))

  test('is well formed and within its bound, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(anything, broken), fc.integer({ min: 60, max: 300 }), (text, most) => {
        const kept = cutText(text, most)
        expect(bytes(kept)).toBeLessThanOrEqual(most)
        expect(kept).toBe(clean(kept))
        expect(new TextDecoder().decode(new TextEncoder().encode(kept))).toBe(kept)
        if (bytes(text) <= most) expect(kept).toBe(clean(text))
        else expect(kept.endsWith(` … [cut: ${text.length} characters]`)).toBe(true)
      }),
    )
  })

  test('never counts fewer bytes than there are', () => {
    const longest = [-0.0000010000097814463332, -2.2250738585072014e-308, -123456789012345680000]
    expect(longest.map(value => String(value).length)).toEqual([25, 24, 22])
    for (const value of [longest, { longest }])
      expect(jsonBytes(value, EVENT_BYTES)).toBeGreaterThanOrEqual(bytes(JSON.stringify(value)))
    for (const value of longest)
      expect(jsonBytes(value, EVENT_BYTES)).toBeGreaterThanOrEqual(String(value).length)
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const real = bytes(JSON.stringify(value))
        expect(jsonBytes(value, EVENT_BYTES)).toBeGreaterThanOrEqual(real)
        expect(jsonBytes(value, 0)).toBe(real)
      }),
    )
  })
})
