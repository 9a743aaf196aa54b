import { type AnyCommand, type Option, toFlag, type Uses } from './command.ts'

/** Shells that a script can be made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

type Row = Readonly<{
  names: readonly string[]
  about: string
  options: readonly (readonly [flag: string, about: string])[]
  values: readonly string[]
}>

const rowsOf = (
  commands: readonly AnyCommand[],
  shared: (uses: Uses) => Readonly<Record<string, Option>>,
): readonly Row[] =>
  commands
    .filter(({ hidden }) => !hidden)
    .map(({ name, aliases = [], about, options = {}, uses, arguments: given = [] }) => ({
      names: [name, ...aliases],
      about,
      options: Object.entries({ ...shared(uses), ...options } as Readonly<Record<string, Option>>).map(
        ([each, option]) => [`--${option.on ? 'no-' : ''}${toFlag(each)}`, option.about] as const,
      ),
      values: (given as readonly Readonly<{ choices?: readonly string[] }>[]).flatMap(
        ({ choices = [] }) => choices,
      ),
    }))

/** A text within single quotes of a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const bash = (rows: readonly Row[]): string => `# Completion of sessionwire for bash.
_sessionwire() {
  local word=\${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quote(rows.map(({ names }) => names[0]).join(' '))}
  else
    case \${COMP_WORDS[1]} in
${rows
  .map(
    ({ names, options, values }) =>
      `      ${names.join('|')}) words=${quote([...values, ...options.map(([flag]) => flag)].join(' '))} ;;`,
  )
  .join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _sessionwire sessionwire
`

const zshText = (text: string): string => text.replace(/[[\]:\\]/g, found => `\\${found}`)

const zsh = (rows: readonly Row[]): string => `#compdef sessionwire
# Completion of sessionwire for zsh.
_sessionwire() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${rows.map(({ names, about }) => `      ${quote(`${names[0]}:${zshText(about)}`)}`).join('\n')}
    )
    _describe command commands
    return
  fi
  case $words[2] in
${rows
  .map(
    ({ names, options, values }) =>
      `    ${names.join('|')}) _arguments ${[...options.map(([flag, about]) => quote(`${flag}[${zshText(about)}]`)), ...(values.length === 0 ? [] : [quote(`1:value:(${values.join(' ')})`)]), quote('*:file:_files')].join(' ')} ;;`,
  )
  .join('\n')}
  esac
}
if [ "$funcstack[1]" = _sessionwire ]; then _sessionwire "$@"; else compdef _sessionwire sessionwire; fi
`

const fish = (rows: readonly Row[]): string =>
  [
    '# Completion of sessionwire for fish.',
    'complete -c sessionwire -f',
    ...rows.flatMap(({ names, about, options, values }) => {
      const within = `-n ${quote(`__fish_seen_subcommand_from ${names.join(' ')}`)}`
      return [
        `complete -c sessionwire -n __fish_use_subcommand -a ${names[0]} -d ${quote(about)}`,
        ...values.map(value => `complete -c sessionwire ${within} -a ${value}`),
        ...options.map(
          ([flag, text]) => `complete -c sessionwire ${within} -l ${flag.slice(2)} -d ${quote(text)}`,
        ),
      ]
    }),
    '',
  ].join('\n')

/** The completion script of a shell, from the table of commands. */
export const completionScript = (
  shell: (typeof SHELLS)[number],
  commands: readonly AnyCommand[],
  shared: (uses: Uses) => Readonly<Record<string, Option>>,
): string => ({ bash, zsh, fish })[shell](rowsOf(commands, shared))
