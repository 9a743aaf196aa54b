import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { quoteWord } from '@sessionwire/hosts'

type Environment = Readonly<Record<string, string | undefined>>
type Place = Readonly<{
  /** The folder of the workspace. */
  root: string
  env: Environment
  platform: string
}>

/** A timer of the system that delivers for one workspace. */
export type Timer = Readonly<{
  /** Files that make it, by their paths. */
  files: Readonly<Record<string, string>>
  /** The command that starts it, as one types it. */
  start: string
  /** The command that ends it. */
  stop: string
  /** It was tried on this kind of machine. */
  isVerified: boolean
}>

const EVERY_MINUTES = 5

const nameOf = (root: string): string =>
  `sessionwire-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
const homeOf = (env: Environment): string => env.HOME || homedir()
const systemdFolder = (env: Environment): string =>
  join(env.XDG_CONFIG_HOME || join(homeOf(env), '.config'), 'systemd', 'user')
const agentFile = (env: Environment, name: string): string =>
  join(homeOf(env), 'Library', 'LaunchAgents', `io.github.${name}.plist`)

/** A word of `ExecStart`: in quotes, and without what systemd replaces (systemd.service, "Command lines"). */
const quoteUnit = (word: string): string =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
/** One line for a description, without what systemd replaces. */
const lineOf = (text: string): string => text.replace(/[\p{Cc}%]+/gu, ' ')

const systemd = (words: readonly string[], { root, env }: Place): Timer => {
  const name = nameOf(root)
  const folder = systemdFolder(env)
  const service = [
    '[Unit]',
    `Description=Deliver what sessionwire has planned in ${lineOf(root)}`,
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=${words.map(quoteUnit).join(' ')}`,
    '',
  ]
  const timer = [
    '[Unit]',
    `Description=Run ${name} every ${EVERY_MINUTES} minutes`,
    '',
    '[Timer]',
    'OnBootSec=2min',
    `OnUnitInactiveSec=${EVERY_MINUTES}min`,
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ]
  const file = join(folder, `${name}.timer`)
  return {
    files: { [join(folder, `${name}.service`)]: service.join('\n'), [file]: timer.join('\n') },
    start: `systemctl --user daemon-reload && systemctl --user enable --now ${name}.timer`,
    stop: `systemctl --user disable --now ${name}.timer`,
    isVerified: true,
  }
}

const launchd = (words: readonly string[], { root, env }: Place): Timer => {
  const name = nameOf(root)
  const file = agentFile(env, name)
  const plist = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>io.github.${name}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words.map(word => `    <string>${escapeXml(word)}</string>`),
    '  </array>',
    '  <key>StartInterval</key>',
    `  <integer>${EVERY_MINUTES * 60}</integer>`,
    '</dict>',
    '</plist>',
    '',
  ]
  return {
    files: { [file]: plist.join('\n') },
    start: `launchctl bootstrap gui/$(id -u) ${quoteWord(file)}`,
    stop: `launchctl bootout gui/$(id -u) ${quoteWord(file)}`,
    isVerified: false,
  }
}

const scheduler = (words: readonly string[], { root }: Place): Timer => {
  const name = nameOf(root)
  const command = words.map(word => `\\"${word}\\"`).join(' ')
  return {
    files: {},
    start: `schtasks /Create /SC MINUTE /MO ${EVERY_MINUTES} /TN ${name} /TR "${command}"`,
    stop: `schtasks /Delete /TN ${name} /F`,
    isVerified: false,
  }
}

const KINDS: Readonly<Record<string, (words: readonly string[], place: Place) => Timer>> = {
  darwin: launchd,
  win32: scheduler,
}

/** The timer of a workspace; `program` is the command of this installation. */
export const timerOf = (program: readonly string[], place: Place): Timer =>
  (KINDS[place.platform] ?? systemd)([...program, 'drain', '--background', '--cwd', place.root], place)

/** Writes the files of a timer, for this user alone. It is not started. */
export const writeTimer = ({ files }: Timer): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: 0o600 })
  }
}

/** The file of a workspace's timer, where there is one. */
export const findTimer = ({ root, env, platform }: Place): string | undefined => {
  const name = nameOf(root)
  const file = platform === 'darwin' ? agentFile(env, name) : join(systemdFolder(env), `${name}.timer`)
  return platform !== 'win32' && existsSync(file) ? file : undefined
}
