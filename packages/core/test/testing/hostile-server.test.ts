import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHostileServer, fakeClock, type HostileServer, routes, segments } from '../../src/testing.ts'

/** A shop that makes things once per name and answers with their number. */
const shop = (now = fakeClock().now) => {
  const made = new Map<string, string>()
  return createHostileServer({
    name: 'shop',
    now,
    voice: {
      tooManyRequests: (_, seconds) => ({ status: 429, body: { slow: seconds ?? null } }),
      inside: (_, word) => ({ status: 200, body: { ok: false, error: word ?? 'broken' } }),
    },
    handle: routes(
      {
        'POST /things/:name': (request, { name = '' }, host) => {
          const known = made.get(name)
          if (known !== undefined) {
            host.refuseRepeat('thing', name)
            return { status: 409, body: { id: known } }
          }
          const id = host.id('T', 3)
          made.set(name, id)
          host.effect('thing', name, request.body)
          return { status: 201, body: { id } }
        },
        'GET /things/:name': (_, { name = '' }) => ({ status: 200, body: { id: made.get(name) ?? null } }),
        'GET /defect': () => {
          throw new Error('defect')
        },
      },
      () => ({ status: 404, text: 'nothing here' }),
    ),
  })
}

const post = (at: string, body?: unknown) =>
  fetch(at, {
    method: 'POST',
    redirect: 'manual',
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })

describe('a hostile server', () => {
  let server: HostileServer
  beforeEach(async () => {
    server = await shop()
  })
  afterEach(() => server.close())
  const make = (name: string) => post(`${server.url}/things/${name}`, { a: 1 })
  const stored = async (name: string) => (await fetch(`${server.url}/things/${name}`)).json()

  test('applies, answers, counts and keeps a log', async () => {
    const answer = await make('a%20b?x=1&x=2')
    expect([answer.status, await answer.json()]).toEqual([201, { id: 'T001' }])
    expect(server.requests()).toMatchObject([
      {
        n: 1,
        method: 'POST',
        url: '/things/a%20b?x=1&x=2',
        path: '/things/a%20b',
        query: { x: '2' },
        encoding: 'json',
        body: { a: 1 },
        raw: '{"a":1}',
        answer: { status: 201, body: { id: 'T001' } },
      },
    ])
    expect(server.effects()).toEqual([{ kind: 'thing', key: 'a b', detail: { a: 1 }, n: 1 }])
    expect((await make('a%20b')).status).toBe(409)
    expect(server.listRepeats()).toEqual([{ kind: 'thing', key: 'a b', n: 2 }])
    expect(server.counts()).toEqual({ requests: 2, effects: 1, refusedRepeats: 1, doubled: 1 })
    expect([server.countDoubled('a b'), server.countDoubled('c')]).toEqual([1, 0])
    server.forget()
    expect(server.counts()).toEqual({ requests: 0, effects: 0, refusedRepeats: 0, doubled: 0 })
    expect(await stored('a%20b')).toEqual({ id: 'T001' })
  })

  test('decodes forms, text, nothing and broken JSON', async () => {
    const send = (type: string, body: string) =>
      fetch(server.url, { method: 'POST', body, headers: { 'content-type': type } })
    await send('application/x-www-form-urlencoded', 'a=%7B%7D&b=+x')
    await send('text/plain', 'hi')
    await send('application/json', '{"a"')
    await fetch(server.url)
    expect(server.requests().map(({ encoding, body }) => [encoding, body])).toEqual([
      ['form', { a: '{}', b: ' x' }],
      ['text', 'hi'],
      ['broken', '{"a"'],
      ['none', null],
    ])
  })

  test.for([
    [{ kind: 'refuse' }, null],
    [{ kind: 'reset', applied: false }, null],
    [{ kind: 'reset', applied: true }, 'T001'],
    [{ kind: 'cut' }, 'T001'],
    [{ kind: 'late' }, null],
  ] as const)('loses the answer: %j', async ([failure, id]) => {
    server.fail({ method: 'POST', failure })
    await expect(make('a').then(answer => answer.text())).rejects.toThrow()
    expect(await stored('a')).toEqual({ id })
    expect(server.requests()[0]?.failed).toBe(failure.kind)
  })

  test.for([
    [{ kind: 'throttle' }, 429, '{"slow":null}', null],
    [{ kind: 'throttle', waitSeconds: 7 }, 429, '{"slow":7}', null],
    [{ kind: 'error', applied: false }, 500, 'Internal Server Error', null],
    [{ kind: 'error', applied: true, status: 503 }, 503, 'Internal Server Error', 'T001'],
    [{ kind: 'inside', applied: true, word: 'fatal' }, 200, '{"ok":false,"error":"fatal"}', 'T001'],
    [{ kind: 'nonsense', applied: true }, 200, '{"half":', 'T001'],
    [{ kind: 'redirect' }, 302, '', null],
    [{ kind: 'answer', applied: false, answer: { status: 418, text: 'tea' } }, 418, 'tea', null],
  ] as const)('answers wrongly: %j', async ([failure, status, text, id]) => {
    server.fail({ method: 'POST', failure })
    const answer = await make('a')
    expect([answer.status, await answer.text()]).toEqual([status, text])
    expect(await stored('a')).toEqual({ id })
  })

  test('answers like a proxy and with the answer of another', async () => {
    await make('first')
    server.fail({ path: /^\/things/, failure: { kind: 'html', applied: false } })
    const page = await make('second')
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html'])
    server.behave()
    server.fail({ path: '/things/third', failure: { kind: 'other', applied: true } })
    await make('fourth')
    expect(await (await make('third')).json()).toEqual({ id: 'T002' })
    expect(await stored('third')).toEqual({ id: 'T003' })
  })

  test('hangs, stalls and is slow until it is let go', async () => {
    server.fail({ path: '/things/hung', failure: { kind: 'hang', applied: true } })
    server.fail({ path: '/things/lost', failure: { kind: 'hang', applied: false } })
    server.fail({ path: '/things/stalled', failure: { kind: 'stall' } })
    server.fail({ path: '/things/slow', failure: { kind: 'slow' } })
    const names = ['hung', 'lost', 'stalled', 'slow']
    const answers = names.map(name =>
      make(name).then(
        answer => answer.text(),
        () => 'reset',
      ),
    )
    while (server.requests().length < 4) await fetch(`${server.url}/things/x`, { method: 'HEAD' })
    while (server.requests().filter(({ failed }) => failed).length < 4) await stored('x')
    expect(server.effects().map(({ key }) => key)).not.toContain('stalled')
    server.letGo()
    const [hung, lost, stalled, slow] = await Promise.all(answers)
    expect([hung, lost, stalled, slow].map(text => text?.slice(0, 6))).toEqual([
      '{"id":',
      'reset',
      '{"id":',
      '{"id":',
    ])
    expect(await stored('lost')).toEqual({ id: null })
  })

  test('applies late, when told or after so many further requests', async () => {
    server.fail({ method: 'POST', path: '/things/told', failure: { kind: 'late' } })
    server.fail({ method: 'POST', path: '/things/counted', failure: { kind: 'late', after: 2 } })
    await expect(make('told')).rejects.toThrow()
    await expect(make('counted')).rejects.toThrow()
    expect(await stored('counted')).toEqual({ id: null })
    expect(await stored('counted')).toEqual({ id: null })
    expect(await stored('counted')).toEqual({ id: 'T001' })
    expect([server.applyLate(), server.applyLate()]).toEqual([1, 0])
    expect(await stored('told')).toEqual({ id: 'T002' })
    expect(server.effects().map(({ n }) => n)).toEqual([2, 1])
  })

  test('fails the nth, the first few, or by chance', async () => {
    const statuses = async (count: number) => {
      const found: number[] = []
      for (let n = 0; n < count; n += 1) found.push((await fetch(`${server.url}/things/x`)).status)
      return found
    }
    const failure = { kind: 'error', applied: false } as const
    server.fail({ nth: 2, failure })
    server.fail({ nth: 3, failure: { ...failure, status: 503 } })
    expect(await statuses(4)).toEqual([200, 500, 503, 200])
    server.behave()
    const stop = server.fail({ skip: 1, times: 2, failure })
    expect(await statuses(4)).toEqual([200, 500, 500, 200])
    stop()
    server.fail({ when: request => request.n % 2 === 0, times: Number.POSITIVE_INFINITY, failure })
    expect(await statuses(3)).toEqual([200, 500, 200])
    server.behave()
    server.fail({ chance: 0.5, failure })
    const found = await statuses(40)
    expect(found.filter(status => status === 500).length).toBeGreaterThan(8)
    expect(found.filter(status => status === 200).length).toBeGreaterThan(8)
  })

  test('goes down and comes up on the same port', async () => {
    await make('a')
    await server.down()
    await expect(make('b')).rejects.toThrow()
    await server.up()
    expect(await stored('a')).toEqual({ id: 'T001' })
    expect(server.requests()).toHaveLength(2)
  })

  test('tells of a defect of its rules when it is closed', async () => {
    const defective = await shop()
    expect((await fetch(`${defective.url}/defect`)).status).toBe(500)
    await expect(defective.close()).rejects.toThrow('defect')
  })
})

test('ids, numbers and the clock are the same for the same seed', async () => {
  const clock = fakeClock(1_000)
  const made = await Promise.all(
    [1, 1, 2].map(seed =>
      createHostileServer({ name: 'x', seed, now: clock.now, handle: () => ({ status: 200 }) }),
    ),
  )
  const [first, second, third] = made.map(({ host }) => [
    host.uuid(),
    host.random(),
    host.id('C', 4),
    host.id(),
  ])
  expect(first).toEqual(second)
  expect(first).not.toEqual(third)
  expect(first?.[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(first?.slice(2)).toEqual(['C0001', '1'])
  clock.advance(5)
  expect(made[0]?.host.now()).toBe(1_005)
  await Promise.all(made.map(server => server.close()))
})

test('segments of a path', () => {
  expect(segments('/a/:b/c', '/a/x%2Fy/c')).toEqual({ b: 'x/y' })
  expect(segments('/a/:b', '/a/b/c')).toBeUndefined()
  expect(segments('/a/:b', '/x/b')).toBeUndefined()
})
