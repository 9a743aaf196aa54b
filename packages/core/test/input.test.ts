import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTrackerError } from '../src/session/errors.ts'
import { checkInput, checkPayload, EVENT_BYTES } from '../src/session/input.ts'
import type { Called } from '../src/session/schema.ts'
import { bounded, clean, jsonBytes } from '../src/session/text.ts'

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
  ['update', { description: 'x', progress: 101 }, 'update.progress', '101 is above 100: give a number from 0 to 100'],
  ['update', { description: 'x', progress: -1 }, 'update.progress', '-1 is below 0: give a number from 0 to 100'],
  ['update', { description: 'x', progress: 100.4 }, 'update.progress', '100.4 is above 100: give a number from 0 to 100'],
  ['update', { description: 'x', progress: Number.NaN }, 'update.progress', 'NaN is no number: give a number from 0 to 100'],
  ['update', { description: 'x', progress: '35' }, 'update.progress', '"35" is a text: give a number from 0 to 100'],
  ['update', { description: 'x', progress: null }, 'update.progress', 'null is no number: give a number from 0 to 100'],
  ['update', { description: 'x', progress: [35] }, 'update.progress', 'a list is no number: give a number from 0 to 100'],
  ['update', { description: 'x', progress: { percent: 35 } }, 'update.progress', 'an object is no number: give a number from 0 to 100'],
  ['update', { description: ' \n' }, 'update.description', 'it is empty: say what happened'],
  ['update', { description: '\0' }, 'update.description', 'it is empty: say what happened'],
  ['update', {}, 'update.description', 'give a text'],
  ['update', { description: 'x', percent: 3 }, 'update.percent', 'it is not known: use description, progress, tags, nextSteps'],
  ['update', { descriptoin: 'x' }, 'update.descriptoin', 'it is not known: did you mean "description"? There is description, progress, tags, nextSteps'],
  ['update', null, 'update', 'give an object with description'],
  ['update', { description: 'x', tags: 'a' }, 'update.tags', 'give a list of texts'],
  ['update', { description: 'x', tags: [1] }, 'update.tags.0', 'give a text'],
  ['decision', { content: '' }, 'decide.content', 'it is empty: say what happened'],
  ['decision', { content: 'x', supersedes: '' }, 'decide.supersedes', 'it is empty: give an id'],
  ['entity', { name: 'x' }, 'entity.type', 'give a text'],
  ['entity', { name: 'x', type: 'y', properties: { $ref: 1 } }, 'entity.properties.$ref', 'keys that begin with "$" are reserved: rename it'],
  ['blocker', { description: 'x', severity: 'huge' }, 'block.severity', '"huge" is not known: use low, medium, high, critical'],
  ['blocker', { description: 'x', severity: 'hihg' }, 'block.severity', '"hihg" is not known: did you mean "high"? There is low, medium, high, critical'],
  ['blocker', { description: 'x', severity: 3 }, 'block.severity', '3 is not known: use low, medium, high, critical'],
  ['resolve', {}, 'resolve.blockerId', 'give a text'],
  ['close', { end: 'done' }, 'close.end', '"done" is not known: use completed, crashed, abandoned'],
  ['export', { format: 'xml' }, 'export.format', '"xml" is not known: use json, markdown, context'],
  ['start', { user: '' }, 'start.user', 'it is empty: give a name'],
  ['start', { project: 'p'.repeat(257) }, 'start.project', 'it is too long: at most 256 characters'],
  ['start', { refs: { issue: 'x' } }, 'start.refs.issue', 'name it "<adapter>.<name>"'],
  ['start', { refs: 'BIL-212' }, 'start.refs', 'give an object like { "<adapter>.<name>": "<id>" }'],
  ['start', { refs: { tool: { issue: '' } } }, 'start.refs.tool.issue', 'it is empty: leave it out'],
  ['start', { refs: { tool: { issue: 3 } } }, 'start.refs.tool.issue', 'give the id as a text'],
  ['start', { metadata: { a: [{ $b: 1 }] } }, 'start.metadata.a.0.$b', 'keys that begin with "$" are reserved: rename it'],
  ['start', { metadata: { at: new Date(0) } }, 'start.metadata.at', 'a Date is not JSON: give plain data'],
  ['start', { metadata: { call: () => 1 } }, 'start.metadata.call', 'a function is not JSON: give plain data'],
  ['start', { metadata: { n: Number.NaN } }, 'start.metadata.n', 'NaN is not JSON: give a finite number or null'],
  ['start', { metadata: { n: 1n } }, 'start.metadata.n', 'a bigint is not JSON: give plain data'],
  ['start', { metadata: [] }, 'start.metadata', 'give an object of names and values'],
  ['start', { metadata: circle }, `start.metadata${'.me'.repeat(32)}`, 'nested more than 32 deep, or in a circle: flatten it'],
]

describe('input', () => {
  test.for(refused)('%s refuses a wrong %#', ([hook, raw, field, problem]) => {
    expect(refusal(hook, raw)).toEqual(['INVALID_INPUT', field, `${field}: ${problem}.`])
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
      'decide.alternatives: the event has 528 KiB, at most 256 KiB are kept: shorten it.',
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
      'filter.blocker.blockerId: give a text.',
    )
  })
})

describe('text', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 400 })
  const broken = fc
    .array(fc.constantFrom('a', '\0', '\uD83D', '\uDE00', 'é', '€', '😀'), { maxLength: 60 })
    .map(parts => parts.join(''))

  test('is well formed and within its bound, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(anything, broken), fc.integer({ min: 60, max: 300 }), (text, most) => {
        const kept = bounded(text, most)
        expect(bytes(kept)).toBeLessThanOrEqual(most)
        expect(kept).toBe(clean(kept))
        expect(new TextDecoder().decode(new TextEncoder().encode(kept))).toBe(kept)
        if (bytes(text) <= most) expect(kept).toBe(clean(text))
        else expect(kept.endsWith(` … [cut: ${text.length} characters]`)).toBe(true)
      }),
    )
  })

  test('never counts fewer bytes than there are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const real = bytes(JSON.stringify(value))
        expect(jsonBytes(value, EVENT_BYTES)).toBeGreaterThanOrEqual(real)
        expect(jsonBytes(value, 0)).toBe(real)
      }),
    )
  })
})
