import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import type { Call, Json } from '@sessionwire/core/adapter'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createHostileServer } from '@sessionwire/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '../../packages/core/src/delivery/judge.ts'
import { publicReason } from '../../packages/core/src/delivery/reason.ts'
import { runsOf, sample } from '../../test/sample.ts'
import { TARGETS, targetOf } from '../targets.ts'
import { session, settled, tampered } from './tampered.ts'

/** What a service may say its objects are called. */
const NAMES: Readonly<Record<string, Json>> = {
  'a way up': '../../../evil',
  'another host': 'http://evil.example/x',
  'another host, without a scheme': '//evil.example/x',
  'a dot': '.',
  'two dots': '..',
  nothing: '',
  'encoded dots': '%2e%2e%2fevil',
  'a query and a fragment': 'a/b?c=d#e',
  'a line end and a header': 'x\r\nX-Evil: 1',
  'a prototype': '__proto__',
  'a placeholder of ours': '{issue} {thread} {project}',
  'a ref of ours': { $ref: 'thread' },
  'a secret of ours': { $secret: 'SLACK_BOT_TOKEN' },
  'a user and a password': 'user:password@evil.example',
  'a backslash': '\\\\evil.example\\x',
  'half a surrogate pair': 'a\ud83d',
  'a megabyte': 'x'.repeat(1_048_576),
  'a number': 12.5,
  'a list': ['a', 'b'],
}

/** No answer is longer: the transport refuses it. */
const LONGEST = 5 << 20

/** Every text and number of an answer, replaced; what was there is kept beside it, so that our own id is still in it. */
const renamed = (body: Json, name: Json): Json => {
  let left = typeof name === 'string' && name.length > 0 ? LONGEST / name.length : Number.POSITIVE_INFINITY
  const walk = (value: Json): Json => {
    if (typeof value === 'string' || typeof value === 'number') return left-- >= 1 ? name : value
    if (Array.isArray(value)) return value.map(walk)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]))
  }
  const walked = walk(body)
  return walked !== null && typeof walked === 'object' && !Array.isArray(walked)
    ? { ...walked, kept: JSON.stringify(body) }
    : walked
}

const isChange = (call: Call): boolean =>
  call.kind === 'http' &&
  call.method !== 'GET' &&
  (JSON.stringify(call.payload ?? '').includes('mutation') || !String(call.endpoint).endsWith('/graphql')) &&
  !/\/(search|bulkfetch)/.test(String(call.endpoint))

const seeing = TARGETS.filter(({ blind }) => blind !== true)

describe.each(seeing)('$name', target => {
  const names = Object.entries(NAMES).flatMap(([words, name]) => [
    [words, name, true] as const,
    [`${words}, in answers to changes`, name, false] as const,
  ])
  test.each(sample(names, seeing.length, seeing.indexOf(target)))(
    'is called where it was called before, when it names things by %s',
    async (_, name, whole) => {
      const service = await target.serve({ seed: 1, now: Date.now })
      const { origin } = new URL(service.server.url)
      // Once its reads too, once only what it answers to a change: then more of what comes after is reached.
      const { tracker, calls, errors } = await tampered(target, service, (reply, call) =>
        reply.kind === 'answer' && (whole || isChange(call))
          ? { ...reply, body: renamed(reply.body, name) }
          : reply,
      )
      await session(tracker)
      await settled(tracker, 10)
      const depths = new Set<number>()
      for (const call of calls) {
        if (call.kind !== 'http') continue
        // An address that is a secret is the one that the host gave.
        if (typeof call.endpoint === 'object') {
          expect(Object.keys(target.secrets)).toContain(
            (call.endpoint as Readonly<{ $secret?: string }>).$secret,
          )
          continue
        }
        const url = new URL(call.endpoint as string)
        expect(url.origin).toBe(origin)
        expect(url.username + url.password + url.hash).toBe('')
        // Whatever fills a place of a path stays in its place.
        expect(url.pathname).not.toMatch(/\/evil|\/\.\.?(\/|$)/)
        expect(call.endpoint).not.toMatch(/[\s\\]/)
        depths.add(url.pathname.split('/').length)
        for (const value of Object.values(call.headers ?? {})) expect(value).not.toMatch(/[\r\n]|Evil/)
      }
      // Nothing but the service was ever asked, in no deeper a place than it has.
      expect(Math.max(0, ...depths)).toBeLessThanOrEqual(9)
      expect(errors).toEqual([])
      await tracker.close()
      await service.server.close()
    },
  )

  test('changes no prototype, whatever keys its answers have', async () => {
    const service = await target.serve({ seed: 1, now: Date.now })
    const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x"}'
    const keys = JSON.parse(evil) as Readonly<Record<string, Json>>
    const deep = (body: Json): Json => {
      if (Array.isArray(body)) return body.map(deep)
      if (body === null || typeof body !== 'object') return body
      const entries = [
        ...Object.entries(keys),
        ...Object.entries(body).map(([key, value]) => [key, deep(value)] as const),
      ]
      return Object.fromEntries(entries)
    }
    const { tracker, errors } = await tampered(target, service, reply =>
      reply.kind === 'answer' ? { ...reply, body: deep(reply.body) } : reply,
    )
    await session(tracker)
    await settled(tracker, 100)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(errors).toEqual([])
    expect(service.server.countDoubled()).toBe(0)
    expect(service.listCards().filter(({ card }) => card.includes('100 %'))).toHaveLength(
      target.strict ? 0 : 1,
    )
    await tracker.close()
    await service.server.close()
  })

  test('is not followed to where it redirects', async () => {
    const service = await target.serve({ seed: 1, now: Date.now })
    const trap = await createHostileServer({ name: 'trap', handle: () => ({ status: 200, body: {} }) })
    for (const status of [301, 302, 303, 307, 308])
      service.server.fail({
        nth: status - 300,
        failure: { kind: 'redirect', to: `${trap.url}/caught`, status },
      })
    const { tracker } = await tampered(target, service, reply => reply)
    await session(tracker)
    await settled(tracker, 20)
    await tracker.check(target.name as never)
    expect(trap.requests()).toEqual([])
    await tracker.close()
    await service.server.close()
    await trap.close()
  })

  test('may answer anything: nothing breaks, and nothing but a success is taken for one', async () => {
    const service = await target.serve({ seed: 1, now: Date.now })
    const adapter = target.make(service.options)
    const reply = fc.record({
      kind: fc.constant('answer' as const),
      status: fc.oneof(
        fc.constantFrom(200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503),
        fc.integer(),
      ),
      headers: fc.dictionary(
        fc.oneof(
          fc.constantFrom('retry-after', 'date', 'x-ratelimit-reset', 'content-type', '__proto__'),
          fc.string(),
        ),
        fc.string(),
      ),
      body: fc.jsonValue() as fc.Arbitrary<Json>,
    })
    const names = [
      ...Object.keys(adapter.actions as object),
      'createCard',
      'editCard',
      'postCard',
      'unheardOf',
    ]
    fc.assert(
      fc.property(
        reply,
        fc.constantFrom(...names),
        fc.constantFrom('call', 'look-up', 'check'),
        (given, action, role) => {
          const outcome = judge(adapter, given, { action, role })
          if (outcome.kind !== 'delivered') {
            // An adapter does not cut its reasons: a secret in them could not be found any more. The worker does.
            const reason = publicReason(outcome.reason, text => text)
            return outcome.reason.length > 0 && reason.length > 0 && reason.length <= 500
          }
          // The adapter's own table is asked only where the answer is the service's own.
          if (adapter.isOwn?.(given) === false) return false
          const success = given.status >= 200 && given.status < 300
          // An empty list is no success of a call; some calls are done when what they remove is not there.
          return success || outcome.empty === true || /delete|remove|check/i.test(`${action} ${role}`)
        },
      ),
      { numRuns: runsOf(400) },
    )
    await service.server.close()
  })
})

describe('a database where somebody else laid something', () => {
  test.each(['-wal', '-shm', '-journal', '-locks'])(
    'is refused when its %s is a symbolic link, and what that leads to is left alone',
    async end => {
      const folder = await mkdtemp(join(tmpdir(), 'trust-'))
      const victim = join(folder, 'victim')
      if (end === '-locks') mkdirSync(victim)
      else writeFileSync(victim, 'precious')
      const path = join(folder, 'sessions.db')
      symlinkSync(victim, `${path}${end}`)
      await expect(createTracker({ project: 'attack', store: sqliteStore(path) })).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONFIG|STORE)$/) as string,
      })
      if (end !== '-locks') expect(await readFile(victim, 'utf8')).toBe('precious')
      await rm(folder, { recursive: true })
    },
  )
})

test('a host cannot be talked into another address by what is recorded', async () => {
  const target = targetOf('jira')
  const service = await target.serve({ seed: 1, now: Date.now })
  const { tracker, calls } = await tampered(target, service, reply => reply)
  const refs = ['http://evil.example', '../x', 'ENG-1/../../x', '{issue}', 'ENG-1?x=1', 'ENG-1#x', '..']
  for (const issue of refs)
    await expect(tracker.start({ goal: 'x', refs: { jira: { issue: issue } } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'start.refs.jira.issue',
    })
  await tracker.start({ goal: 'x', refs: { jira: { issue: 'ENG-1' } } })
  await settled(tracker, 10)
  for (const call of calls)
    if (call.kind === 'http')
      expect(new URL(call.endpoint as string).origin).toBe(new URL(service.server.url).origin)
  expect(
    service.server
      .requests()
      .map(({ path }) => path)
      .filter(path => /evil|\.\./.test(path)),
  ).toEqual([])
  await tracker.close()
  await service.server.close()
})
