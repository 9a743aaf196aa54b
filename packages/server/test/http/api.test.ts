import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEY, openStage, type Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.end())

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
const ID = expect.stringMatching(/^[0-9a-f-]{36}$/)

test('a session is started by POST, once for each key', async () => {
  const start = () =>
    stage.send('/api/sessions', { body: { goal: 'Stop double charging', user: 'ada', key: 'k1' } })
  const first = await start()
  const { id } = first.json.data.session
  const session = { id, title: 'Stop double charging', status: 'active', progress: 0 }
  expect([first.status, first.json]).toEqual([
    201,
    {
      success: true,
      data: { recorded: true, eventId: ID, session, by: 'started', planned: [] },
      error: null,
      timestamp: TIME,
      request_id: ID,
    },
  ])
  expect(first.headers['x-request-id']).toBe(first.json.request_id)
  const second = await start()
  expect([second.status, second.json.data]).toEqual([
    200,
    { recorded: true, repeated: true, eventId: first.json.data.eventId, session, by: 'started', planned: [] },
  ])
  expect((await stage.tracker.sessions()).map(({ id: each, metadata }) => [each, metadata])).toEqual([
    [id, { startedBy: 'key:default' }],
  ])
})

test('nobody records without the key, or with another one', async () => {
  const body = { goal: 'Stop double charging' }
  const tell = async (headers: Readonly<Record<string, string>>) => {
    const { status, json } = await stage.send('/api/sessions', { body, key: false, headers })
    return [status, json.success, json.data, json.error]
  }
  expect(await tell({})).toEqual([
    401,
    false,
    null,
    { code: 'UNAUTHORIZED', message: 'Missing X-Api-Key header.' },
  ])
  expect(await tell({ 'x-api-key': 'wrong' })).toEqual([
    401,
    false,
    null,
    { code: 'UNAUTHORIZED', message: 'Invalid API key.' },
  ])
  expect(await stage.tracker.sessions()).toEqual([])
})

test('a caller learns nothing of the machine that serves: neither its path nor its name', async () => {
  const { json } = await stage.send('/api/sessions', { body: { goal: 'x', workspace: '/mine' } })
  const own = await stage.send('/api/sessions', { body: { goal: 'y' } })
  const { sessions } = (await stage.send('/api/sessions')).json.data
  const shown = (await stage.send(`/api/sessions/${own.json.data.session.id}`)).json.data.session
  const given = (await stage.send(`/api/sessions/${json.data.session.id}`)).json.data.session
  for (const each of [...sessions, shown, given])
    expect([each.machine, each.writer]).toEqual([undefined, undefined])
  expect([shown.workspace, given.workspace]).toEqual([undefined, '/mine'])
})

test('a client that offers another protocol is answered in this one', async () => {
  // As the client of Java's library sends its first call.
  const body = JSON.stringify({ goal: 'Stop double charging' })
  const answer = await stage.raw(
    [
      'POST /api/sessions HTTP/1.1',
      'Host: 127.0.0.1',
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      `X-Api-Key: ${KEY}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
  expect(answer).not.toMatch(/upgrade/i)
  expect((await stage.tracker.sessions()).map(({ goal }) => goal)).toEqual(['Stop double charging'])
})

test.each([
  ['limit=-1', 'sessions.limit: out of range; expected a number of at least 1, got the number -1.'],
  ['limit=1.5', 'sessions.limit: invalid value; expected a whole number, got the number 1.5.'],
  ['limit=1e400', 'sessions.limit: invalid value; expected a number, got the number Infinity.'],
  ['limit=ten', 'sessions.limit: invalid type; expected a number, got the string "ten".'],
])('a number in a query that does not fit is called a number (%s)', async (query, message) => {
  const { status, json } = await stage.send(`/api/sessions?${query}`)
  expect([status, json.error]).toEqual([400, { code: 'INVALID_INPUT', message }])
})
