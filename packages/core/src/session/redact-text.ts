import { FORM_SIGNS, FORMS, type Rule, START, token } from './redact-forms.ts'
import type { Json } from './schema.ts'

/** Options of `redactText`. */
export type RedactTextOptions = Readonly<{
  /** Redacts secrets that are known by value, as a `Redactor` does; runs first. Default: none. */
  redact?: (text: string) => string
  /** Redacts tokens of known services, private keys, passwords in addresses and lines of `.env` files. Default true. */
  patterns?: boolean
  /** Further patterns; each match becomes `[redacted]`. Default: none. */
  also?: readonly RegExp[]
}>

/** A name that says its value is a credential. */
const NAME =
  '(?:[A-Za-z][A-Za-z0-9]{0,40}[_-]){0,4}(?:api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|client[_-]?secret|auth[_-]?token|access[_-]?token|refresh[_-]?token|token|secret|password|passwd|pwd|credentials?)(?:[_-][A-Za-z0-9]{1,20}){0,2}'

/** The same for a variable of the environment, in capitals. */
const CAPITALS =
  '(?:[A-Z][A-Z0-9]{0,40}_){0,4}(?:API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?)(?:_[A-Z0-9]{1,20}){0,2}'

/** A quote, and one sign of what stands between two of them on one line. */
const DOUBLE = ['"', '(?:[^"\\\\\\n]|\\\\[^\\n])'] as const
const SINGLE = ["'", "(?:[^'\\\\\\n]|\\\\[^\\n])"] as const
/** White space in JSON that stands within a string. */
const GAP = '(?:\\s|\\\\{1,7}[nrt]){0,40}'
/** A quoted value of a shell, with quotes inside as shells need them: `'it'"'"'s'`, `'it'\''s'`, `"a\"b"`. */
const QUOTED = `(?:"${DOUBLE[1]}*"(?:'"'"${DOUBLE[1]}*")*|'[^'\\n]*'(?:(?:"'"|\\\\')'[^'\\n]*')*)`
/** A quoted value over several lines, with nothing behind it: any other quote may be a stray one. */
const LINES = `(?:"(?:[^"\\\\]|\\\\[^]){1,4000}"|'[^']{1,4000}')(?=[ \\t]*(?:#[^\\n]*)?$)`
/** An option of a command that is named like a credential, up to its value. */
const OPTION =
  '--(?:[a-z]{1,20}-){0,3}(?:api-key|access-key|secret-key|token|secret|password|passwd)(?:=|[ \\t]{1,4})'

/**
 * Each expression takes time in proportion to the text: repetitions are bounded or cannot overlap, and no match begins inside
 * a run that another one tried already.
 */
const RULES: readonly Rule[] = [
  [
    /-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    '[redacted private key]',
  ],
  token('eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8,8000}(?:\\.[A-Za-z0-9_-]{0,2000}){0,3}'),
  token('xox[a-z](?:-\\d)?-[A-Za-z0-9-]{10,300}|xapp-\\d-[A-Za-z0-9-]{10,300}'),
  token('lin_(?:api|oauth|wh)_[A-Za-z0-9]{16,200}'),
  token('AT[A-Z]{3}3[A-Za-z0-9_=-]{20,400}'),
  token(
    'gh[oprsu]_[A-Za-z0-9]{20,300}|github_pat_[A-Za-z0-9_]{20,300}|gl(?:pat|dt|rt|ft|soat)-[A-Za-z0-9_-]{16,300}',
  ),
  token('sk-(?:[A-Za-z]{2,12}-){0,3}[A-Za-z0-9_-]{20,300}'),
  token('(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,300}|whsec_[A-Za-z0-9+/=]{16,300}'),
  token('(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|ya29\\.[A-Za-z0-9_-]{20,400}'),
  token('npm_[A-Za-z0-9]{30,80}|pypi-[A-Za-z0-9_-]{40,400}|hf_[A-Za-z0-9]{20,100}|dop_v1_[a-f0-9]{40,80}'),
  token(
    'SG\\.[A-Za-z0-9_-]{16,40}\\.[A-Za-z0-9_-]{16,100}|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,60}|glsa_[A-Za-z0-9_]{20,100}|ntn_[A-Za-z0-9]{30,80}',
  ),
  [
    /(?<=https:\/\/(?:hooks\.[a-z0-9.-]{1,60}\/(?:services|workflows|triggers)|[a-z0-9.-]{1,60}\/api\/webhooks)\/)[A-Za-z0-9_/-]{8,300}/g,
    '[redacted]',
  ],
  [
    /(?<![A-Za-z0-9+.-])([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>[\]]{0,128}):(?!\[redacted\]@)[^\s/"'<>]{1,256}@/gi,
    '$1:[redacted]@',
  ],
  [
    /(?<![A-Za-z0-9_-])((?:proxy-)?authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?(?:bearer|basic|token|digest)[ \t]{1,4})[A-Za-z0-9._~+/=-]{6,4000}/gi,
    '$1[redacted]',
  ],
  [/(?<![A-Za-z0-9_-])(bearer[ \t]{1,4})[A-Za-z0-9._~+/=-]{20,4000}/gi, '$1[redacted]'],
  ...[DOUBLE, SINGLE].map(
    ([quote, sign]): Rule => [
      new RegExp(`(["']${NAME}["']\\s{0,20}:\\s{0,80}${quote})(?!\\[redacted)${sign}{4,}`, 'gi'),
      '$1[redacted]',
    ],
  ),
  // JSON within a string: the quotes of a field have as many backslashes as those of its value, and quotes in it have more.
  [
    new RegExp(
      `((?<!\\\\)(\\\\{1,7})"${NAME}\\2"${GAP}:${GAP}\\2")(?!\\[redacted)(?:[^"\\\\\\n]|(?<!\\\\)(?:\\2\\\\+"?|\\\\+(?!["\\\\]))){4,}`,
      'gi',
    ),
    '$1[redacted]',
  ],
  [
    new RegExp(
      `^([ \\t]{0,40}(?:export[ \\t]{1,8})?${NAME}[ \\t]{0,8}=[ \\t]{0,8})(?!\\[redacted)(?:${LINES}|(?=["'][^"'\\n]|["']{2,4}[^"'\\s]|[^\\s"']\\S{3})(?:${QUOTED}|["'][^\\n]*|\\\\[^\\n]|[^\\s"'\\\\])+)`,
      'gim',
    ),
    '$1[redacted]',
  ],
  // In the middle of a line only names in capitals and options of commands count: prose has the words too.
  [
    new RegExp(
      `${START}(${CAPITALS}=)(?!\\[redacted)(?:(?!""|'')${QUOTED}[\\w+/=.-]*|\\\\{1,7}"[^"\\\\\\n]+|[^\\s"'][^\\s"';&|]{3,4000})`,
      'g',
    ),
    '$1[redacted]',
  ],
  ...[DOUBLE, SINGLE].map(
    ([quote, sign]): Rule => [
      new RegExp(`(?<![A-Za-z0-9_-])(${OPTION}${quote})(?!\\[redacted)${sign}{4,}(?=${quote})`, 'g'),
      '$1[redacted]',
    ],
  ),
  [new RegExp(`(?<![A-Za-z0-9_-])(${OPTION}\\\\{1,7}")(?!\\[redacted)[^"\\\\\\n]{4,}`, 'g'), '$1[redacted]'],
  [
    new RegExp(
      `(?<![A-Za-z0-9_-])(${OPTION}["']?)(?!\\[redacted|[-"'])(?:[^\\s"'\\\\]|\\\\+(?!["'\\\\])){4,4000}`,
      'g',
    ),
    '$1[redacted]',
  ],
  ...FORMS,
]

/**
 * Characters of which every match of a rule has some: nearly no text has any of it, and one look is cheaper than one for each rule. A
 * rule that is added needs its words here.
 */
const SIGNS = new RegExp(
  `-----BEGIN|eyJ|xox|xapp-|lin_|AT[A-Z]{3}3|gh[oprsu]_|github_pat_|gl[a-z]{2,4}-|sk-|[srp]k_|whsec_|AKIA|ASIA|AIza|ya29|npm_|pypi-|hf_|dop_v1_|SG\\.|shp|glsa_|ntn_|:\\/\\/|auth|bearer|key|token|secret|passw|pwd|credential|${FORM_SIGNS}`,
  'i',
)

/**
 * A text without credentials: values that are known, tokens of known services, private keys, passwords in addresses, values of
 * `.env` lines, variables and options of commands and of JSON fields that are named like credentials, and what `also` matches. Each is replaced by a note in
 * brackets. Pure; takes time in proportion to the text; doing it twice changes nothing more.
 */
export const redactText = (
  text: string,
  { redact: known, patterns = true, also = [] }: RedactTextOptions = {},
): string => {
  let result = known === undefined ? text : known(text)
  if (patterns && SIGNS.test(result))
    for (const [pattern, replacement] of RULES) result = result.replace(pattern, replacement)
  for (const pattern of also) {
    const all = pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)
    result = result.replace(all, found => (found === '' ? '' : '[redacted]'))
  }
  return result
}

/** The same for every text of a JSON value, its keys included. */
export const redactJson = <T extends Json>(value: T, options: RedactTextOptions = {}): T => {
  const walk = (each: Json): Json => {
    if (typeof each === 'string') return redactText(each, options)
    if (each === null || typeof each !== 'object') return each
    if (Array.isArray(each)) return each.map(walk)
    return Object.fromEntries(
      Object.entries(each).map(([key, inner]) => [redactText(key, options), walk(inner)]),
    )
  }
  return walk(value) as T
}
