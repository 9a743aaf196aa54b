import type { AnyCommand, Option, Uses } from './command.ts'
import { ack } from './commands/ack.ts'
import { act } from './commands/act.ts'
import { actions } from './commands/actions.ts'
import { backfill } from './commands/backfill.ts'
import { block } from './commands/block.ts'
import { off, on } from './commands/capture.ts'
import { completion } from './commands/completion.ts'
import { config } from './commands/config.ts'
import { context } from './commands/context.ts'
import { decide } from './commands/decide.ts'
import { deliveries } from './commands/deliveries.ts'
import { digest } from './commands/digest.ts'
import { doctor } from './commands/doctor.ts'
import { drain } from './commands/drain.ts'
import { drop } from './commands/drop.ts'
import { end } from './commands/end.ts'
import { entity } from './commands/entity.ts'
import { exportSession } from './commands/export.ts'
import { forget } from './commands/forget.ts'
import { hook } from './commands/hook.ts'
import { importSessions } from './commands/import.ts'
import { ingest } from './commands/ingest.ts'
import { init } from './commands/init.ts'
import { install } from './commands/install.ts'
import { link } from './commands/link.ts'
import { message } from './commands/message.ts'
import { migrate } from './commands/migrate.ts'
import { mirror } from './commands/mirror.ts'
import { pause } from './commands/pause.ts'
import { preview } from './commands/preview.ts'
import { prune } from './commands/prune.ts'
import { read } from './commands/read.ts'
import { recall } from './commands/recall.ts'
import { recover } from './commands/recover.ts'
import { recreateCard } from './commands/recreate-card.ts'
import { release } from './commands/release.ts'
import { report } from './commands/report.ts'
import { resolve } from './commands/resolve.ts'
import { retry } from './commands/retry.ts'
import { mcp, serve } from './commands/server.ts'
import { sessions } from './commands/sessions.ts'
import { show } from './commands/show.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'
import { trust } from './commands/trust.ts'
import { uninstall } from './commands/uninstall.ts'
import { unpause } from './commands/unpause.ts'
import { update } from './commands/update.ts'
import { watch } from './commands/watch.ts'

/** Every command, in the order of the help. */
export const commands: readonly AnyCommand[] = [
  ...[start, update, decide, block, resolve, entity, message, link, end],
  ...[status, sessions, show, recall, context, exportSession, report, digest],
  ...[preview, release, deliveries, retry, drop, ack, pause, unpause, drain, backfill, mirror, recreateCard],
  ...[act, read, actions],
  ...[
    init,
    config,
    doctor,
    trust,
    install,
    uninstall,
    off,
    on,
    importSessions,
    recover,
    forget,
    prune,
    migrate,
    completion,
  ],
  ...[watch, ingest, hook, mcp, serve],
]

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

/** Options that a command takes in addition to its own. */
export const optionsOf = (uses: Uses): Readonly<Record<string, Option>> => ({
  ...(uses === 'recording' || uses === 'starting' ? RECORDING : {}),
  ...(uses === 'recording' || uses === 'session' ? SESSION : {}),
  ...(uses === 'folder' || uses === 'nothing' ? {} : WORKSPACE),
  ...(uses === 'nothing' ? { json: FOLDER.json } : FOLDER),
})
