import { createServer, request } from 'node:http'
import { type AddressInfo, createConnection, type Socket } from 'node:net'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticate } from '../../src/access/authenticate.ts'
import { createApp } from '../../src/http/app.ts'
import { createGate, type Gate } from '../../src/http/gate.ts'
import { LIMITS, type Listening, listen } from '../../src/http/listen.ts'
import { sendResponse } from '../../src/http/send.ts'
import { ACCESS, KEY, openStage, type Stage, send } from '../http/stage.ts'
import { answersIn } from './attempt.ts'

/** Waits for a count, however busy the machine is. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate)
}

describe('how many', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.end())

  test('200 connections that say nothing keep nobody out', async () => {
    const sockets = await Promise.all(
      Array.from(
        { length: 200 },
        () =>
          new Promise<Socket>(resolve => {
            const socket = createConnection({ host: '127.0.0.1', port: stage.port }, () => resolve(socket))
            socket.on('error', () => undefined)
          }),
      ),
    )
    for (const socket of sockets.slice(0, 100)) socket.write('POST /api/sessions HTTP/1.1\r\nHost: 127')
    const { status } = await stage.send('/api/sessions', { body: { goal: 'Heard' } })
    for (const socket of sockets) socket.destroy()
    expect(status).toBe(201)
  })

  test('200 bodies that never come keep nobody out: who is not known is not waited for', async () => {
    const sockets = await Promise.all(
      Array.from(
        { length: 200 },
        () =>
          new Promise<Readonly<{ socket: Socket; first: string }>>(resolve => {
            const socket = createConnection({ host: '127.0.0.1', port: stage.port })
            socket.on('error', () => undefined)
            socket.once('data', data => resolve({ socket, first: data.toString().split('\r\n')[0] ?? '' }))
            socket.write(
              'POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{',
            )
          }),
      ),
    )
    const { status } = await stage.send('/api/sessions', { body: { goal: 'Heard' } })
    for (const { socket } of sockets) socket.destroy()
    expect([status, new Set(sockets.map(({ first }) => first))]).toEqual([
      201,
      new Set(['HTTP/1.1 401 Unauthorized']),
    ])
  })
})

test('who waits for leave to send a body is refused without it', async () => {
  const stage = await openStage()
  const bytes = (key: string) =>
    `POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`
  const refused = answersIn(await stage.raw(bytes('wrong')))
  const allowed = await new Promise<string>(resolve => {
    const socket = createConnection({ host: '127.0.0.1', port: stage.port })
    let text = ''
    socket.on('data', data => {
      text += data
      if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('{}')
    })
    socket.on('close', () => resolve(text))
    socket.write(bytes(KEY))
  })
  await stage.end()
  expect(refused.map(({ status }) => status)).toEqual([401])
  expect(answersIn(allowed).map(({ status }) => status)).toEqual([100, 201])
})

describe('a server with little patience', () => {
  let listening: Listening
  let gate: Gate
  let release: () => void = () => undefined
  let started = 0

  const open = async (limits: typeof LIMITS | Readonly<Record<keyof typeof LIMITS, number>>) => {
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    gate = createGate(3)
    started = 0
    const app = createApp({
      routes: [
        {
          ...{ method: 'POST', path: '/take', needs: 'record', shape: 'error' },
          answer: () => ({ status: 200, body: {} }),
        },
        {
          ...{ method: 'GET', path: '/slow', needs: 'read', shape: 'error' },
          answer: async () => {
            started++
            await held
            return { status: 200, body: {} }
          },
        },
      ],
      mcp: async () => new Response(''),
      authenticate: createAuthenticate(ACCESS),
      site: { bound: '127.0.0.1', hosts: [], origins: [] },
      gate,
      streams: createGate(1),
      isEnding: () => false,
      log: () => undefined,
      now: () => 0,
    })
    listening = await listen(app, { host: '127.0.0.1', port: 0 }, limits)
  }
  const SOON = { ...LIMITS, headersTimeout: 40, requestTimeout: 60, connectionsCheckingInterval: 10 }
  afterEach(async () => {
    release()
    await listening.close(1_000)
  })

  const answered = (bytes: string): Promise<string> =>
    new Promise(resolve => {
      const socket = createConnection({ host: '127.0.0.1', port: listening.port })
      let text = ''
      socket.on('data', data => {
        text += data
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
      socket.write(bytes)
    })

  const late = [[408, { error: 'The request could not be read.' }]]

  test('closes a head that never ends', async () => {
    await open(SOON)
    const got = answersIn(await answered('GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: '))
    expect(got.map(({ status, json }) => [status, json])).toEqual(late)
  })

  test('closes a body that never ends, and its place is free again', async () => {
    await open(SOON)
    const head = `POST /take HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: ${KEY}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`
    const got = await Promise.all(Array.from({ length: 3 }, () => answered(head)))
    expect(got.map(text => answersIn(text).map(({ status, json }) => [status, json]))).toEqual([
      late,
      late,
      late,
    ])
    await until(() => gate.taken === 0)
  })

  test('ends without waiting for a connection that said nothing', async () => {
    await open({ ...LIMITS, headersTimeout: 3_600_000, requestTimeout: 3_600_000 })
    const ended = answered('')
    await answered('GET / HTTP/1.0\r\n\r\n')
    await listening.close(3_600_000)
    expect(await ended).toBe('')
  })

  test('answers three at once, and says to the fourth when to come again', async () => {
    await open(LIMITS)
    const calls = Array.from({ length: 3 }, () => send(listening.port, '/slow'))
    await until(() => started === 3)
    const fourth = await send(listening.port, '/slow')
    expect([fourth.status, fourth.json, fourth.headers['retry-after']]).toEqual([
      503,
      { error: 'Too many requests are under way. Try again in a second.' },
      '1',
    ])
    release()
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await send(listening.port, '/slow')).status).toBe(200)
  })
})

test('a client that never reads its answer is left, and its place is free again', async () => {
  let left = false
  const endless = new ReadableStream({
    pull: controller => controller.enqueue(new Uint8Array(1_048_576)),
    cancel: () => {
      left = true
    },
  })
  const server = createServer(
    (_, response) => void sendResponse(response, new Response(endless), 'id', false, 20),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const socket = createConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  socket.on('error', () => undefined).pause()
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await until(() => left)
  socket.destroy()
  await new Promise(resolve => server.close(resolve))
})

test('a client that goes away gives its place back', async () => {
  const stage = await openStage()
  await Promise.all(
    Array.from(
      { length: 150 },
      () =>
        new Promise<void>(resolve => {
          const headers = { 'x-api-key': KEY, 'content-type': 'application/json', 'content-length': '100' }
          const call = request({
            host: '127.0.0.1',
            port: stage.port,
            path: '/api/sessions',
            method: 'POST',
            headers,
          })
          call.on('error', () => resolve())
          call.on('socket', socket => socket.on('connect', () => call.destroy()))
          call.write('{')
        }),
    ),
  )
  await until(() => stage.server.underWay() === 0)
  expect((await stage.send('/api/sessions', { body: {} })).status).toBe(201)
  await stage.end()
})

test('no parameter of a caller chooses an address', async () => {
  const asked: string[] = []
  const trap = createServer((call, response) => {
    asked.push(call.url ?? '')
    response.end('{}')
  })
  await new Promise<void>(resolve => trap.listen(0, '127.0.0.1', resolve))
  const at = `127.0.0.1:${(trap.address() as AddressInfo).port}`
  await using service = await hostileTaiga()
  const stage = await openStage({
    adapters: [taiga({ project: 'billing', baseUrl: service.baseUrl })],
    secrets: { TAIGA_TOKEN: 'app-token' },
  })
  const page = `http://${at}/project/billing/us/1`
  const read = (id: string) => stage.send(`/actions/taiga/getStory?issue=${encodeURIComponent(id)}`)
  const got = [
    await read(page),
    await read(`//${at}/`),
    await read(`1@${at}`),
    await stage.send('/actions/taiga/findProject', { body: { slug: `../../${at}` } }),
    await stage.send('/actions/taiga/getProject', { body: { id: 7, baseUrl: `http://${at}` } }),
    await stage.send(`/actions/get_project_by_slug?slug=http://${at}`),
    await stage.send(`/actions/list_projects?member=1&baseUrl=http://${at}`),
    await stage.send('/actions/taiga/updateStory', { body: { issue: page, title: 'x' } }),
    await stage.send('/api/sessions', { body: { goal: 'x', refs: { taiga: { story: page } } } }),
    await stage.send('/api/sessions', {
      body: { goal: 'x', workspace: `http://${at}/`, metadata: { url: `http://${at}` } },
    }),
  ]
  await stage.tracker.drain({ timeoutMs: 2_000 })
  await stage.end()
  await new Promise(resolve => trap.close(resolve))
  expect([got.map(({ status }) => status), asked]).toEqual([
    [400, 400, 400, 502, 400, 400, 200, 400, 201, 201],
    [],
  ])
})
