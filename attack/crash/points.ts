import { writeSync } from 'node:fs'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { Store, Transport } from '@sessionwire/core/delivery'
import type { Place } from './place.ts'

/** Where a process is killed. All but the last four are in the process itself; the last two count ms. */
const POINTS = [
  'key',
  'message',
  'erase',
  'custom',
  'commit:before',
  'append',
  'commit:after',
  'claim:after',
  'sql',
  'begin:before',
  'begin:after',
  'send:after',
  'capture',
  'settle:before',
  'settle:after',
  'checkpoint',
  'migration',
  'request',
  'half',
  'time',
  'start',
] as const
export type Point = (typeof POINTS)[number]

/** The `nth` time that a process comes by `point` it dies. */
export type Death = Readonly<{ point: Point; nth: number }>

/** Written at once, so that what was said before a kill is heard. A pipe that is full for a moment is waited for. */
export const say = (line: string): void => {
  for (;;)
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
}

/** Says where, and is gone before the next instruction. */
const die = (where: string): never => {
  say(`died ${where}`)
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

/** The statements of a script; the body of a trigger has statements of its own, and ends with `END`. */
const statementsOf = (script: string): readonly string[] =>
  script.match(/\s*(?:CREATE TRIGGER[\s\S]*?\nEND|[^;]*);/g) ?? []

/** Counts what comes by, and dies in time. */
export const createDeath = ({ point, nth }: Death) => {
  let left = nth
  let [committing, erasing] = [false, false]

  /** True the `nth` time. */
  const isNow = (...at: readonly Point[]): boolean => at.includes(point) && --left === 0
  const pass = (at: Point): void => {
    if (isNow(at)) die(at)
  }

  const statement = (sql: string): void => {
    const first = sql.trim().split(/\s+/, 3).join(' ')
    if (/ (messages|keys)\b/.test(first) && isNow('message')) die(`message before ${first}`)
    if (erasing && isNow('erase')) die(`erase before ${first}`)
    if (committing ? isNow('append', 'sql') : isNow('sql'))
      die(`${committing ? 'append' : 'sql'} before ${first}`)
  }

  /** Every statement of this process passes here before SQLite sees it. The product knows nothing of it. */
  const watchSqlite = (): void => {
    const { run } = StatementSync.prototype
    StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
      statement(this.sourceSQL)
      return run.apply(this, values)
    } as typeof run
    const { exec } = DatabaseSync.prototype
    DatabaseSync.prototype.exec = function (this: DatabaseSync, script: string) {
      if (point !== 'migration' || !script.includes('CREATE TABLE')) {
        statement(script)
        return exec.call(this, script)
      }
      for (const [place, one] of statementsOf(script).entries()) {
        if (place === nth) die(`migration after ${place} statements`)
        exec.call(this, one)
      }
    }
  }

  /** Every statement of this process passes here before the driver sends it. */
  const watchPostgres = async (): Promise<void> => {
    const { default: pg } = await import('pg')
    const client = pg.Client.prototype as unknown as { query: (...given: unknown[]) => unknown }
    const { query } = client
    let migrated = 0
    client.query = function (this: unknown, ...given: unknown[]) {
      const [first] = given
      const text =
        typeof first === 'string' ? first : String((first as { text?: unknown } | null)?.text ?? '')
      if (point === 'migration' && /^CREATE|^ALTER|^INSERT INTO \S+identity/.test(text) && ++migrated === nth)
        die(`migration after ${migrated - 1} statements`)
      statement(text)
      return query.apply(this, given)
    }
  }

  /** A moment within the checkpoint: it runs in another thread, so this one turns until the time has come. */
  const watchCheckpoints = (): void => {
    const { postMessage } = Worker.prototype
    Worker.prototype.postMessage = function (this: Worker, ...values: Parameters<typeof postMessage>) {
      postMessage.apply(this, values)
      if (point !== 'checkpoint' || values[0] === 'end') return
      const at = performance.now() + nth * 0.7
      const turn = (): void => {
        if (performance.now() >= at) die(`checkpoint ${String(values[0])}`)
        setImmediate(turn)
      }
      turn()
    }
  }

  return {
    watch: async (kind: Place['kind']): Promise<void> => {
      if (kind === 'postgres') return watchPostgres()
      watchSqlite()
      watchCheckpoints()
    },
    store: (store: Store): Store => ({
      ...store,
      commit: async commit => {
        pass('commit:before')
        committing = true
        try {
          return await store.commit(commit)
        } finally {
          committing = false
          pass('commit:after')
        }
      },
      findKey: async (sessionId, eventId) => {
        pass('key')
        const known = await store.findKey(sessionId, eventId)
        if (known !== undefined) pass('key')
        return known
      },
      erase: async (sessionId, erasure) => {
        pass('erase')
        erasing = true
        try {
          await store.erase(sessionId, erasure)
        } finally {
          erasing = false
          pass('erase')
        }
      },
      capture: async (key, captures) => {
        pass('capture')
        await store.capture(key, captures)
        pass('capture')
      },
      claim: async request => {
        // An ending is written with a claim, or alone.
        if (request.settlements !== undefined) pass('settle:before')
        const claimed = await store.claim(request)
        if (request.settlements !== undefined) pass('settle:after')
        if (claimed.claims.length > 0) pass('claim:after')
        // A call that is sent first is begun with its claim.
        if (claimed.claims.some(({ delivery }) => delivery.state === 'begun')) pass('begin:after')
        return claimed
      },
      begin: async starts => {
        pass('begin:before')
        const begun = await store.begin(starts)
        pass('begin:after')
        return begun
      },
      settle: async settlements => {
        pass('settle:before')
        const settled = await store.settle(settlements)
        pass('settle:after')
        return settled
      },
    }),
    transport: (transport: Transport): Transport => ({
      ...transport,
      send: async (call, sending) => {
        if (call.kind === 'custom') pass('custom')
        const reply = await transport.send(call, sending)
        if (call.kind === 'custom') pass('custom')
        pass('send:after')
        return reply
      },
    }),
  }
}
