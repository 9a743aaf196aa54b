import { statSync } from 'node:fs'
import {
  Command as Commander,
  Argument as CommanderArgument,
  CommanderError,
  Option as CommanderOption,
} from 'commander'
import type { AnyCommand, Context, Option, Result, Shared } from './command.ts'
import { GROUPS, toFlag } from './command.ts'
import { configuration, EXIT, type Failure, toFailure, usage } from './failure.ts'
import { findFolder, guardStreams, type Io, paint, processIo, show, showJson, showOutput } from './io.ts'
import { commands, optionsOf } from './table.ts'
import { parseDuration } from './time.ts'
import { VERSION } from './version.ts'
import { putCommandFirst, separateTexts } from './word-order.ts'

const toOption = (name: string, { about, value, many, choices, short, on }: Option): CommanderOption => {
  const long = `--${on ? 'no-' : ''}${toFlag(name)}${value === undefined ? '' : ` <${value}>`}`
  const option = new CommanderOption(short === undefined ? long : `-${short}, ${long}`, about)
  if (choices !== undefined) option.choices(choices)
  return many
    ? option.argParser((each: string, before?: readonly string[]) => [...(before ?? []), each])
    : option
}

/** Longest error of the parser; it quotes arguments whole. */
const LONGEST = 600
const shorten = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…\n`)

/** A problem of an argument in our words: the parser does not say what it expects where one is missing. */
const phrase = (text: string, command: AnyCommand | undefined): string => {
  const [, value, name, choices] =
    /^error: command-argument value '(.*)' is invalid for argument '(.+)'\. Allowed choices are (.+)\.\s*$/s.exec(
      text,
    ) ?? []
  if (name !== undefined) return `error: ${name}: unknown value "${value}"; expected one of ${choices}.\n`
  const missing = /^error: missing required argument '(.+)'\s*$/.exec(text)?.[1]
  if (missing === undefined) return text
  const argument = (command?.arguments ?? []).find((each: { name: string }) => each.name === missing)
  const expected = argument?.choices === undefined ? '' : `; expected one of ${argument.choices.join(', ')}`
  return `error: ${missing}: missing${expected}.\n`
}

/** Lines of an error: its code, what happened, what to do. */
const sayFailure = (io: Io, { code, message, todo }: Failure): void => {
  io.writeError(`${paint(io, 'red', code)}: ${show(message)}\n`)
  if (todo !== undefined) io.writeError(`${show(todo)}\n`)
}

const sayResult = (io: Io, { json }: Shared, { data, text }: Result<unknown>): void => {
  if (json) {
    io.write(`${showJson(data)}\n`)
    return
  }
  const whole = showOutput(io, typeof text === 'string' ? text : text.join('\n'))
  if (whole !== '') io.write(whole.endsWith('\n') ? whole : `${whole}\n`)
}

/** Closes what a command opened. */
const closeAll = async (opened: readonly Readonly<{ close: () => Promise<void> }>[]): Promise<void> => {
  for (const each of opened) await each.close()
}

/** Whether a command says itself what keeps its requests from going out, with what to do. */
const saysHeld = ({ uses, name }: AnyCommand) => /^(recording|starting)$/.test(uses) || name === 'drain'
/** A complaint of the delivery about that. */
const HELD = /^\S+ is paused[ ,]|: [\w, ]+ (is|are) not set: set /

const runCommand = async (
  io: Io,
  command: AnyCommand,
  given: Readonly<Record<string, string | undefined>>,
  chosen: Shared & Readonly<Record<string, string | undefined>>,
): Promise<number> => {
  const opened: Readonly<{ close: () => Promise<void> }>[] = []
  const said = new Set<string>()
  const note = (text: string): void => {
    if (said.has(text) || (saysHeld(command) && HELD.test(text))) return
    said.add(text)
    io.writeError(`${paint(io, 'dim', 'note:')} ${show(text)}\n`)
  }
  const cwd = findFolder(io, chosen.cwd) ?? ''
  const { config, project, user, session } = chosen
  const isOption = (value: unknown): value is string => typeof value === 'string'
  const flags = {
    ...(isOption(config) ? { config } : {}),
    ...(isOption(project) ? { project } : {}),
    ...(isOption(user) ? { user } : {}),
    ...(isOption(session) ? { session } : {}),
  }
  const context: Context = {
    io: { ...io, cwd },
    shared: chosen,
    table: { commands, optionsOf },
    note,
    read: async () => {
      const { readWorkspace } = (await import('./engine.ts')).reading
      const read = await readWorkspace(cwd, io.env, flags)
      for (const each of read.notes) note(each)
      return read
    },
    open: async (options = {}) => {
      const { openWorkspace } = (await import('./engine.ts')).opening
      const workspace = await openWorkspace(cwd, { env: io.env, flags, note, ...options })
      opened.push(workspace)
      for (const each of workspace.notes) note(each)
      if (workspace.isImplied && workspace.adapters.length > 0)
        note(
          `No adapters are configured: ${workspace.adapters.map(({ name }) => name).join(', ')} ${workspace.adapters.length === 1 ? 'is' : 'are'} set up in the environment and only previewed. Run: sessionwire init`,
        )
      return workspace
    },
  }
  try {
    // A host's event is recorded wherever it came from.
    if (cwd === '' && command.name !== 'hook')
      throw configuration(
        'The working directory was removed.',
        'Change to a folder that is there, or name one with --cwd.',
      )
    if (chosen.cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw usage(`--cwd: there is no folder ${cwd}.`)
    if (chosen.wait !== undefined) parseDuration(chosen.wait, '--wait')
    const result = await command.run(context, given, chosen)
    await closeAll(opened)
    sayResult(io, chosen, result)
    return result.code ?? EXIT.done
  } catch (thrown) {
    try {
      await closeAll(opened)
    } catch {
      // The first error is the one to show.
    }
    const failure = toFailure(thrown)
    const { exit, ...error } = failure
    if (chosen.json) io.write(`${showJson({ error })}\n`)
    sayFailure(io, failure)
    if ((io.env.SESSIONWIRE_DEBUG ?? io.env.MSP_DEBUG ?? '') !== '' && thrown instanceof Error)
      io.writeError(`${show(thrown.stack ?? '')}\n`)
    return exit
  }
}

/** The line of a command in the list of all; its options are left out, because they cost the help half of its time. */
const addLine = (program: Commander, { name, about, group, aliases = [], hidden }: AnyCommand): Commander => {
  const made = program.command(name, hidden ? { hidden: true } : {})
  made.description(about).helpGroup(`${group}:`)
  for (const alias of aliases) made.alias(alias)
  return made
}

const addCommand = (program: Commander, command: AnyCommand, io: Io, end: (code: number) => void): void => {
  const made = addLine(program, command)
  for (const { name, about, optional, many, choices } of command.arguments ?? []) {
    const argument = new CommanderArgument(
      optional ? `[${name}${many ? '...' : ''}]` : `<${name}${many ? '...' : ''}>`,
      about,
    )
    if (choices !== undefined) argument.choices([...choices])
    made.addArgument(argument)
  }
  const own: Readonly<Record<string, Option>> = command.options ?? {}
  for (const [name, option] of Object.entries(own)) made.addOption(toOption(name, option))
  for (const [name, option] of Object.entries(optionsOf(command.uses)))
    if (!Object.hasOwn(own, name))
      made.addOption(toOption(name, option).helpGroup('Options of most commands:'))
  const more = [...(command.more ?? [])]
  const examples = command.examples ?? []
  if (examples.length > 0) more.push(`Examples:\n${examples.map(each => `  ${each}`).join('\n')}`)
  if (more.length > 0) made.addHelpText('after', `\n${more.join('\n\n')}`)
  made.action(async (...words: unknown[]) => {
    const names = (command.arguments ?? []).map(({ name }: { name: string }) => name)
    const given = Object.fromEntries(
      names.map((name: string, place: number) => [name, words[place] as string | undefined]),
    )
    end(await runCommand(io, command, given, made.opts()))
  })
}

/** Words that show the list of commands. */
const LISTING: readonly string[] = ['--help', '-h', '--version', '-V', '']

const findCommand = (word = ''): AnyCommand | undefined =>
  commands.find(({ name, aliases = [] }) => name === word || aliases.includes(word))

/** The parser with the command that is wanted, or with all of them; without options where they are only listed. */
export const createProgram = (io: Io, end: (code: number) => void, first = ''): Commander => {
  const only = findCommand(first)
  const isListing = LISTING.includes(first)
  const program = new Commander('sessionwire')
  program
    .description(
      'Records what an agent or a person does as a session, and mirrors it into the tools of the team.',
    )
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'Shows the version')
    .helpOption('-h, --help', 'Shows help')
    .helpCommand('help [command]', 'Shows the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: io.write,
      writeErr: text => io.writeError(show(text)),
      getOutHasColors: () => io.hasColours,
      getErrHasColors: () => io.hasColours,
      getOutHelpWidth: () => Math.min(io.columns, 110),
      outputError: (text, write) =>
        write(shorten(phrase(text, only)).replace(/^error:/, paint(io, 'red', 'USAGE:'))),
    })
    .configureHelp({ subcommandTerm: command => [command.name(), ...command.aliases()].join(', ') })
    .showHelpAfterError(
      `Run \`sessionwire help ${only?.name ?? '<command>'}\` for its arguments and options. Text that begins with a dash goes behind --.`,
    )
  for (const group of GROUPS)
    for (const command of only === undefined ? commands : [only])
      if (command.group === group)
        if (isListing) addLine(program, command)
        else addCommand(program, command, io, end)
  return program
}

/** Runs the command of these words, and gives the exit code. */
export const runProgram = async (given: readonly string[], io: Io): Promise<number> => {
  const words = putCommandFirst(given)
  let code: number = EXIT.done
  const program = createProgram(
    io,
    ended => {
      code = ended
    },
    words[0],
  )
  try {
    if (words.length === 0) {
      program.outputHelp()
      return EXIT.done
    }
    // The parser shows the list of all commands as the help of an unknown one: here it is called unknown.
    const isAsked = words[0] === 'help' && words[1] !== undefined && findCommand(words[1]) === undefined
    await program.parseAsync([...separateTexts(isAsked ? words.slice(1) : words)], { from: 'user' })
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT.done
      if (words.includes('--json'))
        io.write(
          `${showJson({
            error: {
              code: 'USAGE',
              message: shorten(phrase(thrown.message, findCommand(words[0])))
                .replace(/^error: /, '')
                .trim(),
            },
          })}\n`,
        )
      return EXIT.usage
    }
    sayFailure(io, toFailure(thrown))
    return EXIT.ours
  }
}

/** Runs the command of this process. `program` is its own file. */
export const runProcess = async (words: readonly string[], program: string): Promise<void> => {
  guardStreams()
  process.exitCode = await runProgram(words, processIo(program))
}
