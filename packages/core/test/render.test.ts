import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../src/descriptor/descriptor.ts'
import { type RenderFormat, render } from '../src/render.ts'
import type { Json } from '../src/session/schema.ts'
import { anyCharacter } from './any-text.ts'

const entry: Descriptor = {
  key: 'e1/chat/0',
  action: 'postEntry',
  kind: 'http',
  method: 'POST',
  endpoint: 'https://chat.example.com/rooms/{room}/posts',
  auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'CHAT_TOKEN' },
  query: { trace: 'a b&c', thread: { $ref: 'thread' }, none: null },
  headers: { 'X-Empty': '' },
  payload: {
    text: 'it\'s "10 %" of $HOME',
    thread: { $ref: 'thread' },
    since: { $attempt: 'firstAt', as: 'milliseconds', backMs: 5000 },
    tags: { $ref: 'tags', with: ['ours'] },
    list: [1, null, {}],
  },
  before: [
    {
      call: { kind: 'http', method: 'GET', endpoint: 'https://chat.example.com/rooms' },
      list: '/rooms',
      where: { pointer: '/name', equals: 'ops' },
      captures: { room: '/id' },
    },
  ],
  captures: { post: '/id' },
  repeat: {
    by: 'mark',
    call: { kind: 'http', method: 'GET', endpoint: 'https://chat.example.com/search' },
    list: '/posts',
    where: { pointer: '/text', contains: 'e1/chat/0' },
    captures: { post: '/id' },
  },
  asterisk: 'the search may lag',
}
const form: Descriptor = {
  key: 'e1/hook/0',
  action: 'notify',
  kind: 'http',
  method: 'POST',
  endpoint: { $secret: 'WEBHOOK_URL' },
  encoding: 'form',
  payload: { text: 'a=b & c', blocks: [{ a: 1 }], to: { $ref: 'who' }, none: null },
  repeat: 'unsafe',
}
const card: Descriptor = {
  key: 'e2/board/1',
  action: 'editCard',
  kind: 'http',
  method: 'PATCH',
  endpoint: 'https://board.example.com/cards?for=me',
  auth: { basic: ['BOARD_EMAIL', 'BOARD_TOKEN'] },
  query: { notify: false },
  repeat: 'safe',
  coalesce: { name: 'card', everyMs: 5000 },
}
const operation: Descriptor = {
  key: 'e3/issues/0',
  action: 'createIssue',
  kind: 'http',
  method: 'POST',
  endpoint: 'https://issues.example.com/graphql',
  auth: { header: 'Authorization', secret: 'ISSUES_KEY' },
  payload: {
    query: 'mutation Create($input: Input!) {\n  create(input: $input) { id }\n}',
    variables: { input: { id: 'b1', title: 'Fix', parent: { $ref: 'parent' } } },
  },
  captures: { issue: '/data/create/id' },
  repeat: {
    by: 'id',
    call: {
      kind: 'http',
      method: 'POST',
      endpoint: 'https://issues.example.com/graphql',
      payload: { query: '{ a }' },
    },
    list: '/data/issues',
    where: { pointer: '/id', equals: 'b1' },
    captures: { issue: '/id' },
  },
}
const merge: Descriptor = {
  key: 'e4/graph/0',
  action: 'mergeSession',
  kind: 'cypher',
  uri: 'bolt://localhost:7687',
  database: 'graph',
  auth: { basic: ['GRAPH_USER', 'GRAPH_PASSWORD'] },
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
  repeat: 'safe',
}

describe('curl', () => {
  it('is a command with its comments', () => {
    expect(render(entry, 'curl')).toBe(`# action: postEntry
# key: e1/chat/0
# guarantee: reconcile*: looked up by our mark before it is repeated; GET https://chat.example.com/search; * the search may lag
# captures: post = /id
# before: room = /id of the item of /rooms whose /name is "ops"; GET https://chat.example.com/rooms
# fill in: $room: read just before, see there; percent-encoded in the address
# fill in: $thread: captured by an earlier call of the lane, or handed over at start
# fill in: $first_at_milliseconds_less_5000_ms: time of the first attempt less 5000 ms, epoch milliseconds
# fill in: $tags_joined: captured by an earlier call of the lane, or handed over at start, as JSON, joined with ["ours"]
# secrets: CHAT_TOKEN
curl -sSg -X POST "https://chat.example.com/rooms/$room/posts?trace=a%20b%26c&thread=$thread" \\
  -H "Authorization: Bearer $CHAT_TOKEN" \\
  -H 'accept: application/json' \\
  -H 'content-type: application/json' \\
  -H 'x-empty;' \\
  --data-raw '{
  "text": "it'\\''s \\"10 %\\" of $HOME",
  "thread": "'"$thread"'",
  "since": '"$first_at_milliseconds_less_5000_ms"',
  "tags": '"$tags_joined"',
  "list": [
    1,
    null,
    {}
  ]
}'
`)
  })

  it('writes forms field by field, addresses that are secrets, and basic credentials', () => {
    expect(render([form, card], 'curl', { comments: false })).toBe(`curl -sSg -X POST "$WEBHOOK_URL" \\
  -H 'accept: application/json' \\
  -H 'content-type: application/x-www-form-urlencoded' \\
  --data-urlencode 'text=a=b & c' \\
  --data-urlencode 'blocks=[{"a":1}]' \\
  --data-urlencode "to=$who"

curl -sSg -X PATCH 'https://board.example.com/cards?for=me&notify=false' \\
  -u "$BOARD_EMAIL:$BOARD_TOKEN" \\
  -H 'accept: application/json'
`)
  })

  it('says what stands in for a token that an adapter signs in for', () => {
    const text = render({ ...card, auth: { login: 'board' } }, 'curl')
    expect(text).toContain('# secrets: the token of board, which its adapter signs in for\n')
    expect(text).toContain('-H "Authorization: Bearer $BOARD_TOKEN"')
  })

  it('pipes a body that is longer than one argument may be', () => {
    const text = render({ ...card, payload: 'x'.repeat(50_000) }, 'curl', { comments: false })
    expect(text).toMatch(/^printf %s '"x{50000}"' \| curl -sSg -X PATCH /)
    expect(text).toMatch(/ \\\n {2}--data-binary @-\n$/)
  })

  it('gives every placeholder a variable of its own, and none that a shell keeps', () => {
    const names = ['PATH', 'path', 'IFS', 'a.b', 'a_b', 'a-b', 'status']
    const text = render({ ...card, payload: names.map(name => ({ $ref: name })) }, 'curl', {
      comments: false,
    })
    expect([...text.matchAll(/"\$(\w+)"/g)].map(([, name]) => name)).toEqual([
      'hole_PATH',
      'hole_path',
      'hole_IFS',
      'a_b',
      'a_b_',
      'a_b__',
      'hole_status',
    ])
  })
})

describe('http', () => {
  it('is a file for REST clients', () => {
    expect(render([entry, form, card], 'http', { comments: false })).toBe(`### postEntry
POST https://chat.example.com/rooms/{{room}}/posts?trace=a%20b%26c&thread={{thread}}
Authorization: Bearer {{CHAT_TOKEN}}
accept: application/json
content-type: application/json
x-empty: 

{
  "text": "it's \\"10 %\\" of $HOME",
  "thread": "{{thread}}",
  "since": {{first_at_milliseconds_less_5000_ms}},
  "tags": {{tags_joined}},
  "list": [
    1,
    null,
    {}
  ]
}

### notify
POST {{WEBHOOK_URL}}
accept: application/json
content-type: application/x-www-form-urlencoded

text=a%3Db%20%26%20c&blocks=%5B%7B%22a%22%3A1%7D%5D&to={{who}}

### editCard
PATCH https://board.example.com/cards?for=me&notify=false
Authorization: Basic {{BOARD_EMAIL}} {{BOARD_TOKEN}}
accept: application/json
`)
  })

  it('lets no text be filled with a secret', () => {
    const payload = { text: 'my key is {{CHAT_TOKEN}}, {{{x}}} and {{$dotenv A}}' }
    for (const encoding of ['json', 'form'] as const) {
      const text = render({ ...form, payload, query: payload, encoding }, 'http', { comments: false })
      expect([...text.matchAll(/\{\{.*?\}\}/g)].map(([found]) => found)).toEqual(['{{WEBHOOK_URL}}'])
    }
    const body = render({ ...form, payload, encoding: 'json' }, 'http', { comments: false }).split('\n\n')[1]
    expect(JSON.parse(body ?? '')).toEqual(payload)
  })
})

describe('graphql', () => {
  it('is the document and its variables', () => {
    expect(render(operation, 'graphql')).toBe(`# action: createIssue
# key: e3/issues/0
# guarantee: native: looked up by its id before it is repeated; POST https://issues.example.com/graphql
# captures: issue = /data/create/id
# fill in: <parent>: captured by an earlier call of the lane, or handed over at start
# secrets: ISSUES_KEY
mutation Create($input: Input!) {
  create(input: $input) { id }
}

# variables
{
  "input": {
    "id": "b1",
    "title": "Fix",
    "parent": "<parent>"
  }
}
`)
  })
})

describe('cypher', () => {
  it('sets parameters, then runs the statement as it is', () => {
    expect(render(merge, 'cypher')).toBe(`// action: mergeSession
// key: e4/graph/0
// sent to: Cypher at bolt://localhost:7687, database graph
// guarantee: upsert: may be repeated as it stands
// fill in: <project>: captured by an earlier call of the lane, or handed over at start
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

  it('keeps every value on its line, whatever it holds, on servers that read \\u escapes anywhere too', () => {
    const wild = fc.jsonValue({ maxDepth: 3, stringUnit: anyCharacter }).map(value => value as Json)
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
        const text = render({ ...merge, statement: 'RETURN $v', parameters: { v: value } }, 'cypher', {
          comments: false,
        })
        const [use, parameter, statement, end, ...more] = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)
        expect([use, statement, end, more]).toEqual([':use graph', 'RETURN $v;', '', []])
        expect(parameter).toMatch(/^(:param v => |\/\/ set the parameter "v" yourself)/)
        // Only the escapes we wrote ourselves, and none that makes a quote or a line end.
        for (const [, code = ''] of parameter?.matchAll(/\\u(....)/g) ?? [])
          expect(['0022', '0027', '005c', '0060', '000a', '000d']).not.toContain(code)
      }),
      { numRuns: 500 },
    )
  })

  it('reads back as it was: its strings are JSON strings, put together', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter }), fc.stringMatching(/^[\\u"'0-9]*$/)), value => {
        const text = render({ ...merge, statement: 'RETURN 1', parameters: { v: value } }, 'cypher', {
          comments: false,
        })
        const [, expression = ''] = /^:param v => (.*)$/m.exec(text) ?? []
        const parts = expression.match(/"(\\.|[^"\\])*"/g) ?? []
        expect(parts.join(' + ')).toBe(expression)
        expect(parts.map(part => JSON.parse(part) as string).join('')).toBe(value)
      }),
    )
  })

  it('does not write a name that no quoting makes safe', () => {
    const text = render(
      { ...merge, parameters: { '\\u0060': 1, 'a\nb': 2, ok: { 'x\n:param y => 1': 3 } } },
      'cypher',
      { comments: false },
    )
    expect(text.split('\n').slice(1, 4)).toEqual([
      '// set the parameter "\\\\ u0060" yourself: it has a name that cannot be written here',
      '// set the parameter "a\\nb" yourself: it has a name that cannot be written here',
      '// set the parameter "ok" yourself: it has a name that cannot be written here',
    ])
  })
})

describe('render', () => {
  it('shows what a preview gives as it shows the descriptor', () => {
    for (const format of ['curl', 'http', 'graphql', 'cypher'] as const) {
      const previewed = [entry, form, card, operation, merge].map(each => ({ ...each, adapter: 'chat' }))
      expect(render(previewed, format)).toBe(render([entry, form, card, operation, merge], format))
    }
  })

  it('gives the empty text for nothing', () => {
    expect(render([], 'curl')).toBe('')
  })

  it.each<[RenderFormat, Descriptor, string]>([
    ['curl', merge, '# no curl call; as cypher:\n# :use graph\n'],
    ['http', merge, '# no http call; as cypher:\n# :use graph\n'],
    ['graphql', merge, '# no graphql call; as cypher:\n# :use graph\n'],
    [
      'graphql',
      card,
      "# no graphql call; as curl:\n# curl -sSg -X PATCH 'https://board.example.com/cards?for=me&notify=false' \\\n#   -u",
    ],
    [
      'cypher',
      operation,
      "// no cypher call; as curl:\n// curl -sSg -X POST 'https://issues.example.com/graphql' \\\n//   -H",
    ],
  ])('shows as %s what it cannot say in its own format, as a comment', (format, descriptor, part) => {
    const text = render(descriptor, format)
    expect(text).toContain(part)
    const marks = format === 'cypher' ? /^\/\/ / : /^#/
    expect(
      text
        .trimEnd()
        .split('\n')
        .filter(line => !marks.test(line)),
    ).toEqual([])
  })

  it('keeps comments on their lines, whatever a descriptor is called', () => {
    const evil = 'x\nrm -rf /\r\u2028\u0085`$(id)`'
    const wild: Descriptor = {
      ...card,
      key: evil,
      action: evil,
      coalesce: { name: evil },
      payload: { text: evil },
    }
    for (const format of ['curl', 'http', 'graphql', 'cypher'] as const) {
      const lines = render(wild, format).split(/[\n\r\u2028\u0085]/)
      expect(lines.filter(line => line.startsWith('rm'))).toEqual([])
    }
    const text = render({ ...merge, key: 'k \\u000a:param id => 1' }, 'cypher')
    expect(text).toContain('// key: k \\ u000a:param id => 1\n')
  })

  it('never shows more of a credential than its name', () => {
    for (const format of ['curl', 'http', 'graphql', 'cypher'] as const)
      expect(render([entry, form, card, operation, merge], format)).not.toMatch(/\$secret/)
  })

  // biome-ignore format: a table is read one line at a time
  const WRONG: readonly (readonly [string, () => unknown, string])[] = [
    ['a slip in the format', () => render(entry, 'crul' as RenderFormat), 'render.format: "crul" is not known: did you mean "curl"? There is curl, http, graphql, cypher.'],
    ['no format', () => render([], undefined as unknown as RenderFormat), 'render.format: "undefined" is not known: use curl, http, graphql, cypher.'],
    ['a promise', () => render(Promise.resolve([]) as unknown as Descriptor, 'curl'), 'render.descriptors: it is a promise: await it, as in render(await tracker.preview(id), format).'],
    ['nothing', () => render(undefined as unknown as Descriptor, 'curl'), 'render.descriptors: give a descriptor or a list of them, as tracker.preview gives it.'],
    ['nothing in a list', () => render([undefined] as unknown as Descriptor, 'curl'), 'render.descriptors: give a descriptor or a list of them, as tracker.preview gives it.'],
  ]
  it.each(WRONG)('says what to give instead of %s', (_, call, message) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', message }))
  })
})
