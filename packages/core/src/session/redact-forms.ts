/** A pattern, and what stands in place of its matches. */
export type Rule = readonly [pattern: RegExp, replacement: string]

/** Signs that a token is made of; a token begins where none of them stands before it. */
export const START = '(?<![A-Za-z0-9_-])'
/** The rule for a token of a known form. */
export const token = (body: string): Rule => [new RegExp(`${START}(?:${body})`, 'g'), '[redacted token]']

/** Nothing that a rule replaced already. */
const NEW = '(?!["\']?\\[redacted)'
/** A quoted value on one line, or one without quotes. */
const VALUE = `(?:"[^"\\n]{1,4000}"|'[^'\\n]{1,4000}'|[^\\s"';&|]{3,4000})`
/** A value without quotes and with a digit: prose and code have words without. */
const MIXED = '(?=[^\\s"\'`,;&()$]{0,400}\\d)[^\\s"\'`,;&()$]{6,4000}'
/** How names of credentials end, whatever stands before. */
const ENDING = '(?:api|access|secret)[_-]?key|token|secret|password|passwd|pwd'
/** Names of credentials, as they stand in addresses and at the beginning of a line. */
const WORD = `(?:[A-Za-z][A-Za-z0-9]{0,40}[_.-]){0,4}(?:${ENDING})`

const after = (before: string, value: string, flags = 'g'): Rule => [
  new RegExp(`${START}(${before})${NEW}${value}`, flags),
  '$1[redacted]',
]

/** Rules for credentials as commands, services and files of configuration write them. Each takes time in proportion to the text. */
export const FORMS: readonly Rule[] = [
  token('dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,300}|hv[sbr]\\.[A-Za-z0-9_-]{20,400}|HRKU-[A-Za-z0-9_-]{30,200}'),
  token('AGE-SECRET-KEY-1[A-Z0-9]{40,100}|\\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])'),
  // A private key in base64, as files of Kubernetes have it; certificates are public.
  token('LS0tLS1CRUdJTi(?!BDRVJU)[A-Za-z0-9+/=]{20,20000}'),
  // Commands.
  after('(?:PGPASSWORD|SSHPASS|REDISCLI_AUTH)=', VALUE),
  after('sshpass[ \\t]{1,4}-p[ \\t]{0,4}', VALUE),
  after('(?:mysql|mariadb)[a-z-]{0,12}[ \\t][^\\n|;&]{0,300}?(?<=[ \\t])-p', VALUE),
  after('docker[ \\t]{1,4}login[ \\t][^\\n|;&]{0,300}?(?<=[ \\t])-p[ \\t]{1,4}', VALUE),
  after(
    `curl[ \\t][^\\n|;]{0,300}?(?<=[ \\t])(?:-u|--user)[ \\t=]{1,4}["']?[^\\s:"']{1,100}:`,
    `[^\\s"']{3,400}`,
  ),
  // In the middle of a line only what is quoted or has a digit counts: `password=password` is code.
  [
    new RegExp(`((?:${ENDING})=)${NEW}(?:"[^"\\n]{4,4000}"|'[^'\\n]{4,4000}'|${MIXED})`, 'gi'),
    '$1[redacted]',
  ],
  // Addresses: `?secret=`, signatures, and strings of a connection.
  [
    new RegExp(
      `([?&](?:${WORD}|sig|signature|X-(?:Amz|Goog)-(?:Signature|Security-Token))=)${NEW}[^&\\s"'<>]{4,4000}`,
      'gi',
    ),
    '$1[redacted]',
  ],
  after('(?:AccountKey|SharedAccessKey|Password|Pwd)[ \\t]{0,4}=[ \\t]{0,4}', `[^;"'\\s]{4,4000}`, 'g'),
  // Headers and files.
  after(`(?:set-)?cookie["']?[ \\t]{0,4}:[ \\t]{0,4}["']?`, `[^\\s"'][^\\n"']{5,8000}`, 'gi'),
  after('login[ \\t]{1,8}[^\\s]{1,200}\\s{1,40}password[ \\t]{1,8}', '[^\\s]{3,400}'),
  [
    new RegExp(
      `(["'](?:[A-Za-z][A-Za-z0-9]{0,40})?(?:SecretAccessKey|AccessKey|SecretKey|ApiKey|PrivateKey|ClientSecret|Token|Secret|Password|Passwd)["']\\s{0,20}:\\s{0,80}["'])${NEW}[^"'\\n]{4,8000}`,
      'g',
    ),
    '$1[redacted]',
  ],
  [new RegExp(`(["']auth["']\\s{0,20}:\\s{0,80}["'])${NEW}[A-Za-z0-9+/=]{8,4000}`, 'g'), '$1[redacted]'],
  // YAML: what is quoted or has a digit; `password: string` is a type.
  [
    new RegExp(
      `^([ \\t-]{0,60}(?:${WORD}|[a-z-]{0,20}key-data):[ \\t]{1,8})${NEW}(?:"[^"\\n]{4,4000}"|'[^'\\n]{4,4000}'|${MIXED})`,
      'gim',
    ),
    '$1[redacted]',
  ],
  // The same where its lines were joined: only names in capitals.
  after(
    '(?:[A-Z][A-Z0-9]{0,40}_){0,4}(?:API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD):[ \\t]{1,8}',
    MIXED,
  ),
  // Prose: one word with a digit behind "the password is".
  [
    new RegExp(
      `((?:password|passwd|passphrase|passwort|kennwort)["']?[ \\t]{1,4}(?:is|was|ist|lautet)[ \\t:]{1,4}["'\`]?)${NEW}${MIXED}`,
      'gi',
    ),
    '$1[redacted]',
  ],
]

/** As in `SIGNS` of `redactText`: characters of which every match of a form has some. */
export const FORM_SIGNS =
  'dckr_|hv[sbr]\\.|HRKU-|:AA|LS0tLS1|sshpass|mysql|mariadb|docker|curl|sig=|signature=|cookie|kennwort'
