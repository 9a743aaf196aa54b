import fc from 'fast-check'
import matter from 'gray-matter'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runsOf } from '../../../../test/sample.ts'
import { applyPatch, type Patch, propertyLine, toBinary } from '../src/patch.ts'

const fromBinary = (binary: string) => Buffer.from(binary, 'latin1').toString('utf8')
const patched = (text: string, patch: Patch) => fromBinary(applyPatch(toBinary(text), patch) ?? '')
const frontMatter = (text: string) => /^---\r?\n([\s\S]*?\r?\n)---/.exec(text)?.[1] ?? ''

const entry = { heading: 'Log', line: '- 10:32 **Decision** Lock per invoice ^sw-1', mark: '^sw-1' }

describe('properties', () => {
  const note = [
    '---',
    '# a comment of a person',
    'aliases: [Locks]',
    'session_progress: 20',
    'tags:',
    '  - mine',
    '  - "2026"',
    "title: 'It''s: ours'",
    'session_status: in progress',
    '---',
    'Text',
  ].join('\n')

  test('change ours alone, and leave every other byte as it is', () => {
    expect(
      patched(note, {
        properties: { session_progress: 35, session_status: 'blocked', session_user: 'ada: #1' },
      }),
    ).toBe(
      note
        .replace('session_progress: 20', 'session_progress: 35')
        .replace('session_status: in progress\n', 'session_status: "blocked"\nsession_user: "ada: #1"\n'),
    )
  })

  test('replace a list that the app wrote over several lines', () => {
    const given = '---\nsession_tags:\n- a\n- b\n  c\nother: 1\n---\n'
    expect(patched(given, { properties: { session_tags: ['x', 'y'] } })).toBe(
      '---\nsession_tags: ["x", "y"]\nother: 1\n---\n',
    )
  })

  test('add no front matter to a note that has none, or one that is not closed', () => {
    for (const text of ['Text\n---\n', '---\nnever: closed\n', '\ufeff---\na: 1\n---\n', ' ---\na: 1\n---\n'])
      expect(patched(text, { properties: { session: 'x' } })).toBe(text)
  })

  test('are read by two YAML parsers as they were written, whatever is in them', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter(text => text.isWellFormed()),
        fc.integer(),
        fc.array(fc.string({ unit: 'grapheme' }).filter(text => text.isWellFormed())),
        (text, number, list) => {
          const made = patched('---\nkept: [1, two]\n---\nBody', { properties: { text, number, list } })
          const expected = { kept: [1, 'two'], text, number, list }
          expect(parse(frontMatter(made))).toEqual(expected)
          expect(matter(made).data).toEqual(expected)
          expect(matter(made).content.trim()).toBe('Body')
        },
      ),
    )
  })

  test('quotes what would be something else than a text', () => {
    for (const text of [
      'yes',
      'null',
      '2026-01-02',
      '12',
      '1e3',
      '- a',
      '@x',
      '%',
      ': ',
      ' #',
      '~',
      '0x1f',
      '010',
      '.inf',
    ])
      expect(parse(propertyLine('a', text))).toEqual({ a: text })
  })
})

describe('a block', () => {
  const block = { open: '<!-- begin -->', close: '<!-- end -->', text: 'new' }
  test('is replaced between its lines, and nothing around it', () => {
    expect(patched('above\n<!-- begin -->\nold\n<!-- end -->\nbelow', { block })).toBe(
      'above\n<!-- begin -->\nnew\n<!-- end -->\nbelow',
    )
    expect(patched('a\r\n<!-- begin -->\r\nold\r\n<!-- end -->\r\nb', { block })).toBe(
      'a\r\n<!-- begin -->\r\nnew\r\n<!-- end -->\r\nb',
    )
  })
  test('begins at the last beginning before its end: text between two beginnings is of people', () => {
    const text = (put: string) =>
      `<!-- begin -->\nold\nmine\n\n# own\n<!-- begin -->\n${put}\n<!-- end -->\nbelow\n<!-- end -->`
    expect(patched(text('old'), { block })).toBe(text('new'))
    expect(patched(text('new'), { block })).toBe(text('new'))
    expect(patched(`<!-- end -->\n${text('old')}`, { block })).toBe(`<!-- end -->\n${text('new')}`)
  })
  test('stays removed where people removed one of its lines, or moved it into a text', () => {
    for (const text of [
      '<!-- begin -->\nold',
      'old\n<!-- end -->',
      'x <!-- begin -->\n<!-- end -->',
      '<!-- end -->\n<!-- begin -->',
    ])
      expect(patched(text, { block })).toBe(text)
  })
})

describe('a block of code', () => {
  const block = { open: '<!-- begin -->', close: '<!-- end -->', text: 'new' }
  const shown = (put: string, fence: string) =>
    `How it looks:\n${fence}md\n<!-- begin -->\n${put}\n<!-- end -->\n${fence}\n`
  test.for(['```', '~~~', '````', '  ```'])('shows marks and headings, and %s has none of ours', fence => {
    const own = (put: string) => `<!-- begin -->\n${put}\n<!-- end -->\n`
    expect(patched(shown('shown', fence), { block })).toBe(shown('shown', fence))
    expect(patched(`${shown('shown', fence)}${own('old')}`, { block })).toBe(
      `${shown('shown', fence)}${own('new')}`,
    )
    expect(patched(`${own('old')}${shown('shown', fence)}`, { block })).toBe(
      `${own('new')}${shown('shown', fence)}`,
    )
    // The end of ours is gone: the one that is shown does not take its place.
    const torn = `<!-- begin -->\nmine\n${shown('shown', fence)}`
    expect(patched(torn, { block })).toBe(torn)
    const log = `${fence}\n## Log\n\n- a\n${fence}\n`
    expect(patched(log, { entry })).toBe(`${log}\n## Log\n\n${entry.line}\n`)
  })
  test('holds a shorter fence, and one with words behind it; without an end it is none', () => {
    const longer = '````\n```\n<!-- begin -->\n<!-- end -->\n```\n````\n'
    expect(patched(longer, { block })).toBe(longer)
    const worded = '```\n``` js\n<!-- begin -->\n<!-- end -->\n```\n'
    expect(patched(worded, { block })).toBe(worded)
    const open = (put: string) => `\`\`\`\nforgotten\n<!-- begin -->\n${put}\n<!-- end -->\n`
    expect(patched(open('old'), { block })).toBe(open('new'))
    const inline = (put: string) => `\`\`\`x\`\`\`\n<!-- begin -->\n${put}\n<!-- end -->\n`
    expect(patched(inline('old'), { block })).toBe(inline('new'))
  })
})

describe('front matter', () => {
  test('has no block and no heading: a comment of YAML looks like one', () => {
    const head = '---\n## Log\n<!-- begin -->\n<!-- end -->\na: 1\n---\n'
    const block = { open: '<!-- begin -->', close: '<!-- end -->', text: 'new' }
    expect(patched(head, { block, entry })).toBe(`${head}\n## Log\n\n${entry.line}\n`)
    expect(patched('---\n<!-- begin -->\n---\n<!-- end -->\n', { block })).toBe(
      '---\n<!-- begin -->\n---\n<!-- end -->\n',
    )
  })
})

describe('a property that an app wrote over several lines', () => {
  const note = (middle: string) => `---\nkept: 1\n${middle}\nmine: x\n---\nBody`
  test.for([
    'a:\n  - one\n  - two',
    'a:\n- one\n\n- two',
    'a: [one,\n  two]',
    'a: [\n"one",\n"two"\n]',
    'a: {\n one: ["]", 1],\n}',
    'a: "one\n  two: [\n\n  three"',
    "a: 'it''s\n\n  two'",
    'a: >-\n  one\n\n  two',
    'a: |\n  one\n\n\n  two: 3\n',
    'a: ["it\'s", it\'s]',
  ])('is replaced whole: %j', middle => {
    const made = patched(note(middle), { properties: { a: 'new' } })
    // A blank line behind a value is of nobody, and stays.
    expect(made.replace('\n\nmine', '\nmine')).toBe(note('a: "new"'))
  })
  test.for([
    ['a:\n# why\n- one\n  # and\n- two', '# why\n# and'],
    ['a: # all\n  - one # first\n  - "two # no" # second', '# all\n# first\n# second'],
    ['a: [one, # first\n  # between\n  "two # no"]', '# first\n# between'],
    ['a:\n- |\n  # a text\n- two', ''],
    ['a: |\n  # a text', ''],
    ['a: "one\n  # a text"', ''],
  ])('keeps the comments of people in it, and takes no text for one: %j', ([middle = '', comments = '']) => {
    const made = patched(note(middle), { properties: { a: 'new' } })
    expect(made).toBe(note(comments === '' ? 'a: "new"' : `a: "new"\n${comments}`))
    expect(patched(made, { properties: { a: 'new' } })).toBe(made)
  })
  test.for(['a: [one', 'a: "one', "a: it's [", 'a: one: [two'])(
    'one line where it never ends: %j',
    middle => {
      expect(patched(note(middle), { properties: { a: 'new' } })).toBe(note('a: "new"'))
    },
  )
})

describe('front matter of another form', () => {
  const set = (head: string, properties: Readonly<Record<string, string>> = { session: 'new' }) =>
    patched(`---\n${head}\n---\nBody`, { properties }).slice(4, -9)
  test.for(['{session: old, mine: 1}', '? session\n: old', '# mine\n{session: old}'])(
    'stays as it is: %j',
    head => {
      expect(set(head)).toBe(head)
    },
  )
  test('keeps a value that has a name, as others may be made of it', () => {
    expect(set('session: &s "old"\nmine: *s')).toBe('session: &s "old"\nmine: *s')
  })
  test('keeps the comment behind a value in one line', () => {
    expect(set('session: active # ask Mia')).toBe('session: "new" # ask Mia')
    expect(set('session: "a # b"  # why')).toBe('session: "new" # why')
    expect(set('session: "a # b"')).toBe('session: "new"')
    expect(set("session: it's # here")).toBe('session: "new" # here')
    expect(set('session: [a, "# b"] # c')).toBe('session: "new" # c')
  })
  test('is replaced whole where a comment in a list holds a bracket or a quote', () => {
    for (const comment of ['# one ]', "# it's"])
      expect(set(`session: [\n  a, ${comment}\n  b\n]\nmine: 1`)).toBe(`session: "new"\n${comment}\nmine: 1`)
  })
  test('has comments between items with line ends of Windows too', () => {
    const head = 'session:\r\n# mine\r\n- a\r\n# between\r\n- b\r'
    const made = patched(`---\r\n${head}\nmine: 1\r\n---\r\nBody`, { properties: { session: 'new' } })
    expect(made).toBe('---\r\nsession: "new"\r\n# mine\r\n# between\r\nmine: 1\r\n---\r\nBody')
  })
})

describe('an entry', () => {
  test('is added where only a link or a quotation names its mark', () => {
    const text = `see [[note#${entry.mark}]] and "${entry.mark}" there\n\n## Log\n\n- a\n`
    expect(patched(text, { entry })).toBe(`${text}${entry.line}\n`)
  })
  test('is the last line of its section, once', () => {
    const once = patched('# T\n\n## Log\n\n- first\n\n## Mine\n\nwords', { entry })
    expect(once).toBe(`# T\n\n## Log\n\n- first\n${entry.line}\n\n## Mine\n\nwords`)
    expect(patched(once, { entry })).toBe(once)
  })
  test('makes the heading where it is missing, and appends to the end', () => {
    expect(patched('text', { entry })).toBe(`text\n\n## Log\n\n${entry.line}\n`)
    expect(patched('', { entry })).toBe(`## Log\n\n${entry.line}\n`)
    expect(patched('## Log\n', { entry })).toBe(`## Log\n\n${entry.line}\n`)
    expect(patched('## Log\n\n- a', { entry })).toBe(`## Log\n\n- a\n${entry.line}\n`)
    expect(patched('## Log\r\n\r\n- a\r\n', { entry })).toBe(`## Log\r\n\r\n- a\r\n${entry.line}\r\n`)
  })
  test('goes behind the whole of the last line, also where its last byte looks like a blank', () => {
    for (const last of ['- voilà', '- break  ', '- Š\t', '- \u00a0'])
      expect(patched(`## Log\n\n${last}\n\n## Mine\n`, { entry })).toBe(
        `## Log\n\n${last}\n${entry.line}\n\n## Mine\n`,
      )
  })
  test('takes a heading in a block of code for no heading', () => {
    const text = '## Log\n\n```\n# no heading\n```\n- a\n'
    expect(patched(text, { entry })).toBe(`${text}${entry.line}\n`)
  })
  test('completes a line whose writing was cut off at any byte, and never doubles it', () => {
    const before = '## Log\n\n- first\n'
    const after = patched(before, { entry })
    for (let cut = before.length; cut <= after.length; cut++) {
      const made = patched(after.slice(0, cut), { entry })
      expect(made.split('^sw-1')).toHaveLength(2)
      expect(made.startsWith(before)).toBe(true)
      expect(patched(made, { entry })).toBe(made)
      // Without its line end it is whole: the mark is there.
      if (cut >= before.length + 12) expect(made.trimEnd()).toBe(after.trimEnd())
    }
  })
})

/** A text of the same length in which front matter and blocks of code are blank. */
const withoutCode = (text: string): string => {
  const [head = ''] =
    /^---[ \t]*\r?\n(?:[\s\S]*?\n)??(?:---|\.\.\.)[ \t]*\r?(?=\n|$(?![\s\S]))/.exec(text) ?? []
  return head.replace(/[^\n]/g, 'x') + withoutFences(text.slice(head.length))
}
const withoutFences = (text: string): string =>
  text.replace(
    /^ {0,3}(`{3,})[^`\n]*\n(?:[\s\S]*?\n)?? {0,3}\1`*[ \t]*\r?$|^ {0,3}(~{3,}).*\n(?:[\s\S]*?\n)?? {0,3}\2~*[ \t]*\r?$/gm,
    code => code.replace(/[^\n]/g, 'x'),
  )

test('no byte of a person is lost or changed by any change of any note', () => {
  const lineOf = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '## Log',
      '# T',
      '---',
      '<!-- begin -->',
      '<!-- end -->',
      '```',
      '',
      'session: 1',
      '- x ^sw-1',
      '- 10:32 **Deci',
    ),
  )
  fc.assert(
    fc.property(
      fc.array(lineOf, { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      fc.uint8Array({ maxLength: 20 }),
      (lines, eol, odd) => {
        const text = toBinary(lines.join(eol)) + Buffer.from(odd).toString('latin1')
        const patch: Patch = {
          properties: { session: 'a' },
          block: { open: '<!-- begin -->', close: '<!-- end -->', text: 'new' },
          entry,
        }
        const made = applyPatch(text, patch) ?? ''
        // Everything outside of our property, our block and our line is there, in its order.
        const seen = withoutCode(text)
        const begin = /^<!-- begin -->[ \t]*\r?$/m.exec(seen)
        const end = begin === null ? null : /^<!-- end -->[ \t]*\r?$/m.exec(seen.slice(begin.index))
        const kept =
          begin === null || end === null
            ? [text]
            : [
                text.slice(0, begin.index),
                text.slice(begin.index + end.index + end[0].replace(/\r$/, '').length),
              ]
        const words = kept
          .flatMap(part => part.split(/\r?\n/))
          .filter(line => !/^["']?session["']?[ \t]*:/.test(line) && line.trim() !== '')
        let from = 0
        for (const word of words) {
          const at = made.indexOf(word, from)
          expect(at, JSON.stringify({ text, made, word })).toBeGreaterThanOrEqual(0)
          from = at + word.length
        }
        expect(applyPatch(made, patch)).toBe(made)
      },
    ),
    { numRuns: runsOf(500) },
  )
})
