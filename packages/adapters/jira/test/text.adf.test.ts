import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cleanText, type Json } from '@sessionwire/core/adapter'
import { HOSTILE_TEXT } from '@sessionwire/core/testing'
import Ajv from 'ajv-draft-04'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runsOf } from '../../../../test/sample.ts'
import { isDocument, textOf } from '../src/testing/document.ts'
import { type Block, rich } from '../src/text.ts'
import { anyBlocks, anyText, CARD, LIMIT, SERVER, V3 } from './texts.ts'

const schema = JSON.parse(
  readFileSync(
    fileURLToPath(import.meta.resolve('@atlaskit/adf-schema/dist/json-schema/v1/full.json')),
    'utf8',
  ),
)
const validate = new Ajv.default({ strict: false }).compile(schema)
const assertAdf = (document: Json) => {
  if (!validate(document)) throw new Error(`${JSON.stringify(validate.errors?.slice(0, 3))}`)
  // The hostile Jira must not be kinder than the schema, nor refuse what the schema takes.
  expect(isDocument(document)).toBe(true)
  expect(JSON.stringify(document).length).toBeLessThanOrEqual(LIMIT)
}

describe('ADF', () => {
  test('of every kind of block is this document', () => {
    const document = rich(V3, CARD)
    expect(document).toEqual({
      version: 1,
      type: 'doc',
      content: [
        {
          type: 'paragraph',
          content: [{ type: 'text', text: 'Stop double charging', marks: [{ type: 'strong' }] }],
        },
        {
          type: 'paragraph',
          content: [
            { type: 'status', attrs: { text: 'blocked', color: 'red' } },
            { type: 'text', text: ' ████░░░░░░ 35 %' },
          ],
        },
        {
          type: 'paragraph',
          content: [
            { type: 'text', text: 'Goal: ', marks: [{ type: 'strong' }] },
            { type: 'text', text: 'One charge' },
            { type: 'hardBreak' },
            { type: 'text', text: 'per invoice' },
          ],
        },
        {
          type: 'paragraph',
          content: [{ type: 'text', text: 'Next:', marks: [{ type: 'strong' }] }],
        },
        {
          type: 'bulletList',
          content: [
            {
              type: 'listItem',
              content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Lock per invoice' }] }],
            },
            {
              type: 'listItem',
              content: [
                {
                  type: 'paragraph',
                  content: [
                    { type: 'text', text: 'Test' },
                    { type: 'hardBreak' },
                    { type: 'text', text: 'it' },
                  ],
                },
              ],
            },
          ],
        },
        {
          type: 'codeBlock',
          attrs: { language: 'json' },
          content: [{ type: 'text', text: '{"a":1}' }],
        },
      ],
    })
    assertAdf(document)
  })

  test.each(['', '\n', ' ', '\n\n', '\u0000', '\u0007'])('of the empty text %j is valid', text => {
    assertAdf(rich(V3, text))
    assertAdf(
      rich(
        V3,
        CARD.map(block => (block.kind === 'list' ? { ...block, items: [text] } : { ...block, text })),
      ),
    )
    assertAdf(rich(V3, [{ kind: 'list', label: 'None', items: [] }]))
  })

  test.each(Object.entries(HOSTILE_TEXT))('holds %s as text, within its size', (_, text) => {
    const document = rich(V3, [
      { kind: 'line', label: 'Goal', text },
      { kind: 'list', label: 'Next', items: [text, text] },
      { kind: 'code', text },
    ])
    assertAdf(document)
    const types = new Set([...JSON.stringify(document).matchAll(/"type":"(\w+)"/g)].map(([, type]) => type))
    const ours = ['doc', 'paragraph', 'text', 'strong', 'hardBreak', 'bulletList', 'listItem', 'codeBlock']
    // Node types inside a text are escaped by JSON, so that what matches is a node.
    expect([...types].filter(type => !ours.includes(type ?? ''))).toEqual([])
  })

  test('is valid and fits for any text', () =>
    fc.assert(
      fc.property(anyBlocks, blocks => assertAdf(rich(V3, blocks))),
      { numRuns: runsOf(400) },
    ))

  test('shows any short text as it was, cleaned', () =>
    fc.assert(
      fc.property(anyText, text => {
        expect(textOf(rich(V3, text))).toBe(cleanText(text))
      }),
      { numRuns: runsOf(400) },
    ))

  test('fits for texts that grow: control characters, quotes, line ends, many items', () => {
    for (const text of [
      '"'.repeat(40_000),
      '\\\n'.repeat(40_000),
      '\t'.repeat(40_000),
      '😀'.repeat(20_000),
    ]) {
      const blocks: readonly Block[] = [
        { kind: 'line', label: 'Goal', text },
        { kind: 'list', label: 'Many', items: Array.from({ length: 500 }, () => text.slice(0, 2_000)) },
      ]
      assertAdf(rich(V3, blocks))
      expect((rich(SERVER, blocks) as string).length).toBeLessThanOrEqual(LIMIT)
    }
  })

  test('says what it left out', () => {
    const items = Array.from({ length: 130 }, (_, place) => `item ${place}`)
    expect(textOf(rich(V3, [{ kind: 'list', label: 'Many', items }]))).toContain('item 99\n(30 more)')
    expect(textOf(rich(V3, 'x'.repeat(40_000)))).toMatch(/^x{20000,}…$/)
  })

  test('of the checker refuses what the schema refuses', () => {
    const doc = (...content: Json[]): Json => ({ version: 1, type: 'doc', content })
    const wrong: readonly Json[] = [
      doc({ type: 'paragraph', content: [{ type: 'text', text: '' }] }),
      doc({ type: 'text', text: 'bare' }),
      doc({ type: 'bulletList', content: [] }),
      doc({ type: 'bulletList', content: [{ type: 'listItem', content: [{ type: 'text', text: 'bare' }] }] }),
      doc({
        type: 'paragraph',
        content: [{ type: 'text', text: 'x', marks: [{ type: 'code' }, { type: 'strong' }] }],
      }),
      doc({ type: 'paragraph', content: [{ type: 'status', attrs: { text: '', color: 'red' } }] }),
      doc({ type: 'paragraph', content: [{ type: 'status', attrs: { text: 'x', color: 'pink' } }] }),
      doc({ type: 'codeBlock', content: [{ type: 'text', text: 'x', marks: [{ type: 'strong' }] }] }),
      doc({ type: 'heading', attrs: { level: 7 }, content: [] }),
      doc({ type: 'heading', content: [] }),
      doc({ type: 'unheardOf' }),
      doc({ type: 'paragraph', strange: true }),
      doc({ type: 'taskList', content: [] }),
      { version: 1, type: 'doc' },
      { version: '1', type: 'doc', content: [] },
      { version: 1, type: 'doc', content: [], strange: 1 },
      'text',
    ]
    for (const each of wrong)
      expect([validate(each), isDocument(each)], JSON.stringify(each)).toEqual([false, false])
  })
})
