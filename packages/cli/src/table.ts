import type { AnyCommand, Option, Uses } from './command.ts'
import { decide } from './commands/decide.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'
import { trust } from './commands/trust.ts'
import { update } from './commands/update.ts'

/** Every command, in the order of the help. */
export const commands: readonly AnyCommand[] = [start, update, decide, status, trust]

const FOLDER = {
  json: { about: 'Prints one JSON object and nothing else on standard output' },
  cwd: { about: 'Works as if started in this folder', value: 'folder', short: 'C' },
} as const satisfies Readonly<Record<string, Option>>
const WORKSPACE = {
  config: { about: 'Uses this configuration file', value: 'file' },
  project: { about: 'Project of the sessions', value: 'name' },
  user: { about: 'User of the sessions', value: 'name' },
} as const satisfies Readonly<Record<string, Option>>
const SESSION = {
  session: { about: 'The session: its id, or the beginning or end of it', value: 'id' },
} as const satisfies Readonly<Record<string, Option>>
const RECORDING = {
  wait: {
    about: 'Longest time to deliver before the rest is left to a process in the background (default 2s)',
    value: 'time',
  },
  deliver: { about: 'Delivers nothing now', on: true },
  key: { about: 'Records once: the same key again records nothing', value: 'text' },
  at: { about: 'When it happened: ISO 8601, or so long ago (10m)', value: 'time' },
} as const satisfies Readonly<Record<string, Option>>

/** Options that a command takes beside its own. */
export const sharedOptions = (uses: Uses): Readonly<Record<string, Option>> => ({
  ...(uses === 'recording' ? RECORDING : {}),
  ...(uses === 'recording' || uses === 'session' ? SESSION : {}),
  ...(uses === 'folder' || uses === 'nothing' ? {} : WORKSPACE),
  ...(uses === 'nothing' ? { json: FOLDER.json } : FOLDER),
})
