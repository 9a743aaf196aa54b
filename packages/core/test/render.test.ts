import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../src/descriptor/descriptor.ts'
import { type Renderer, type Renderers, type RenderFormat, render } from '../src/render.ts'

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
  kind: 'custom',
  target: 'bolt',
  endpoint: 'bolt://localhost:7687',
  auth: { basic: ['GRAPH_USER', 'GRAPH_PASSWORD'] },
  payload: { statement: 'MERGE', of: { $ref: 'project' } },
  repeat: 'safe',
}
const renderers: Renderers = {
  bolt: {
    format: 'cypher',
    write: ({ payload }) => `use ${JSON.stringify(payload)}`,
    comment: text => `// ${text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')}`,
  },
}

describe('curl', () => {
  it('is a command with its comments', () => {
    expect(render(entry, 'curl')).toBe(`# action: postEntry
# key: e1/chat/0
# without an answer: looked up by our mark before it is sent again* (reconcile); GET https://chat.example.com/search; * the search may lag
# keeps of the answer: post = /id
# before: room = /id of the item of /rooms whose /name is "ops"; GET https://chat.example.com/rooms
# fill in: $room: read just before, see there; percent-encoded in the address
# fill in: $thread: from the answer to an earlier request of the session, or a ref that start was given
# fill in: $first_at_milliseconds_less_5000_ms: time of the first attempt less 5000 ms, epoch milliseconds
# fill in: $tags_joined: from the answer to an earlier request of the session, or a ref that start was given, as JSON, joined with ["ours"]
# secrets: CHAT_TOKEN
curl -sSg -X POST "https://chat.example.com/rooms/\${room:?fill in}/posts?trace=a%20b%26c&thread=\${thread:?fill in}" \\
  -H "Authorization: Bearer $CHAT_TOKEN" \\
  -H 'accept: application/json' \\
  -H 'content-type: application/json' \\
  -H 'x-empty;' \\
  --data-raw '{
  "text": "it'\\''s \\"10 %\\" of $HOME",
  "thread": "'"\${thread:?fill in}"'",
  "since": '"\${first_at_milliseconds_less_5000_ms:?fill in}"',
  "tags": '"\${tags_joined:?fill in}"',
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
  --data-urlencode "to=\${who:?fill in}"

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
    expect([...text.matchAll(/"\$\{(\w+):\?fill in\}"/g)].map(([, name]) => name)).toEqual([
      'value_PATH',
      'value_path',
      'value_IFS',
      'a_b',
      'a_b_',
      'a_b__',
      'value_status',
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
  it('says what its reads ask, as all of them go to one address', () => {
    const query = 'query Team($key: String!) {\n  team(key: $key) { id }\n}'
    const call = {
      kind: 'http',
      method: 'POST',
      endpoint: 'https://issues.example.com/graphql',
      payload: { query, variables: { key: 'BIL' } },
    } as const
    const asked = { ...operation, before: [{ call, captures: { parent: '/data/team/id' } }] }
    const line = '# before asks: query Team($key: String!) { team(key: $key) { id } } with {"key":"BIL"}\n'
    for (const format of ['graphql', 'curl'] as const) expect(render(asked, format)).toContain(line)
    expect(render(asked, 'text')).not.toContain('team(key')
  })

  it('is the document and its variables', () => {
    expect(render(operation, 'graphql')).toBe(`# action: createIssue
# key: e3/issues/0
# without an answer: looked up by its id before it is sent again (native); POST https://issues.example.com/graphql
# keeps of the answer: issue = /data/create/id
# look-up asks: { a }
# fill in: <parent>: from the answer to an earlier request of the session, or a ref that start was given
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

describe('a custom call', () => {
  const shouting: Renderer = {
    format: 'shout',
    write: ({ payload }) => JSON.stringify(payload).toUpperCase(),
    comment: text => `-- ${text}`,
    about: ({ endpoint }) => `the shouter at ${endpoint}`,
  }

  it('is written by the renderer of its target, in the format that it names', () => {
    expect(render(merge, 'shout', { renderers: { bolt: shouting } })).toBe(`-- action: mergeSession
-- key: e4/graph/0
-- sent to: the shouter at bolt://localhost:7687
-- without an answer: sent again as it stands, which is harmless (upsert)
-- fill in: <project>: from the answer to an earlier request of the session, or a ref that start was given
-- secrets: GRAPH_USER, GRAPH_PASSWORD
{"STATEMENT":"MERGE","OF":{"$REF":"PROJECT"}}
`)
  })

  it('is JSON with its target where there is no renderer', () => {
    expect(render(merge, 'curl', { comments: false })).toBe(`{
  "target": "bolt",
  "endpoint": "bolt://localhost:7687",
  "payload": {
    "statement": "MERGE",
    "of": "<project>"
  }
}
`)
  })

  it('does not take a name of an object for a target', () => {
    expect(render({ ...merge, target: 'toString' }, 'http', { comments: false })).toContain(
      '"target": "toString"',
    )
  })
})

describe('text', () => {
  it('is one line for each request, with the words of its adapter where it has any', () => {
    const previewed = [entry, card, form, merge].map(each => ({ ...each, adapter: 'chat' }))
    expect(
      render(previewed, 'text', {
        describe: ({ action }) => (action === 'postEntry' ? 'post to ops' : undefined),
      }),
    ).toBe(
      `chat: post to ops
chat: edit card: PATCH board.example.com/cards?for=me
chat: notify: POST the address in WEBHOOK_URL
chat: merge session: bolt bolt://localhost:7687
`,
    )
  })

  it('stays on its line and steers no terminal, whatever a text holds, and is bounded', () => {
    const wild = 'a\nb\u001b]52;c;x\u0007\u202eevil\u2066\u009b2J'
    expect(render({ ...card, action: wild }, 'text', { describe: () => wild })).toBe('a b ]52;c;x evil 2J\n')
    expect(render(card, 'text', { describe: () => 'x'.repeat(70_000) })).toBe(`${'x'.repeat(299)}…\n`)
  })
})

describe('render', () => {
  it('shows what a preview gives as it shows the descriptor', () => {
    for (const format of ['curl', 'http', 'graphql', 'cypher'] as const) {
      const previewed = [entry, form, card, operation, merge].map(each => ({ ...each, adapter: 'chat' }))
      expect(render(previewed, format, { renderers })).toBe(
        render([entry, form, card, operation, merge], format, { renderers }),
      )
    }
  })

  it('gives the empty text for nothing', () => {
    expect(render([], 'curl')).toBe('')
  })

  it.each<[string, Descriptor, string]>([
    ['curl', merge, '# cannot be written as curl; as cypher:\n# use {'],
    ['http', merge, '# cannot be written as http; as cypher:\n# use {'],
    ['graphql', merge, '# cannot be written as graphql; as cypher:\n# use {'],
    [
      'graphql',
      card,
      "# cannot be written as graphql; as curl:\n# curl -sSg -X PATCH 'https://board.example.com/cards?for=me&notify=false' \\\n#   -u",
    ],
    [
      'cypher',
      operation,
      "// cannot be written as cypher; as curl:\n// curl -sSg -X POST 'https://issues.example.com/graphql' \\\n//   -H",
    ],
  ])('shows as %s what it cannot say in its own format, as a comment', (format, descriptor, part) => {
    const text = render(descriptor, format, { renderers })
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
      const lines = render(wild, format, { renderers }).split(/[\n\r\u2028\u0085]/)
      expect(lines.filter(line => line.startsWith('rm'))).toEqual([])
    }
  })

  it('never shows more of a credential than its name', () => {
    for (const format of ['curl', 'http', 'graphql', 'cypher'] as const)
      expect(render([entry, form, card, operation, merge], format, { renderers })).not.toMatch(/\$secret/)
  })

  // biome-ignore format: a table is read one line at a time
  const WRONG: readonly (readonly [string, () => unknown, string])[] = [
    ['a slip in the format', () => render(entry, 'crul' as RenderFormat), 'render.format: unknown format "crul"; did you mean "curl"? There is curl, http, graphql, text.'],
    ['no format', () => render([], undefined as unknown as RenderFormat), 'render.format: unknown format "undefined"; use curl, http, graphql, text.'],
    ['a promise', () => render(Promise.resolve([]) as unknown as Descriptor, 'curl'), 'render.descriptors: got a promise: await it, as in render(await tracker.preview(id), format).'],
    ['nothing', () => render(undefined as unknown as Descriptor, 'curl'), 'render.descriptors: expected a descriptor or an array of them, as tracker.preview returns it.'],
    ['nothing in a list', () => render([undefined] as unknown as Descriptor, 'curl'), 'render.descriptors: expected a descriptor or an array of them, as tracker.preview returns it.'],
  ]
  it.each(WRONG)('says what to give instead of %s', (_, call, message) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', message }))
  })
})
