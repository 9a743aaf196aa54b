import { describe, expect, it } from 'vitest'
import { findWords } from '../../scripts/words/findings.ts'
import { isParticipleName } from '../../scripts/words/rules.ts'

const brief = (path: string, text: string) =>
  findWords(path, text).map(({ line, rule, text }) => [line, rule, text])

describe('source files', () => {
  it('reads comments, with the line of the word', () => {
    expect(
      brief(
        'a.ts',
        '/**\n * The worker waits.\n * Nobody holds it.\n */\nexport const a = 1 // planned anew\n',
      ),
    ).toEqual([[3, 'somebody', 'The worker waits. Nobody holds it.']])
  })

  it('reads trailing comments of a statement', () => {
    expect(brief('a.ts', 'const a = 1\n// planned anew\nconst b = 2\n')).toEqual([
      [2, 'anew', 'planned anew'],
    ])
  })

  it('reads messages, with placeholders, and no keys', () => {
    expect(
      brief('a.ts', "const a = { told: 'told' }\nconst b = `the $" + '{a} rests for a while`\n'),
    ).toEqual([[2, 'rests', 'the … rests for a while']])
  })

  it('leaves code inside a comment alone', () => {
    expect(brief('a.ts', '// The option `told` is read once.\nconst a = 1\n')).toEqual([])
  })

  it('finds functions named by a participle, however they are declared', () => {
    const text = [
      'export function shown() {}',
      'const told = () => 1',
      'interface A { kept: () => void; held(): void; refused: number }',
      'const checked = true',
      'const need = () => 1',
      'const isHeld = () => true',
    ].join('\n')
    expect(brief('a.ts', text)).toEqual([
      [1, 'participle as a function name', 'shown'],
      [2, 'participle as a function name', 'told'],
      [3, 'participle as a function name', 'kept'],
      [3, 'participle as a function name', 'held'],
    ])
  })

  it('finds sentences that begin without a subject', () => {
    expect(
      brief('a.ts', '/** What is held stays. */\nconst a = 1\n/** What is held? It stays. */\nconst b = 1\n'),
    ).toEqual([[1, 'clause without a noun', 'What is held stays.']])
  })
})

describe('documents', () => {
  it('reads prose, and neither fences nor code spans', () => {
    const text =
      'A hole stays.\n\n```ts\n// a hole\n```\n\nThe `hole` of old.\n\nThere is no queue. It is no queue.\n'
    expect(brief('a.md', text)).toEqual([
      [1, 'hole', 'A hole stays. The of old'],
      [9, 'is no', 'f old. There is no queue. It is no queue.'],
    ])
  })
})

it.each([
  ['told', true],
  ['shownAs', true],
  ['checkedInput', true],
  ['need', false],
  ['feedBack', false],
  ['isHeld', false],
  ['tell', false],
  ['showTold', false],
])('%s: %s', (name, expected) => {
  expect(isParticipleName(name)).toBe(expected)
})
