import type { Descriptor, Json } from '@sessionwire/core/adapter'
import { type RenderOptions, render } from '@sessionwire/core/render'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCharacter } from '../../../../test/any-text.ts'
import { runsOf } from '../../../../test/sample.ts'
import { measureGrowth } from '../../../core/src/testing/adapter-growth.ts'
import { cypherRenderer } from '../src/cypher.ts'

const character = fc.oneof(anyCharacter, fc.constantFrom('"', "'", '`', '\\', '\n', 'u'))
const statement = {
  database: 'graph',
  statement: 'MERGE (s:Session {id: $id})\nSET s.progress = $progress\nRETURN s.id AS id // done',
  parameters: {
    id: 's1',
    progress: 35,
    goal: 'say "hi"\nthen \\u0022 leave',
    ratio: 1.5e300,
    many: 1e20,
    absent: null,
    rows: [{ name: 'a', 'odd `key`': true, of: { $ref: 'project' } }],
  },
}
const merge: Descriptor = {
  key: 'e4/graph/0',
  action: 'mergeSession',
  kind: 'custom',
  target: 'bolt',
  endpoint: 'bolt://localhost:7687',
  auth: { basic: ['GRAPH_USER', 'GRAPH_PASSWORD'] },
  payload: statement,
  repeat: 'safe',
}
const show = (descriptor: Descriptor, options: RenderOptions = {}) =>
  render(descriptor, 'cypher', { ...options, renderers: { bolt: cypherRenderer } })

describe('cypher', () => {
  it('sets parameters, then runs the statement as it is', () => {
    expect(show(merge)).toBe(`// action: mergeSession
// key: e4/graph/0
// sent to: Cypher at bolt://localhost:7687, database graph
// without an answer: sent again as it stands, which is harmless (upsert)
// fill in: <project>: from the answer to an earlier request of the session, or a ref that start was given
// secrets: GRAPH_USER, GRAPH_PASSWORD
:use graph
:param id => "s1"
:param progress => 35
:param goal => "say \\"hi\\"\\nthen \\\\" + "u0022 leave"
:param ratio => 1.5e300
:param many => 1e20
:param absent => null
:param rows => [{name: "a", \`odd \`\`key\`\`\`: true, of: "<project>"}]
MERGE (s:Session {id: $id})
SET s.progress = $progress
RETURN s.id AS id // done
;
`)
  })

  it('looks for a comment at the end of a statement once, however many slashes it has', () => {
    const write = (slashes: number) => () => {
      const text = `RETURN 1 ${'/'.repeat(slashes)}\nRETURN 2`
      const descriptor = { ...merge, payload: { ...statement, parameters: {}, statement: text } }
      expect(show(descriptor, { comments: false })).toBe(`:use graph\n${text};\n`)
    }
    expect(measureGrowth(write(20_000), write(40_000))).toBeLessThan(2.5)
  })

  it('keeps every value on its line, whatever it holds, on servers that read \\u escapes anywhere too', () => {
    const wild = fc.jsonValue({ maxDepth: 3, stringUnit: character }).map(value => value as Json)
    const nasty = fc.constantFrom<Json>(
      '\\u0022',
      '\\\\u000a',
      '\n:param x => 1',
      '"; MATCH (n) DETACH DELETE n; //',
      '\r\n',
      '\u2028',
      "'",
    )
    fc.assert(
      fc.property(fc.oneof(wild, nasty), value => {
        const text = show(
          { ...merge, payload: { ...statement, statement: 'RETURN $v', parameters: { v: value } } },
          {
            comments: false,
          },
        )
        const [use, parameter, run, end, ...more] = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)
        expect([use, run, end, more]).toEqual([':use graph', 'RETURN $v;', '', []])
        expect(parameter).toMatch(/^(:param v => |\/\/ set the parameter "v" yourself)/)
        // Only the escapes we wrote ourselves, and none that makes a quote or a line end.
        for (const [, code = ''] of parameter?.matchAll(/\\u(....)/g) ?? [])
          expect(['0022', '0027', '005c', '0060', '000a', '000d']).not.toContain(code)
      }),
      { numRuns: runsOf(500) },
    )
  })

  it('reads back as it was: its strings are JSON strings, put together', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: character }), fc.stringMatching(/^[\\u"'0-9]*$/)), value => {
        const text = show(
          { ...merge, payload: { ...statement, statement: 'RETURN 1', parameters: { v: value } } },
          {
            comments: false,
          },
        )
        const [, expression = ''] = /^:param v => (.*)$/m.exec(text) ?? []
        const parts = expression.match(/"(\\.|[^"\\])*"/g) ?? []
        expect(parts.join(' + ')).toBe(expression)
        expect(parts.map(part => JSON.parse(part) as string).join('')).toBe(value)
      }),
    )
  })

  it('does not write a name that no quoting makes safe', () => {
    const text = show(
      {
        ...merge,
        payload: { ...statement, parameters: { '\\u0060': 1, 'a\nb': 2, ok: { 'x\n:param y => 1': 3 } } },
      },
      { comments: false },
    )
    expect(text.split('\n').slice(1, 4)).toEqual([
      '// set the parameter "\\\\ u0060" yourself: it has a name that cannot be written here',
      '// set the parameter "a\\nb" yourself: it has a name that cannot be written here',
      '// set the parameter "ok" yourself: it has a name that cannot be written here',
    ])
  })

  it('keeps a key on its line, on servers that read \\u escapes in comments too', () => {
    expect(show({ ...merge, key: 'k \\u000a:param id => 1' })).toContain('// key: k \\ u000a:param id => 1\n')
  })
})
