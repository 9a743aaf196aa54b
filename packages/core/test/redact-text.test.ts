import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { runsOf } from '../../../test/sample.ts'
import { redactJson, redactText } from '../src/session/redact-text.ts'

// Written in parts, so that no scanner takes this file for a leak.
const X = 'q7Rm2Zx9Lp4Vt8Wk3Bn6Ys5Hd1Gc0JfQ'
const of = (...parts: readonly string[]) => parts.join('')

describe('redactText', () => {
  it.each<[string, string, string]>([
    ['a Slack token', of('token xox', 'b-123456789012-', X), 'token [redacted token]'],
    ['a Linear key', of('key lin', '_api_', X, ' is bad'), 'key [redacted token] is bad'],
    ['an Atlassian token', of('(ATA', 'TT3xFfGF0', X, '=4E5F)'), '([redacted token])'],
    ['a GitHub token', of('gh', 'p_', X, '!'), '[redacted token]!'],
    ['a fine-grained GitHub token', of('github', '_pat_11AAAA_', X), '[redacted token]'],
    ['a GitLab token', of('gl', 'pat-', X.slice(0, 20)), '[redacted token]'],
    ['a model key', of('sk', '-ant-api03-', X), '[redacted token]'],
    ['an AWS key id', of('AK', 'IAQWERTYUIOPASDFGH'), '[redacted token]'],
    ['a JWT', of('ey', 'JhbGciOiJIUzI1NiJ9.', X, '.', X), '[redacted token]'],
    [
      'a webhook',
      of('https://hooks.slack', '.com/services/T012AB3CD/B0/', X),
      'https://hooks.slack.com/services/[redacted]',
    ],
    [
      'a password in an address',
      'postgres://app:s3cr3t!@db.example.com/x',
      'postgres://app:[redacted]@db.example.com/x',
    ],
    ['an authorization header', `Authorization: Basic ${X}=`, 'Authorization: Basic [redacted]'],
    ['a bearer token', `curl -H "x: Bearer ${X}"`, 'curl -H "x: Bearer [redacted]"'],
    [
      'a field of JSON',
      '{"client_secret": "abcd-efgh", "name": "x"}',
      '{"client_secret": "[redacted]", "name": "x"}',
    ],
    [
      'lines of an env file',
      'PORT=80\nexport DB_PASSWORD=hunter22\nSTRIPE_API_KEY="a b c"\n# note',
      'PORT=80\nexport DB_PASSWORD=[redacted]\nSTRIPE_API_KEY=[redacted]\n# note',
    ],
    [
      'a variable in the middle of a command',
      "cd app && DB_PASSWORD=hunter22; AWS_SECRET_ACCESS_KEY='a b' aws s3 ls",
      'cd app && DB_PASSWORD=[redacted]; AWS_SECRET_ACCESS_KEY=[redacted] aws s3 ls',
    ],
    [
      'a password with an at sign in an address',
      'postgres://u:p@ssw0rd-long@db/x and a@b.c',
      'postgres://u:[redacted]@db/x and a@b.c',
    ],
    [
      'a field with the other quote in its value',
      `{"password": "correct'horse-battery", 'secret': 'say "friend"'}`,
      `{"password": "[redacted]", 'secret': '[redacted]'}`,
    ],
    ['a field with an escaped quote', '{"password":"ab\\"cdefghij"}', '{"password":"[redacted]"}'],
    ['a field with its value on the next line', '{"token":\n  "hunter22"}', '{"token":\n  "[redacted]"}'],
    [
      'JSON within a string',
      String.raw`curl -d "{\"password\":\"hunter22\",\"api_key\" : \"a\\\"b\\ncd\",\"x\":\"y\"}"`,
      String.raw`curl -d "{\"password\":\"[redacted]\",\"api_key\" : \"[redacted]\",\"x\":\"y\"}"`,
    ],
    [
      'JSON within a string within a string',
      String.raw`"{\\\"secret\\\":\\\"hunter22\\\",\\\"x\\\":1}"`,
      String.raw`"{\\\"secret\\\":\\\"[redacted]\\\",\\\"x\\\":1}"`,
    ],
    ['a line with escaped quotes', 'PASSWORD="abc\\"defghijk"\nPORT=80', 'PASSWORD=[redacted]\nPORT=80'],
    [
      'a line with quotes as shells write them',
      `export DB_PASSWORD='it'"'"'ssecret'\nA_TOKEN='it'\\''s long'\nPORT=80`,
      'export DB_PASSWORD=[redacted]\nA_TOKEN=[redacted]\nPORT=80',
    ],
    [
      'a value over two lines',
      'DB_PASSWORD="line one\nline two" # note\nPORT="80"',
      'DB_PASSWORD=[redacted] # note\nPORT="80"',
    ],
    [
      'a value whose quote does not end',
      'DB_PASSWORD="hunter two\nPORT="80"',
      'DB_PASSWORD=[redacted]\nPORT="80"',
    ],
    [
      'quotes within a variable in the middle of a command',
      `sh -c "run A_TOKEN='it'"'"'s long' && echo 'done'"; X_TOKEN="a\\"b c" next`,
      `sh -c "run A_TOKEN=[redacted] && echo 'done'"; X_TOKEN=[redacted] next`,
    ],
    [
      'an option with words',
      `login --password "two words" --token 'it "is" long' --secret="a\\"b c" --user "ada b"`,
      `login --password "[redacted]" --token '[redacted]' --secret="[redacted]" --user "ada b"`,
    ],
    [
      'an option within a string',
      String.raw`"login --password \"two words\" --user \"ada b\""`,
      String.raw`"login --password \"[redacted]\" --user \"ada b\""`,
    ],
    [
      'an option of a command',
      'login --user ada --password hunter22 --api-key="abcd-efgh" --token',
      'login --user ada --password [redacted] --api-key="[redacted]" --token',
    ],
    [
      'a private key',
      of('before -----BEGIN RSA PRIV', 'ATE KEY-----\nMII\n-----END RSA PRIV', 'ATE KEY----- after'),
      'before [redacted private key] after',
    ],
    [
      'a private key that was cut',
      of('-----BEGIN OPENSSH PRIV', 'ATE KEY-----\nb3Bl'),
      '[redacted private key]',
    ],
  ])('redacts %s', (_, text, expected) => {
    expect(redactText(text)).toBe(expected)
    expect(redactText(expected)).toBe(expected)
  })

  it.each([
    'Fixed the token refresh in src/auth/token.ts; the password field is required.',
    'see https://example.com/a:b@c and mail ada@example.com at 12:30',
    'sk-learn, task-force-one, ghp, xoxo, eyJust a word, risk_live_test',
    'TOKEN_COUNT=12 in line, const secret = read()',
    '0198f2a0-1111-7000-8000-000000000001 commit 3f2504e04f8911d39a0c0305e82c3301',
  ])('leaves ordinary text: %s', text => expect(redactText(text)).toBe(text))

  it('redacts known values and further patterns, and leaves the presets out where asked', () => {
    const known = (text: string) => text.replaceAll('hunter22', '[DB]')
    expect(redactText('pw hunter22, id cust-42, cust-43', { redact: known, also: [/cust-\d+/] })).toBe(
      'pw [DB], id [redacted], [redacted]',
    )
    const line = 'DB_PASSWORD=hunter22'
    expect(redactText(line, { patterns: false })).toBe(line)
    expect(redactText('abc', { also: [/x*/] })).toBe('abc')
  })

  it('changes nothing more when it is done twice, whatever the text', () => {
    const part = fc.constantFrom(
      ...[
        '"',
        "'",
        ':',
        '=',
        '://',
        '@',
        'secret',
        'A_TOKEN',
        'Bearer ',
        '\n',
        X,
        '[redacted]',
        'authorization',
        '\\"',
        '\\',
        'A_TOKEN=',
        '"token":"',
        '--token "',
        '@',
      ],
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string({ maxLength: 6 })), { maxLength: 12 }), parts => {
        const once = redactText(parts.join(''))
        expect(redactText(once)).toBe(once)
      }),
    )
  })
})

describe('the first look', () => {
  /** One of each kind of token that a rule knows, in its shortest spelling. */
  const tokens = [
    of('xox', 'p-1234567890'),
    of('xapp', '-1-1234567890'),
    of('lin', '_wh_', X),
    of('ATB', 'BT3', X),
    ...['o', 'p', 'r', 's', 'u'].map(kind => of('gh', kind, '_', X)),
    ...['pat', 'dt', 'rt', 'ft', 'soat'].map(kind => of('gl', kind, '-', X)),
    of('github', '_pat_', X),
    of('sk', '-', X),
    ...['sk', 'rk', 'pk'].flatMap(kind => [of(kind, '_live', '_', X), of(kind, '_test', '_', X)]),
    of('whs', 'ec_', X),
    of('AK', 'IAQWERTYUIOPASDFGH'),
    of('AS', 'IAQWERTYUIOPASDFGH'),
    of('AI', 'za', X, 'abc'),
    of('ya', '29.', X),
    of('npm', '_', X),
    of('pyp', 'i-', X, X),
    of('h', 'f_', X),
    of('dop', '_v1_', 'a1'.repeat(20)),
    of('S', 'G.', X.slice(0, 16), '.', X),
    ...['at', 'ca', 'pa', 'ss'].map(kind => of('shp', kind, '_', 'a1'.repeat(10))),
    of('gls', 'a_', X),
    of('nt', 'n_', X),
    of('ey', 'J', X, '.', X),
    of('-----BEGIN PRIV', 'ATE KEY-----x'),
    of('https://a.example/api', '/webhooks/', X),
    'ftp://a:b@c',
    `AUTHORIZATION = digest ${X}`,
    `bEaReR ${X}`,
    ...[
      'api_key',
      'access-key',
      'private_key',
      'secret',
      'passwd',
      'password',
      'PWD',
      'Credential',
      'auth_token',
    ].flatMap(name => [`"my_${name}": "abcdef"`, `my-${name}=abcdef`]),
    ...['API_KEY', 'ACCESS_KEY', 'TOKEN', 'SECRET', 'PASSWORD', 'PASSWD', 'PWD', 'CREDENTIALS'].map(
      name => `run MY_${name}=abcdef`,
    ),
    ...['api-key', 'access-key', 'secret-key', 'token', 'secret', 'password', 'passwd'].map(
      name => `x --my-${name} abcdef`,
    ),
  ]

  it.each(tokens.map(token => [token.slice(0, 12), token] as const))('lets no %s… pass', (_, token) => {
    expect(redactText(token)).toContain('[redacted')
  })

  it('finds what the rules alone find, whatever stands around it', () => {
    // A line with a sign in it, which is no secret, makes every text go through the rules.
    const byRules = (text: string): string => redactText(`key\n${text}`).slice(4)
    const piece = fc.oneof(
      fc.constantFrom(...tokens, ...tokens.map(token => token.toUpperCase()), '\n', ' ', '"', '='),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), pieces => {
        const text = pieces.join('')
        expect(redactText(text)).toBe(byRules(text))
      }),
      { numRuns: runsOf(1_000) },
    )
  })
})

test('redactJson redacts every text, keys included', () => {
  const key = of('lin', '_api_', X)
  expect(redactJson({ a: [key, 1, null], [key]: { b: `at ${key}` } })).toEqual({
    a: ['[redacted token]', 1, null],
    '[redacted token]': { b: 'at [redacted token]' },
  })
})

describe('credentials as commands, services and files write them', () => {
  test.each([
    ['mysql -u root -pWinter2026 --batch', 'mysql -u root -p[redacted] --batch'],
    ["sshpass -p 'Rack7!door' ssh a@b", 'sshpass -p [redacted] ssh a@b'],
    ['curl -su ada:hunter2 https://a.example', 'curl -su ada:hunter2 https://a.example'],
    ['curl -s -u ada:hunter2 https://a.example', 'curl -s -u ada:[redacted] https://a.example'],
    ['Cookie: a=1; sid=s%3Axyz', 'Cookie: [redacted]'],
    ['otpauth://totp/a?secret=AYR6KNTK&issuer=b', 'otpauth://totp/a?secret=[redacted]&issuer=b'],
    ['machine a login b\n  password c4711', 'machine a login b\n  password [redacted]'],
    ['{ "SessionToken": "IQoJb3JpZ2lu" }', '{ "SessionToken": "[redacted]" }'],
    ['{ "auth": "YWRhOmh1bnRlcjI=" }', '{ "auth": "[redacted]" }'],
    ['  password: "M4ple;Str33t=9"', '  password: [redacted]'],
    ['AccountKey=zBoX39+cc8F9==;Suffix=a', 'AccountKey=[redacted];Suffix=a'],
    ['the password is gr4vel-91!, and', 'the password is [redacted], and'],
    [of('dckr', '_pat_', X, X), '[redacted token]'],
  ])('%j', (text, wanted) => {
    expect(redactText(text)).toBe(wanted)
    expect(redactText(wanted)).toBe(wanted)
  })

  test.each([
    'mysql -u root -p --batch',
    'the password is wrong, and the token is missing',
    'f(password=password, token=getToken())',
    'type A = { password: string; token: Token }',
    '  password: string',
    'docker run -u 1000:1000 -p 8080:80 app',
    'ssh -p 2222 host',
    'cookie: yes',
    '?page=2&sort=name',
    '{ "tokens": "many", "author": "Ada" }',
  ])('%j stays', text => expect(redactText(text)).toBe(text))
})

/** Median of five runs, in ms: the figure that a pause of the machine moves least. */
const timeOf = (text: string): number => {
  const runs = Array.from({ length: 5 }, () => {
    const start = performance.now()
    redactText(text)
    return performance.now() - start
  })
  return runs.sort((a, b) => a - b)[2] ?? 0
}

describe('64 KiB of text made to be slow', () => {
  const evil = [
    'a',
    'eyJ',
    '-',
    'A_',
    'secret',
    '"secret',
    '://',
    'a://b:',
    '"a_',
    ' ',
    '\n',
    '=',
    'x.',
    'eyJa.',
    of('-----BEGIN PRIV', 'ATE KEY-----'),
    'authorization: ',
    'export ',
    'token_',
    'sk-a-',
    'AT',
    '[',
    'bearer ',
    '"secret":"\\',
    '"secret":"\\"',
    '\\"secret\\":\\"',
    '\\"secret\\":\\\\"',
    '\\',
    'A_TOKEN="',
    "A_TOKEN='",
    'A_TOKEN="\n',
    'A_TOKEN="x\\"\n',
    "A_TOKEN=''\"'\"",
    '--token "',
    "--token 'x\\",
    'a://b:c@',
    '@',
    ...['mysql ', 'mysql a -p', 'mysql a -p1', 'docker login -p ', 'curl -u a', 'curl -u a:b', 'sshpass -p '],
    ...[
      '?secret=',
      '?secret=a',
      'a.secret=',
      'a.secret=1',
      ' token=1',
      'AccountKey = ',
      'set-cookie: ',
      'cookie:',
    ],
    ...['login a password ', 'login a ', "'aToken':", "'aToken': '", 'aToken', '"auth": "a', 'a-b_secret: '],
    ...[
      '\na_secret: 1',
      'A_TOKEN: ',
      'A_TOKEN: 1',
      'password is ',
      'password is 1',
      '12345678:AA',
      'LS0tLS1CRUdJTi',
    ],
  ]
  test.each(evil)('%j repeated takes a bounded time', part => {
    const text = part.repeat(Math.ceil(65_536 / part.length))
    // A quadratic expression would need minutes; ten times the usual figure is far below.
    expect(timeOf(text)).toBeLessThan(1_000)
  })
})
