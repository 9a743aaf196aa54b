import { HOSTILE_TEXT } from '@sessionwire/core/testing'
import fc from 'fast-check'
import { anyCharacter } from '../../../../test/any-text.ts'
import type { Block } from '../src/text.ts'

export const LIMIT = 32_767
export const V3 = { apiVersion: 3, deployment: 'cloud', maxLength: LIMIT } as const
export const V2 = { apiVersion: 2, deployment: 'cloud', maxLength: LIMIT } as const
export const SERVER = { apiVersion: 2, deployment: 'datacenter', maxLength: LIMIT } as const

export const anyText = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'*_-+^~{}[]|!?#\\&;:()hbq.1 \nxX@%/'.split('')), maxLength: 60 }),
  fc.constantFrom(...Object.values(HOSTILE_TEXT).filter(text => text.length < 10_000)),
)
const anyBlock: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('heading' as const), text: anyText }),
  fc.record({
    kind: fc.constant('standing' as const),
    standing: fc.constantFrom('in progress', 'blocked', 'completed', 'anything'),
    text: anyText,
  }),
  fc.record({ kind: fc.constant('line' as const), label: anyText, text: anyText }),
  fc.record({ kind: fc.constant('line' as const), text: anyText }),
  fc.record({
    kind: fc.constant('list' as const),
    label: anyText,
    items: fc.array(anyText, { maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('code' as const), language: fc.constant('json'), text: anyText }),
)
export const anyBlocks = fc.array(anyBlock, { minLength: 1, maxLength: 8 })

export const CARD: readonly Block[] = [
  { kind: 'heading', text: 'Stop double charging' },
  { kind: 'standing', standing: 'blocked', text: '████░░░░░░ 35 %' },
  { kind: 'line', label: 'Goal', text: 'One charge\nper invoice' },
  { kind: 'list', label: 'Next', items: ['Lock per invoice', 'Test\nit'] },
  { kind: 'code', language: 'json', text: '{"a":1}' },
]
