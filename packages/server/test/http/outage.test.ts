import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { type Tracker, TrackerError } from '@sessionwire/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callTool, connect, openTracker } from '../connect.ts'
import { KEY, openStage, type Stage } from './stage.ts'

const PLACE = 'postgresStore: role "admin" cannot log in at 10.0.0.5'
const TOLD =
  'The store of the server cannot be used now. The log of the server has more. Call again later, with the same key.'

const refuse = async (): Promise<never> => {
  throw new TrackerError('STORE', PLACE)
}

/** A tracker whose store was lost. */
const breakStore = (tracker: Tracker): void => void Object.assign(tracker, { sessions: refuse })

/** What a client learns of a thing that cannot be had. */
const problemOf = (asked: Promise<unknown>): Promise<unknown> => asked.then(JSON.stringify, String)

const askAll = async (client: Client): Promise<readonly unknown[]> => [
  (await callTool(client, 'session_status')).text,
  await problemOf(client.listResources()),
  await problemOf(client.readResource({ uri: 'session://current' })),
  await problemOf(client.readResource({ uri: 'session://current/report' })),
  (await client.getPrompt({ name: 'handoff' })).messages[0]?.content,
]

describe('a caller from outside', () => {
  let stage: Stage
  let client: Client
  beforeEach(async () => {
    stage = await openStage()
    client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${stage.port}/mcp`), {
        requestInit: { headers: { 'x-api-key': KEY } },
      }),
    )
  })
  afterEach(async () => {
    await client.close()
    await stage.end()
  })

  test('is told over HTTP that the store cannot be used, and the log where it is', async () => {
    breakStore(stage.tracker)
    const { status, headers, json } = await stage.send('/api/sessions')
    expect([status, headers['retry-after'], json.error]).toEqual([503, '1', { code: 'STORE', message: TOLD }])
    expect(stage.lines).toEqual([expect.stringContaining(PLACE)])
  })

  test('is told the same over MCP, by tools, resources and prompts', async () => {
    breakStore(stage.tracker)
    expect(await askAll(client)).toEqual([
      `STORE: ${TOLD}`,
      ...Array.from({ length: 3 }, () => expect.stringContaining(`STORE: ${TOLD}`)),
      { type: 'text', text: expect.stringContaining(`There is no session to show. ${TOLD}`) },
    ])
    expect(stage.lines).toEqual(Array.from({ length: 5 }, () => `mcp: ${PLACE}`))
  })

  test.for(['session://%', 'session://%E0%A4', 'session://none/report', 'session://none'])(
    'is told that there is no resource %s',
    async uri => {
      await expect(client.readResource({ uri })).rejects.toThrow(/unknown session|[Nn]ot found/)
      expect(stage.lines).toEqual([])
    },
  )
})

test('who started the server reads where the store is', async () => {
  const tracker = await openTracker()
  const { client, close } = await connect({ tracker })
  breakStore(tracker)
  expect(await askAll(client)).toEqual([
    `STORE: ${PLACE}`,
    expect.stringContaining(`STORE: ${PLACE}`),
    expect.stringContaining(PLACE),
    expect.stringContaining(PLACE),
    { type: 'text', text: expect.stringContaining(`There is no session to show. ${PLACE}`) },
  ])
  await close()
  await tracker.close()
})
