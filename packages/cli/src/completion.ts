import { type AnyCommand, type Option, toFlag, type Uses } from './command.ts'

/** Shells that a script can be made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

type Row = Readonly<{
  names: readonly string[]
  about: string
  options: readonly (readonly [flag: string, about: string, taken: Option])[]
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
        ([each, option]) => [`--${option.on ? 'no-' : ''}${toFlag(each)}`, option.about, option] as const,
      ),
      values: (given as readonly Readonly<{ choices?: readonly string[] }>[]).flatMap(
        ({ choices = [] }) => choices,
      ),
    }))

/** A text within single quotes of a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Values of options that name a file or a folder. */
const FILES: ReadonlySet<unknown> = new Set(['file', 'folder', 'path'])

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
complete -o default -F _sessionwire sessionwire
`

const zshText = (text: string): string => text.replace(/[[\]:\\]/g, found => `\\${found}`)

/** How zsh completes the value of an option; without it the value would count as an argument. */
const zshValue = ({ value, choices }: Option): string => {
  if (value === undefined) return ''
  return `:${value}:${choices !== undefined ? `(${choices.join(' ')})` : FILES.has(value) ? '_files' : ' '}`
}

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
      `    ${names.join('|')}) _arguments ${[...options.map(([flag, about, taken]) => quote(`${flag}[${zshText(about)}]${zshValue(taken)}`)), ...(values.length === 0 ? [] : [quote(`2:value:(${values.join(' ')})`)]), quote('*:file:_files')].join(' ')} ;;`,
  )
  .join('\n')}
  esac
}
if [ "$funcstack[1]" = _sessionwire ]; then _sessionwire "$@"; else compdef _sessionwire sessionwire; fi
`

/** How fish completes the value of an option. */
const fishValue = ({ value, choices }: Option): string => {
  if (value === undefined) return ''
  if (choices !== undefined) return ` -x -a ${quote(choices.join(' '))}`
  return FILES.has(value) ? ' -r -F' : ' -x'
}

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
          ([flag, text, taken]) =>
            `complete -c sessionwire ${within} -l ${flag.slice(2)}${fishValue(taken)} -d ${quote(text)}`,
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
