import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listSpool, places, quoteWord } from '@sessionwire/hosts'
import { findDeleted, findHindrances } from './adapter-state.ts'
import type { Context } from './command.ts'
import { examineHosts } from './examine-hosts.ts'
import { toFailure } from './failure.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import { count } from './io.ts'
import { formatDuration } from './time.ts'
import { findTimer } from './timer.ts'
import { hereOf } from './workspace/find.ts'
import type { Opened } from './workspace/open.ts'
import { locateWorkspace, type ReadWorkspace } from './workspace/read.ts'
import { importPostgres, isPostgres } from './workspace/store.ts'
import { FOREIGN } from './workspace/trust.ts'

const OLDEST = [22, 18] as const
const LEAST_BYTES = 104_857_600
const LATE_MS = 300_000

const examineNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isFine = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  return isFine
    ? ok('node', `version ${process.versions.node}`)
    : fail('node', `version ${process.versions.node}`, `Install Node ${OLDEST.join('.')} or newer.`)
}

/** The nearest folder above that exists. */
const existing = (path: string): string =>
  existsSync(path) || path === dirname(path) ? path : existing(dirname(path))

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const examineFolder = (about: string, folder: string): readonly Finding[] => {
  const place = existing(folder)
  if (!isWritable(place))
    return [
      fail(
        about,
        `${folder} cannot be written`,
        'Set SESSIONWIRE_DATA_DIR to a folder that you may write to.',
      ),
    ]
  const { mode } = statSync(place)
  const isOpen = process.platform !== 'win32' && place === folder && (mode & 0o077) !== 0
  const { bavail, bsize } = statfsSync(place)
  const free = bavail * bsize
  return [
    isOpen
      ? warn(about, `${folder} may be read by others`, `Run: chmod 700 ${quoteWord(folder)}`)
      : ok(about, folder),
    free < LEAST_BYTES
      ? warn(
          `disk of ${about}`,
          `${Math.floor(free / 1_048_576)} MiB free`,
          'Make room: a full disk stops recording.',
        )
      : ok(`disk of ${about}`, `${Math.floor(free / 1_073_741_824)} GiB free`),
  ]
}

const TRUST: Readonly<Record<ReadWorkspace['trust'], (file: string) => Finding>> = {
  none: () =>
    ok(
      'configuration',
      'no file; sessions stay on this machine unless adapters are set up in the environment',
    ),
  trusted: file => ok('configuration', `${file} is trusted`),
  untrusted: file =>
    warn(
      'configuration',
      `${file} is not trusted, so it is not used`,
      'Read it, then run: sessionwire trust',
    ),
  changed: file =>
    warn(
      'configuration',
      `${file}, a file it uses, or .env changed since you trusted it`,
      'Look at the change, then run: sessionwire trust',
    ),
  foreign: file => fail('configuration', `${file} belongs to another user`, FOREIGN),
}

const examineErrors = (data: string): readonly Finding[] => {
  const path = places(data).errors
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined || Date.now() - found.mtimeMs > 86_400_000) return []
    const last = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? ''
    return [warn('hook errors', last, `See ${path}.`)]
  } catch (thrown) {
    // A data folder that cannot be read has a line of its own.
    if (!existsSync(path)) return []
    return [warn('hook errors', toFailure(thrown).message, `Change its owner, or remove ${path}.`)]
  }
}

/** The advice of a failure, for a person who runs this command already. */
const adviceOf = (todo = ''): string => {
  const rest = todo.replace(/^Run `sessionwire doctor`(?:, and |\.)/, '')
  return rest === ''
    ? 'Fix it, and run `sessionwire doctor` again.'
    : `${rest.charAt(0).toUpperCase()}${rest.slice(1)}`
}

const examineAdapters = async (opened: Opened, live: boolean): Promise<readonly Finding[]> => {
  const { tracker, adapters, problems, isImplied } = opened
  const status = await tracker.status()
  const found: Finding[] = problems.map(({ adapter, message, todo = 'Fix the configuration.' }) =>
    (isImplied ? warn : fail)(`adapter ${adapter}`, message, todo),
  )
  for (const { name, mode, states } of status.adapters) {
    const open = (states.waiting ?? 0) + (states.claimed ?? 0) + (states.begun ?? 0)
    const isBroken = problems.some(({ adapter }) => adapter === name)
    if (mode === undefined && open > 0 && !isBroken)
      found.push(
        warn(
          `adapter ${name}`,
          `${open} of its requests wait, and it is not configured any more`,
          `Configure it again, or remove them: sessionwire drop --adapter ${name} --state waiting`,
        ),
      )
  }
  const before = new Map(status.adapters.map(each => [each.name, each]))
  for (const { name } of adapters) {
    const adapter = before.get(name)
    if (adapter === undefined) continue
    const about = `adapter ${name}`
    const { mode = '', unset = [], pauses } = adapter
    if (live && unset.length === 0) {
      const {
        ok: isOk,
        reason = '',
        hint = 'Look at the address and the credential.',
        probes,
      } = await tracker.check(name)
      const targets = count(probes.length, 'target')
      found.push(
        isOk ? ok(about, `${mode}; address, credential and ${targets} are fine`) : fail(about, reason, hint),
      )
    }
    // The check ended pauses that are over.
    const now = live ? (await tracker.status()).adapters.find(each => each.name === name) : adapter
    const hindrances = now === undefined ? [] : await findHindrances(opened, now)
    const over = pauses.filter(each => now?.pauses.every(({ kind }) => kind !== each.kind))
    if (over.length > 0)
      found.push(ok(about, `was paused (${over.map(({ kind }) => kind).join(', ')}); that is over`))
    found.push(...(now === undefined ? [] : await findDeleted(opened, now)), ...hindrances)
    if (!live && unset.length === 0) found.push(ok(about, `${mode}, set up; ask the service with --live`))
  }
  return found
}

const examineClock = async ({ tracker }: Opened): Promise<Finding> => {
  const [newest] = await tracker.sessions({ limit: 1 })
  const ahead = newest === undefined ? 0 : Date.parse(newest.lastEventAt) - Date.now()
  return ahead > LATE_MS
    ? warn(
        'clock',
        `the newest event is ${formatDuration(ahead)} ahead of this clock`,
        'Set the clock of this machine.',
      )
    : ok('clock', new Date().toISOString())
}

/** Looks at the database of a store, before anything is made in it; nothing for a file. */
const examineDatabase = async (store: string): Promise<readonly Finding[]> => {
  if (!isPostgres(store)) return []
  const { inspect } = await importPostgres()
  const { server, schema, findings } = await inspect({ url: store })
  return [
    ...(schema === 0 ? [] : [ok('database', `PostgreSQL ${server}, schema of version ${schema}`)]),
    ...findings.map(({ level: state, text, todo }) => ({ about: 'database', state, text, todo })),
  ]
}

/** Whether requests are delivered between commands. */
const examineTimer = ({ adapters, root }: Opened, { env }: Context['io']): readonly Finding[] => {
  if (adapters.length === 0) return []
  const timer = findTimer({ root, env, platform: process.platform })
  return [
    timer === undefined
      ? ok(
          'timer',
          'none: waiting requests go out with the next command. `sessionwire doctor --timer` makes one',
        )
      : ok('timer', timer),
  ]
}

/** Looks at the machine, the workspace, the hosts and the adapters. Sends nothing unless `live`. */
export const examine = async (context: Context, live: boolean): Promise<readonly Finding[]> => {
  const { io, shared } = context
  const found: Finding[] = [examineNode()]
  const flags = shared.config === undefined ? {} : { config: shared.config }
  const located = locateWorkspace(io.cwd, io.env, flags)
  const { data, root, trust, file = '' } = located
  found.push(...examineFolder('data folder', data))
  found.push(...examineHosts(data, hereOf(located), io.env), ...examineErrors(data))
  try {
    const database = await examineDatabase((await context.read()).store)
    found.push(...database)
    // To open it would make or upgrade the schema, or fail for the same reason.
    if (database.some(({ state }) => state === 'error')) return found
    const opened = await context.open({ tolerant: true })
    const spool = existsSync(places(data).spool) ? listSpool(data).length : 0
    const { store, tracker, trust: now } = opened
    // The files of `use` are judged when the configuration is loaded.
    found.push(
      opened.broken === undefined
        ? TRUST[now](file)
        : fail('configuration', opened.broken, 'Fix it, then run: sessionwire trust'),
    )
    await tracker.sessions({ limit: 1 })
    found.push(
      ok('store', store.replace(/:\/\/[^@/]*@/, '://…@')),
      ok('spool', `${count(spool, 'session')} of hosts ${spool === 1 ? 'is' : 'are'} kept`),
    )
    found.push(await examineClock(opened), ...(await examineAdapters(opened, live)))
    found.push(...examineTimer(opened, io))
    if (existsSync(join(root, '.sessionwire')) && now !== 'trusted')
      found.push(
        warn(
          'store',
          `${root}/.sessionwire is not used, because the workspace is not trusted`,
          now === 'none'
            ? 'Run `sessionwire init` where its sessions are yours; remove it where another person put it there.'
            : 'It is used again after: sessionwire trust',
        ),
      )
  } catch (thrown) {
    const { message, todo } = toFailure(thrown)
    if (!found.some(({ about }) => about === 'configuration')) found.push(TRUST[trust](file))
    found.push(fail('workspace', message, adviceOf(todo)))
  }
  return found
}
