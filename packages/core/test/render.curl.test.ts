import { spawn, spawnSync } from 'node:child_process'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import type { Descriptor, HttpCall } from '../src/descriptor/descriptor.ts'
import { wireFields, wireText } from '../src/descriptor/fill.ts'
import { render } from '../src/render.ts'
import type { Json } from '../src/session/schema.ts'

/** What the shell gave to `curl`: its arguments and what came on its standard input. */
type Run = Readonly<{ words: readonly string[]; stdin: string }>

// A `curl` that writes down what it gets, ended by NUL, which no argument can hold.
const RECORDER = `curl() {
  printf '%s\\0' "$@" -- ; case "\${@: -1}" in @-) cat ;; esac; printf '\\0'
}
`

const bash = (script: string, env: Readonly<Record<string, string>> = {}): readonly Run[] => {
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-s'], {
    input: RECORDER + script,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ...env },
    maxBuffer: 1 << 28,
  })
  expect({ stderr: stderr.toString(), status }).toEqual({ stderr: '', status: 0 })
  const parts = stdout.toString().split('\0').slice(0, -1)
  const runs: Run[] = []
  while (parts.length > 0) {
    const words = parts.splice(0, parts.indexOf('--'))
    runs.push({ words, stdin: parts.splice(0, 2)[1] ?? '' })
  }
  return runs
}

/** A request as curl would send it, by its manual: https://curl.se/docs/manpage.html */
const sent = ({ words, stdin }: Run) => {
  const [flags, , method, address, ...rest] = words
  const options = Array.from(
    { length: rest.length / 2 },
    (_, place) => [rest[2 * place], rest[2 * place + 1]] as const,
  )
  const all = (name: string) => options.flatMap(([option, value = '']) => (option === name ? [value] : []))
  const headers = all('-H').map(header => {
    const [, name = '', value = ''] = /^([^:;]+)(?:;$|: ?(.*)$)/s.exec(header) ?? []
    return [name, value] as const
  })
  const form = all('--data-urlencode').map(field => {
    const place = field.indexOf('=')
    return [decodeURIComponent(field.slice(0, place)), field.slice(place + 1)] as const
  })
  const raw = [...all('--data-raw'), ...(all('--data-binary').includes('@-') ? [stdin] : [])]
  return {
    flags,
    method,
    address,
    user: all('-u')[0],
    headers,
    form,
    raw,
    known: options.map(([option]) => option),
  }
}

const base: Descriptor = {
  key: 'e1/chat/0',
  action: 'post',
  kind: 'http',
  method: 'POST',
  endpoint: 'https://chat.example.com/posts',
  repeat: 'unsafe',
}

const HOSTILE: readonly string[] = [
  ...[
    '',
    ' ',
    "'",
    '"',
    '`',
    '\\',
    '$',
    '!',
    '!!',
    '#',
    '@',
    '@/etc/passwd',
    '-',
    '--',
    '-o/tmp/x',
    '*',
    '?',
    '[a]',
    '{a,b}',
  ],
  ...[
    "''",
    `'"'"'`,
    "\\'",
    '\\"',
    '\\\\',
    '\\n',
    '\n',
    '\r\n',
    '\t',
    '\n\n',
    'a\nEOF\nb',
    'EOF',
    '\u0001',
    '\u001b[31m',
    '\u007f',
  ],
  ...[
    '$(id)',
    '`id`',
    '$' + '{HOME}',
    '$HOME',
    '$((1+1))',
    '$!',
    '$$',
    '$?',
    "$'\\x41'",
    '<(id)',
    '>(id)',
    '> /tmp/x',
    '< /etc/passwd',
  ],
  ...[
    '; id',
    '| id',
    '& id',
    '&& id',
    '|| id',
    '\nid\n',
    '; exit 1',
    "'; id; '",
    '"; id; "',
    "' && id && '",
    '"$(id)"',
    "'$(id)'",
  ],
  ...[
    '!id',
    '!-1',
    'a!b',
    '"!"',
    "'!'",
    '^a^b',
    '~',
    '~root',
    'a=b',
    'a=b&c=d',
    'a&b',
    '%41',
    '%',
    '%s',
    '%n',
    '+',
    'a b+c',
  ],
  ...[
    '☺',
    '👩‍👩‍👧',
    'é',
    'e\u0301',
    '日本語',
    'مرحبا',
    '\u202e',
    '\u2028',
    '\u2029',
    '\u0085',
    '\ufeff',
    '\u200b',
    '\ud800',
    '\udfff',
  ],
  ...[
    '<!channel>',
    '<@U1>',
    '<https://a|b>',
    '```\ncode\n```',
    '# title',
    '- [ ] item',
    '{"a":1}',
    '[1]',
    'null',
    'true',
    '1e3',
    '{{x}}',
  ],
  ...[
    '\\u0027',
    '\\u000a',
    '//',
    '/*',
    '*/',
    '--',
    '<script>',
    '&amp;',
    '<<EOF',
    "<<'EOF'",
    '$(cat <<EOF\nid\nEOF\n)',
    'x'.repeat(5000),
  ],
  ...[
    'function curl() { :; }',
    'curl() { :; }',
    'exec 3<>/dev/tcp/a/1',
    '() { :; }; id',
    'IFS=x',
    '\\\n',
    'a\\\nb',
    "it's",
    'don\'t "quote" `me` $now!',
  ],
]

const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd')
const text = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: anyCharacter }).map(each => each.replaceAll('\0', '')),
)
const json: fc.Arbitrary<Json> = fc.letrec<{ tree: Json }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 3 }),
  ),
})).tree

describe('curl text, run by bash', () => {
  it('hands over every hostile text in every place, as it is', () => {
    expect(HOSTILE.length).toBeGreaterThan(100)
    const descriptors = HOSTILE.flatMap((hostile): readonly Descriptor[] => [
      { ...base, key: hostile, action: hostile, payload: { [hostile]: hostile, list: [hostile] } },
      { ...base, encoding: 'form', payload: { [`a${hostile}`]: hostile, nested: { [hostile]: [hostile] } } },
      { ...base, method: 'GET', query: { [`a${hostile}`]: hostile, nested: [hostile] } },
    ])
    const runs = bash(render(descriptors, 'curl')).map(sent)
    expect(runs).toHaveLength(descriptors.length)
    for (const [place, run] of runs.entries()) {
      const { method, query, payload, encoding } = descriptors[place] as HttpCall
      const url = new URL(run.address ?? '')
      expect(run).toMatchObject({ flags: '-sSg', method, user: undefined })
      expect(run.known.filter(each => !/^(-H|--data-(raw|urlencode))$/.test(each ?? ''))).toEqual([])
      expect(url.origin + url.pathname + url.hash).toBe('https://chat.example.com/posts')
      const fields = (value: Json | undefined) =>
        wireFields(value).map(([name, field]) => [wellFormed(name), wellFormed(wireText(field))])
      expect([...url.searchParams]).toEqual(fields(query))
      expect(run.form).toEqual(encoding === 'form' ? fields(payload) : [])
      if (encoding !== 'form' && payload !== undefined)
        expect(run.raw.map(each => JSON.parse(each) as Json)).toEqual([payload])
    }
  })

  it('hands over any JSON as it is', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 20, maxLength: 20 }), payloads => {
        const runs = bash(
          render(
            payloads.map(payload => ({ ...base, payload })),
            'curl',
          ),
        ).map(sent)
        expect(runs.map(({ raw }) => JSON.parse(raw[0] ?? '') as Json)).toEqual(payloads)
      }),
      { numRuns: 10 },
    )
  })

  it('takes secrets and placeholders out of the environment, whatever they hold', () => {
    const descriptors: readonly Descriptor[] = [
      {
        ...base,
        endpoint: 'https://chat.example.com/rooms/{room}/posts?in={room}',
        auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'CHAT_TOKEN' },
        query: { thread: { $ref: 'thread' } },
        headers: { 'X-Odd': 'a "b" $c `d` \\ !', 'X-Empty': '' },
        payload: {
          thread: { $ref: 'thread' },
          "it's": [{ $ref: 'room' }],
          at: { $attempt: 'firstAt', as: 'milliseconds' },
        },
      },
      { ...base, endpoint: { $secret: 'WEBHOOK_URL' }, encoding: 'form', payload: { a: { $ref: 'thread' } } },
      { ...base, auth: { basic: ['USER_NAME', 'PASSWORD'] } },
      { ...base, auth: { header: 'X-Key', prefix: '$(id) ', secret: 'CHAT_TOKEN' } },
    ]
    const env = {
      CHAT_TOKEN: `t"o'k $(id) \`id\` \\ *`,
      WEBHOOK_URL: 'https://hooks.example.com/a b',
      USER_NAME: 'a@b',
      PASSWORD: 'p w "',
    }
    const [first, second, third, fourth] = bash(render(descriptors, 'curl'), {
      ...env,
      room: 'r-1',
      thread: '17.5 $(id)',
      first_at_milliseconds: '1700',
    }).map(sent)
    expect(first?.address).toBe('https://chat.example.com/rooms/r-1/posts?in=r-1&thread=17.5 $(id)')
    expect(first?.headers).toEqual([
      ['Authorization', `Bearer ${env.CHAT_TOKEN}`],
      ['accept', 'application/json'],
      ['content-type', 'application/json'],
      ['x-odd', 'a "b" $c `d` \\ !'],
      ['x-empty', ''],
    ])
    expect(JSON.parse(first?.raw[0] ?? '')).toEqual({ thread: '17.5 $(id)', "it's": ['r-1'], at: 1700 })
    expect(second).toMatchObject({ address: 'https://hooks.example.com/a b', form: [['a', '17.5 $(id)']] })
    expect(third).toMatchObject({ user: 'a@b:p w "' })
    expect(fourth?.headers[0]).toEqual(['X-Key', `$(id) ${env.CHAT_TOKEN}`])
  })

  it('keeps what stands beside a variable as it is', () => {
    const beside = HOSTILE.map(each => each.replace(/[^\t\x20-\x7e]/g, ' ').slice(0, 200))
    const descriptors = beside.map(
      (prefix): Descriptor => ({ ...base, auth: { header: 'X', prefix, secret: 'KEY' } }),
    )
    const runs = bash(render(descriptors, 'curl'), { KEY: 'k$(id)' }).map(sent)
    expect(runs.map(({ headers }) => headers[0]?.[1])).toEqual(beside.map(prefix => `${prefix}k$(id)`))
  })

  it('sends a body too long for an argument, through a pipe', () => {
    const payload = { text: "it's $(id) ☺\n".repeat(20_000), to: { $ref: 'thread' } }
    const runs = bash(
      render(
        [
          { ...base, payload },
          { ...base, payload, encoding: 'form' },
        ],
        'curl',
      ),
      { thread: 't' },
    )
    expect(JSON.parse(sent(runs[0] as Run).raw[0] ?? '')).toEqual({ ...payload, to: 't' })
    expect([...new URLSearchParams(sent(runs[1] as Run).raw[0])]).toEqual([
      ['text', payload.text],
      ['to', 't'],
    ])
  })

  it('is nothing but comments where a format shows curl in its place', () => {
    const descriptors = HOSTILE.map(
      (hostile): Descriptor => ({ ...base, encoding: 'form', payload: { a: hostile } }),
    )
    expect(bash(render(descriptors, 'graphql'))).toEqual([])
  })
})

type Received = Readonly<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }>

describe('curl text, run with curl', () => {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, url, headers, body: Buffer.concat(parts).toString() })
      response.end('{}')
    })
  })
  let origin = ''
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  const run = async (script: string, env: Readonly<Record<string, string>>) => {
    const child = spawn('bash', ['--norc', '-s'], {
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env },
    })
    child.stdin.end(script)
    let problems = ''
    child.stderr.on('data', (part: Buffer) => {
      problems += part.toString()
    })
    child.stdout.resume()
    const status = await new Promise<number | null>(resolve => child.on('close', resolve))
    expect({ problems, status }).toEqual({ problems: '', status: 0 })
    return received.splice(0)
  }

  // The machine may lack curl; what its arguments are is held by the tests above in any case.
  if (spawnSync('curl', ['--version']).status === 0)
    it('arrives as it was meant', async () => {
      const nasty = HOSTILE.filter(each => each.length < 100).map(wellFormed)
      const descriptors: readonly Descriptor[] = [
        {
          ...base,
          endpoint: `${origin}/a%5Bb%5D/{room}`,
          auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'TOKEN' },
          headers: { 'X-Empty': '', 'X-Odd': 'a;b, "c"' },
          query: { 'a[]': nasty.join(' '), room: { $ref: 'room' } },
          payload: { nasty },
        },
        {
          ...base,
          endpoint: { $secret: 'HOOK' },
          encoding: 'form',
          payload: Object.fromEntries(nasty.map((each, n) => [`${n}[${each}]`, each])),
        },
        { ...base, endpoint: `${origin}/basic`, method: 'DELETE', auth: { basic: ['NAME', 'WORD'] } },
        { ...base, endpoint: `${origin}/long`, method: 'PUT', payload: { text: 'é'.repeat(100_000) } },
      ]
      const got = await run(render(descriptors, 'curl'), {
        TOKEN: 'to"ken',
        HOOK: `${origin}/hook`,
        NAME: 'n',
        WORD: 'w:"x',
        room: 'r',
      })
      expect(got.map(({ method, url }) => [method, new URL(url, origin).pathname])).toEqual([
        ['POST', '/a%5Bb%5D/r'],
        ['POST', '/hook'],
        ['DELETE', '/basic'],
        ['PUT', '/long'],
      ])
      const [json, form, basic, long] = got
      expect([...new URL(json?.url ?? '', origin).searchParams]).toEqual([
        ['a[]', nasty.join(' ')],
        ['room', 'r'],
      ])
      expect(json?.headers).toMatchObject({
        authorization: 'Bearer to"ken',
        accept: 'application/json',
        'content-type': 'application/json',
        'x-empty': '',
        'x-odd': 'a;b, "c"',
      })
      expect(JSON.parse(json?.body ?? '')).toEqual({ nasty })
      expect([...new URLSearchParams(form?.body)]).toEqual(nasty.map((each, n) => [`${n}[${each}]`, each]))
      expect(basic?.headers.authorization).toBe(`Basic ${Buffer.from('n:w:"x').toString('base64')}`)
      expect(JSON.parse(long?.body ?? '')).toEqual({ text: 'é'.repeat(100_000) })
    })
})
