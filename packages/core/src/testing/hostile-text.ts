/** One mebibyte, in units of UTF-16. */
const LONG = 1_048_576

/** Texts that have broken escaping elsewhere, by what each tries. */
export const HOSTILE_TEXT: Readonly<Record<string, string>> = {
  quotes: `' " \` \\ \\' \\" ''' """ $$ %27 &quot;`,
  newlines: 'one\ntwo\r\nthree\rfour\u2028five\u2029six\n\n\n\n\nseven\t\v\f',
  emoji: '👩‍👩‍👧‍👦 🇩🇪 ✊🏿 ☠️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'no text': 'before\u0000after \u0000',
  controls: '\u0001\u0002\u0007\u0008\u001b[31mred\u001b[0m\u007f\u0085\u009f\ufeff\ufffe\uffff',
  'right to left': '\u202egnp.exe\u202c \u200fעברית العربية\u2067x\u2069 \u200b\u200d',
  combining: `Z${'\u0301\u0316'.repeat(200)}algo`,
  'high half alone': 'a\ud83d',
  'low half alone': '\ude00b',
  'halves swapped': 'a\ude00\ud83db \ud83d\ud83d\ude00',
  'only spaces': ' \u00a0\u3000\t ',
  'only marks': '*_~`#>-=+|{}[]()<>!@&^$%\\/',
  long: 'long word '.repeat(LONG / 10),
  'long without a space': 'x'.repeat(LONG),
  'long that grows when escaped': '&<>"\'*_'.repeat(LONG / 8),
  'long of emoji': '👩‍🚀'.repeat(LONG / 5),
  'many lines': '- [ ] a\n'.repeat(50_000),
  'pings in angles': '<!channel> <!here|x> <!everyone> <@U012AB3CD> <!subteam^S012AB3CD|all> <#C012AB3CD>',
  'pings by at': '@channel @here @everyone @admin [~admin] [~accountid:5b10a2844c20165700ede21g] u/root',
  'link in angles': '<https://evil.example/a|Trusted label> <mailto:a@evil.example|us> <tel:1|x>',
  'date in angles': '<!date^1392734382^{date_short}^https://evil.example|never>',
  'escaped twice': '&amp;lt;!channel&amp;gt; &lt;!channel&gt; &#60;!channel&#62;',
  'links in Markdown':
    '[click](javascript:alert(1)) [a](https://evil.example "t") <https://evil.example> [x][1]\n[1]: https://evil.example',
  'image in Markdown': '![pixel](https://evil.example/p.png?leak=1) <img src=x onerror=alert(1)>',
  'headings and fences':
    '# big\n```\ncode\n~~~\n``` ```js\n> quote\n---\n***\n| a | b |\n|---|---|\n<details><summary>',
  'reference in Markdown': 'closes #1, fixes BIL-212, GH-1, @team, :rocket: $1 ![[x]] {{x}} ==m== ^^s^^',
  'wiki markup':
    '{code}x{code} {noformat} {color:red}x{color} h1. big !https://evil.example/x.png! [x|https://evil.example] {{m}} || a | bq. q ----',
  'rich document': '{"type":"doc","version":1,"content":[{"type":"mention","attrs":{"id":"admin"}}]}',
  html: '<script>alert(1)</script><iframe srcdoc="x"></iframe></textarea><!-- --><![CDATA[x]]>',
  'graph query': `x'}) DETACH DELETE n // \`) MATCH (n) DETACH DELETE n; RETURN 1 /* " $key`,
  'search query': `" OR project is not EMPTY ORDER BY created DESC -- ' ) ; text ~ "\\\\"`,
  'API query': '") { id } deleteIssue(id: "1") { success } } # \u0022 ... on Query { __typename } $input',
  sql: `Robert'); DROP TABLE sessions;-- ' OR '1'='1`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must look like one
  shell: '$(rm -rf ~) `id` ; | && > < * ? ~ !! $HOME %PATH% ${IFS}',
  'our places': '{thread} {name} {issue} {{name}} {$ref} {} { } {0} {a.b}',
  'our placeholders': '{"$ref":"thread"} {"$attempt":"firstAt"} {"$secret":"TOKEN"} $ref $attempt $secret',
  prototype: '__proto__',
  constructor: 'constructor',
  path: '../../admin?x=1&y=2#z ..%2f..%2f %2e%2e/ \\\\host\\share //evil.example/x http://evil.example',
  'path alone': '..',
  header: 'x\r\nX-Evil: 1\r\n\r\n{"a":1}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must look like one
  'template of code': '${process.env.HOME} {{constructor.constructor("x")()}} <%= 1 %> #{1} %s %n',
  numbers: '1503435956.000200',
  'not a number': 'NaN',
  null: 'null',
}
