import { createServer } from 'node:net'
import type { Json, Outcome } from '@sessionwire/core/adapter'
import { afterAll, describe, expect, test } from 'vitest'
import { moveSession } from '../src/steps.ts'
import { dump, init, newProject, open, plannedOf, real, storyOf, ways, wipe } from './real.ts'

const wires = ways.map(([name, uri]) => ({ name, uri, wire: open(uri) }))
afterAll(async () => {
  for (const { wire } of wires) await wire.close()
})

const VALUES = `RETURN 1 AS a, 2.5 AS b, 'x' AS c, true AS d, null AS e, [1, [2, {a: 3}]] AS f, 1.0 / 0.0 AS g,
  datetime('2026-01-31T10:00:00.120Z') AS h, datetime('2026-07-01T10:00:00[Europe/Berlin]') AS i, date('2026-01-31') AS j,
  time('10:00:00+01:00') AS k, localdatetime('2026-01-31T10:00:00.5') AS l, localtime('10:00') AS m,
  duration('P14M3DT90M') AS n, duration('PT0.25S') AS o, point({x: 1, y: 2.5}) AS p,
  point({longitude: 13.4, latitude: 52.5, height: 34}) AS q, $n AS r, $list AS s, valueType($n) AS t, valueType($f) AS u`

type Sure = Readonly<{
  name: string
  statement: string
  parameters?: Readonly<Record<string, Json>>
  read?: true
  outcome: Outcome
}>

// biome-ignore format: a table is read one line at a time
const failing: readonly Sure[] = [
  { name: 'a typing error', statement: 'RETURNX 1', outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.SyntaxError' } },
  { name: 'a missing parameter', statement: 'RETURN $x', outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.ParameterMissing' } },
  { name: 'null as an id', statement: 'MERGE (n:Session {id: $id})', parameters: { id: null }, outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.SemanticError' } },
  { name: 'a map as a property', statement: 'MERGE (n:Test {id: 1}) SET n.x = $x', parameters: { x: { a: 1 } }, outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.TypeError' } },
  { name: 'an error between rows', statement: 'UNWIND [1, 0] AS x RETURN 1 / x AS y', outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.ArithmeticError' } },
  { name: 'a wrong time', statement: 'RETURN datetime($at) AS at', parameters: { at: 'soon' }, outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.SyntaxError' } },
  { name: 'two statements', statement: 'RETURN 1; RETURN 2', outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.SyntaxError' } },
  { name: 'a write in a read', statement: 'CREATE (n:Test) RETURN n', read: true, outcome: { kind: 'rejected', reason: 'Neo.ClientError.Statement.AccessMode' } },
  { name: 'text too long for an index', statement: 'MERGE (n:Session {id: $id})', parameters: { id: 'é'.repeat(9_000) }, outcome: { kind: 'rejected', reason: 'Neo.DatabaseError.Statement.ExecutionFailed' } },
]

describe.for(wires)('over $name', ({ uri, wire }) => {
  const refusedBy = async (secrets: Readonly<Record<string, string>>, options = {}) => {
    const other = open(uri, options, secrets)
    const { outcome } = await other.send(other.adapter.check.call, 'check', 'check')
    await other.close()
    return outcome
  }

  test('the check passes', async () => {
    const { outcome, reply } = await wire.send(wire.adapter.check.call, 'check', 'check')
    expect(outcome).toEqual({ kind: 'delivered' })
    expect(reply).toMatchObject({ status: 202, body: { data: { fields: ['one'], values: [[1]] } } })
  })

  test('the probes find a supported version and every constraint', async () => {
    const managed = open(uri, { manageSchema: false })
    await init(wire, 'test')
    for (const { about, lookup } of managed.adapter.probes ?? []) {
      const { reply, outcome } = await managed.send(lookup.call, 'look-up', 'check')
      expect([about, outcome.kind]).toEqual([about, 'delivered'])
      const { values } = (reply as unknown as { body: { data: { values: readonly (readonly unknown[])[] } } })
        .body.data
      const wanted = (lookup.where as { equals: unknown }).equals
      expect([about, values.some(([value]) => value === wanted)]).toEqual([about, true])
    }
    await managed.close()
    await wipe(wire, 'test')
  })

  test.for(failing)(
    '$name is final, by the server’s own word',
    async ({ statement, parameters = {}, read, outcome }) => {
      const { runCypher, queryCypher } = wire.adapter.actions
      const at = { key: 'x', config: wire.adapter.config }
      const call = read
        ? queryCypher.build({ statement, parameters }, at).call
        : runCypher({ statement, parameters })(at)
      const answer = await wire.send(call)
      expect(answer.outcome.kind).toBe(outcome.kind)
      expect(answer.outcome).toMatchObject({
        reason: expect.stringContaining((outcome as { reason: string }).reason),
      })
      const [{ left } = {}] = await wire.rows('MATCH (n:Test) RETURN count(n) AS left')
      expect(left).toBe(0)
    },
  )

  test('a wrong password is denied, and a database that is not there is waited for', async () => {
    // One wrong try, not three: the server would lock the name.
    const denied = await refusedBy({ ...real.secrets, NEO4J_PASSWORD: 'wrong-password' })
    expect(denied).toMatchObject({ kind: 'denied', reason: expect.stringContaining('Security.Unauthorized') })
    expect(await refusedBy(real.secrets, { database: 'nosuch' })).toMatchObject({ kind: 'retry', down: true })
  })

  test('where nothing listens it was surely not sent', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    await new Promise(resolve => server.close(resolve))
    const nowhere = open(`${new URL(uri).protocol}//127.0.0.1:${port}`)
    const { outcome, reply } = await nowhere.send(nowhere.adapter.check.call, 'check', 'check')
    await nowhere.close()
    expect(reply).toMatchObject({ kind: 'failure', sent: 'no', code: 'refused' })
    expect(outcome).toMatchObject({ kind: 'retry', down: true })
  })

  test('constraints made twice, and by two at once, are there', async () => {
    const two = [open(uri), open(uri)]
    const project = newProject()
    await Promise.all(two.map(each => init(each, project)))
    await init(wire, project)
    const names = await wire.rows(
      'SHOW INDEXES YIELD name WHERE name =~ ".*_(id|name|start|status|time)" RETURN name',
    )
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'session_id',
        'project_state_name',
        'session_project_start',
        'decision_project_time',
      ]),
    )
    for (const each of two) await each.close()
    await wipe(wire, project)
  })

  test('actions that are no hooks', async () => {
    const project = newProject()
    const { addObservation, relateEntities, unrelateEntities, setProjectState, forgetSession } =
      wire.adapter.actions
    const at = (key: string) => ({ key: `${project} ${key}`, config: wire.adapter.config })
    const from = { type: 'class', name: 'PaymentService' }
    const to = { type: 'class', name: 'InvoiceLock' }
    for (const descriptor of plannedOf(wire, storyOf(project, 1))) await wire.deliver(descriptor)
    const before = await dump(wire, project)

    const observed = addObservation({ project, entity: to, content: 'Is held for 40 ms' })(at('o'))
    await wire.deliver(observed)
    await wire.deliver(observed)
    await wire.deliver(relateEntities({ project, from, to, kind: 'uses' })(at('r')))
    await wire.deliver(relateEntities({ project, from, to, kind: 'uses' })(at('r')))
    const [related] = await wire.rows(
      `MATCH (:Entity {project: $project, name: 'PaymentService'})-[r:RELATES_TO]->(e:Entity)-[:HAS_OBSERVATION]->(o)
       RETURN count(r) AS relations, collect(r.kind) AS kinds, collect(o.content) AS seen`,
      { project },
    )
    expect(related).toEqual({ relations: 1, kinds: ['uses'], seen: ['Is held for 40 ms'] })
    await wire.deliver(unrelateEntities({ project, from, to, kind: 'uses' })(at('u')))
    expect(
      await wire.rows('MATCH (:Entity {project: $project})-[r:RELATES_TO]->() RETURN r', { project }),
    ).toEqual([])

    const later = setProjectState({ project, at: '2026-03-01T00:00:00Z', phase: 'Hardening', progress: 80 })(
      at('s'),
    )
    await wire.deliver(later)
    await wire.deliver(
      setProjectState({ project, at: '2026-02-01T00:00:00Z', phase: 'Design', note: 'Early' })(at('t')),
    )
    await wire.deliver(later)
    expect(await wire.read('getProjectState', { project })).toMatchObject([
      { progress: 80, phase: 'Hardening', note: 'Early', progressAt: '2026-03-01T00:00:00Z' },
    ])

    const sessionId = `${project.slice(-12)}-0000-7001-8000-00000000a001`
    const moved = { sessionId, project, eventId: 'm', at: '2026-03-01T00:00:00Z', message: 'Moved' }
    await wire.deliver(moveSession({ ...moved, seq: 99, progress: 42 })(at('m')))
    await wire.deliver(moveSession({ ...moved, seq: 98, progress: 41, message: 'Older' })(at('n')))
    expect(await wire.read('getLastSession', { project })).toMatchObject([
      { progress: 42, lastMessage: 'Moved' },
    ])

    await wire.deliver(forgetSession({ sessionId })(at('f')))
    await wire.deliver(forgetSession({ sessionId })(at('f')))
    const left = await dump(wire, project)
    expect(left.length).toBeLessThan(before.length)
    expect(
      left.filter(
        line => /Session|Progress|Decision|Alternative|Blocker/.test(line) && !line.includes('ProjectState'),
      ),
    ).toEqual([])
    expect(left.filter(line => line.startsWith('Entity'))).toHaveLength(2)
    await wipe(wire, project)
  })
})

if (wires.length === 2)
  test('Bolt and HTTP answer with the same JSON', async () => {
    const parameters = { n: 5, f: 2.5, list: ['a', 'b'] }
    const [bolt, http] = await Promise.all(wires.map(({ wire }) => wire.rows(VALUES, parameters)))
    expect(bolt).toEqual(http)
    expect(bolt?.[0]).toMatchObject({
      a: 1,
      g: 'Infinity',
      h: '2026-01-31T10:00:00.12Z',
      i: '2026-07-01T10:00:00+02:00',
      r: 5,
      t: 'INTEGER NOT NULL',
      u: 'FLOAT NOT NULL',
    })
  })
