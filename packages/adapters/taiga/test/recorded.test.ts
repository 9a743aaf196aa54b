import { createTracker } from '@sessionwire/core'
import { segments } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { taiga } from '../src/index.ts'
import { type HostileTaiga, hostileTaiga } from '../src/testing.ts'
import api from './fixtures/api.json' with { type: 'json' }

type Recorded = Readonly<{ call: string; query?: readonly string[]; body?: readonly string[] }>
type Told = Readonly<{
  what: string
  ask: string
  as?: string
  body?: unknown
  status: number
  has?: object
  lacks?: readonly string[]
  first?: object
  body_is?: unknown
}>

const ROOT = '/api/v1'
const kinds = new Set(['userstories', 'tasks', 'issues', 'epics', 'userstory', 'task', 'issue', 'epic'])

/** The recorded call a request is one of; the first that fits. */
const recordedAs = (method: string, path: string): Recorded | undefined =>
  (api.requests as readonly Recorded[]).find(({ call }) => {
    const [of, pattern = ''] = call.split(' ')
    const params = of === method ? segments(`${ROOT}${pattern}`, path) : undefined
    return params !== undefined && (params.kind === undefined || kinds.has(params.kind))
  })

/** Every action once, and a session with and without a story that was there. */
const everything = async (server: HostileTaiga): Promise<void> => {
  const adapter = taiga({
    project: 'billing',
    baseUrl: server.baseUrl,
    auth: 'password',
    updates: 'each',
    statuses: { start: 'Ready', close: 'Done' },
    allowDestructive: true,
  })
  await using tracker = await createTracker({
    project: 'billing',
    policy: { backoffMs: 1, backoffMaxMs: 1 },
    pollMs: 5,
    secrets: (name: string) => ({ TAIGA_USERNAME: 'mirror-bot', TAIGA_PASSWORD: 'correct horse' })[name],
    adapters: [adapter],
  })
  // What the examples name: story 4711 is #42, then task 4712, issue 4713, epic 4714.
  for (const kind of ['userstory', 'task', 'issue', 'epic'] as const) server.add(kind)
  for (const refs of [{}, { taiga: { story: '#42' } }]) {
    const session = await tracker.start({ goal: 'Stop double charging', user: 'fixer', refs })
    await session.update('Reproduced', { progress: 35 })
    const blocker = await session.block('No staging key')
    await blocker.resolve('Issued')
    await tracker.drain()
    await session.export('markdown', { publish: true })
    await session.close({ summary: 'Fixed' })
    await tracker.drain()
  }
  server.expire('access')
  type Any = (name: string, action: string, input: object) => Promise<unknown>
  const run = { read: tracker.read, write: tracker.act, destructive: tracker.act } as unknown as Record<
    string,
    Any
  >
  for (const effect of ['read', 'write', 'destructive'] as const) {
    for (const action of Object.values(adapter.actions))
      if (action.effect === effect) await run[effect]?.('taiga', action.action, action.example).catch(refused)
    await tracker.drain({ timeoutMs: 2_000 })
  }
  const dead = (await tracker.deliveries({ state: 'dead' })).map(({ action }) => action)
  // Whether the page is there yet is a race.
  expect(dead.filter(action => action !== 'editDocument')).toEqual([])
}

/** An example may ask for what nobody made; it was sent all the same. */
const refused = (error: unknown) => expect(String(error)).toContain('taiga')

describe('what we send', () => {
  test('is what was recorded: no other call, no other query, no other key', async () => {
    await using server = await hostileTaiga()
    await everything(server)
    const odd = server.requests().flatMap(({ method, path, query, body, headers }) => {
      const known = recordedAs(method, path)
      if (known === undefined) return [`${method} ${path}`]
      const keys = (value: unknown) => Object.keys((value ?? {}) as object)
      const extra = [
        ...keys(query)
          .filter(key => !known.query?.includes(key))
          .map(key => `?${key}`),
        ...keys(body).filter(key => !known.body?.includes(key)),
        ...(headers['accept-language'] === 'en' ? [] : ['accept-language']),
        ...(path.startsWith(`${ROOT}/auth`) === (headers.authorization === undefined)
          ? []
          : ['authorization']),
      ]
      return extra.length === 0 ? [] : [`${method} ${path}: ${extra.join(', ')}`]
    })
    expect(odd).toEqual([])
    const used = new Set(server.requests().map(({ method, path }) => recordedAs(method, path)?.call))
    const unused = api.requests.map(({ call }) => call).filter(call => !used.has(call))
    expect(unused).toEqual([])
  })
})

describe('what the hostile service answers', () => {
  test('is what was recorded', async () => {
    await using server = await hostileTaiga()
    const story = server.add('userstory')
    const changed = server.add('userstory')
    server.change(changed.id, { subject: 'y' })
    const epic = server.add('epic')
    const hidden = server.add('userstory', {}, 'secret')
    const names: Readonly<Record<string, number>> = {
      story: story.id,
      changed: changed.id,
      ref: changed.ref,
      epic: epic.id,
      hidden: hidden.id,
    }
    const filled = (text: string) => text.replace(/"?\{(\w+)\}"?/g, (_, name: string) => String(names[name]))
    const ask = async (line: string, body: unknown, as = 'Application app-token') => {
      const [method = 'GET', path = ''] = line.split(' ')
      const headers = {
        'accept-language': 'en',
        ...(as === 'nobody' ? {} : { authorization: as }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      }
      const sent = body === undefined ? {} : { body: filled(JSON.stringify(body)) }
      const answer = await fetch(server.baseUrl + filled(path), { method, headers, ...sent })
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
    }
    await ask('POST /epics/{epic}/related_userstories', { epic: '{epic}', user_story: '{story}' })
    await ask('POST /wiki', { project: 7, slug: 'home', content: 'x' })
    for (const {
      what,
      ask: line,
      as,
      body,
      status,
      has,
      lacks = [],
      first,
      body_is,
    } of api.answers as readonly Told[]) {
      const got = await ask(line, body, as)
      expect([what, got.status]).toEqual([what, status])
      if (has !== undefined) expect([what, got.body]).toEqual([what, expect.objectContaining(has)])
      if (first !== undefined)
        expect([what, (got.body as readonly unknown[])[0]]).toEqual([what, expect.objectContaining(first)])
      if (body_is !== undefined) expect([what, got.body]).toEqual([what, body_is])
      for (const key of lacks) expect(got.body).not.toHaveProperty(key)
    }
  })

  test('tells pages in headers, and names in the language that was asked for', async () => {
    await using server = await hostileTaiga()
    for (let n = 0; n < 5; n += 1) server.add('issue')
    const headers = { authorization: 'Application app-token' }
    const page = await fetch(`${server.baseUrl}/issues?project=7&page_size=2&page=2`, { headers })
    expect(Object.fromEntries([...page.headers].filter(([name]) => name.startsWith('x-pagina')))).toEqual({
      'x-paginated': 'true',
      'x-paginated-by': '2',
      'x-pagination-count': '5',
      'x-pagination-current': '2',
      'x-pagination-next': `${server.baseUrl}/issues?project=7&page_size=2&page=3`,
      'x-pagination-prev': `${server.baseUrl}/issues?project=7&page_size=2&page=1`,
    })
    const all = await fetch(`${server.baseUrl}/issues?project=7&page_size=2`, {
      headers: { ...headers, 'x-disable-pagination': 'True' },
    })
    expect([(await all.json()).length, all.headers.get('x-paginated')]).toEqual([5, null])
    const spanish = await fetch(`${server.baseUrl}/projects/7`, {
      headers: { ...headers, 'accept-language': 'es' },
    })
    expect((await spanish.json()).us_statuses[2]).toMatchObject({ name: 'En curso', slug: 'in-progress' })
  })

  test('says how long a throttle lasts in a header of its own', async () => {
    await using server = await hostileTaiga()
    server.fail({ failure: { kind: 'throttle', waitSeconds: 60 } })
    const answer = await fetch(`${server.baseUrl}/users/me`)
    expect([
      answer.status,
      answer.headers.get('x-throttle-wait-seconds'),
      answer.headers.get('retry-after'),
    ]).toEqual([429, '60', null])
  })

  test('breaks every search of a project with a text that is too long', async () => {
    await using server = await hostileTaiga()
    const headers = { authorization: 'Application app-token' }
    const { id } = server.add('userstory', { description: 'word '.repeat(300_000) })
    expect((await fetch(`${server.baseUrl}/userstories?project=7&q=x`, { headers })).status).toBe(500)
    server.drop(id)
    expect((await fetch(`${server.baseUrl}/userstories?project=7&q=x`, { headers })).status).toBe(200)
  })
})
