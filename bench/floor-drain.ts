import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Cost, measureCost } from './measure.ts'

/** The requests of each lane, one after the other: the numbers of the requests. */
export type Lanes = readonly (readonly number[])[]

type Head = Readonly<{ id: number; position: number; key: string; body: string }>
type Answer = Readonly<{ head: Head; ok: boolean; id: string }>

const LEASE_MS = 60_000

/** Sends a body; a request that is answered at once stands for a call that leaves no process. */
export type Post = (body: string) => Promise<Readonly<{ status: number; text: string }>>

const postTo = (agent: Agent, url: URL, body: string): ReturnType<Post> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ agent, hostname: url.hostname, port: url.port, path: '/items', method: 'POST', timeout: 30_000 },
        headers: {
          authorization: 'Bearer x',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      response => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
        )
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

const SCHEMA = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE lanes (id INTEGER PRIMARY KEY, head INTEGER NOT NULL, due INTEGER, lease INTEGER) STRICT;
  CREATE INDEX ready ON lanes (due) WHERE due IS NOT NULL;
  CREATE TABLE deliveries (lane INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, state INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, captured TEXT, body TEXT NOT NULL, PRIMARY KEY (lane, position)) STRICT, WITHOUT ROWID;`

/**
 * The floor of a drain: a bare outbox. Lanes are ordered, each request is marked in the file before it leaves and settled
 * after its answer, and what one turn of the loop settles and claims is one transaction. It knows nothing else: no
 * retries, no look-ups, no pauses, no placeholders, no redaction, no other worker.
 */
export const drainFloor = async (
  to: string | Post,
  lanes: Lanes,
  concurrency: number,
  bodyOf: (lane: number, n: number) => unknown,
): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const db = new DatabaseSync(join(folder, 'floor.db'))
  db.exec(SCHEMA)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const addLane = db.prepare('INSERT INTO lanes VALUES (?, 0, 0, NULL)')
  const add = db.prepare('INSERT INTO deliveries (lane, position, key, state, body) VALUES (?, ?, ?, 1, ?)')
  begin.run()
  for (const [lane, numbers] of lanes.entries()) {
    addLane.run(lane)
    numbers.forEach((n, position) => {
      add.run(lane, position, `${lane}/${n}/bench/0`, JSON.stringify(bodyOf(lane, n)))
    })
  }
  commit.run()
  const heads = db.prepare(
    `SELECT l.id, d.position, d.key, d.body FROM lanes l JOIN deliveries d ON d.lane = l.id AND d.position = l.head
      WHERE l.due <= ? ORDER BY l.due LIMIT ? + 0`,
  )
  const take = db.prepare('UPDATE lanes SET due = NULL, lease = ? WHERE id = ?')
  const mark = db.prepare(
    'UPDATE deliveries SET state = 2, attempts = attempts + 1 WHERE lane = ? AND position = ?',
  )
  const settle = db.prepare(
    'UPDATE deliveries SET state = ?, captured = ? WHERE lane = ? AND position = ? AND state = 2',
  )
  const free = db.prepare('UPDATE lanes SET head = ?, due = ?, lease = NULL WHERE id = ?')
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const target = typeof to === 'string' ? new URL(to) : undefined
  const post: Post = typeof to === 'string' ? body => postTo(agent, target as URL, body) : to
  let left = lanes.reduce((sum, numbers) => sum + numbers.length, 0)

  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let underWay = 0
      let planned = false
      let answered: Answer[] = []
      const send = async (head: Head): Promise<void> => {
        const { status, text } = await post(head.body)
        const { id } = JSON.parse(text) as { id: string }
        answered.push({ head, ok: status === 200, id })
        if (planned) return
        planned = true
        setImmediate(turn)
      }
      const turn = (): void => {
        planned = false
        const now = Date.now()
        begin.run()
        for (const { head, ok, id } of answered) {
          settle.run(ok ? 3 : 1, id, head.id, head.position)
          const last = head.position + 1 >= (lanes[head.id]?.length ?? 0)
          free.run(ok ? head.position + 1 : head.position, ok && last ? null : now, head.id)
          if (ok) left--
        }
        underWay -= answered.length
        answered = []
        const found = heads.all(now, concurrency - underWay) as unknown as Head[]
        for (const head of found) {
          take.run(now + LEASE_MS, head.id)
          mark.run(head.id, head.position)
        }
        commit.run()
        underWay += found.length
        for (const head of found) send(head).catch(reject)
        if (left === 0) resolve()
      }
      turn()
    })

  const cost = await measureCost(run)
  agent.destroy()
  db.close()
  await rm(folder, { recursive: true })
  return cost
}

/** The payload of a request, for ours too. */
export const bodyOf = (lane: number, n: number) => ({
  lane,
  n,
  text: `Step ${n}: reproduced with two parallel webhooks`,
  more: 'x'.repeat(300),
})

const answerWithId = (): ReturnType<Post> => Promise.resolve({ status: 200, text: '{"id":"1"}' })

/** The floor's side of a drain. Without an address its requests are answered at once. */
export const drainPosts = (url: string | undefined, lanes: Lanes, concurrency: number): Promise<Cost> =>
  drainFloor(url ?? answerWithId, lanes, concurrency, bodyOf)
