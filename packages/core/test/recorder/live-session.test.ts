import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addEvent,
  checkpoint,
  copyLater,
  copySession,
  createCache,
  emptySession,
  type LiveSession,
  viewSession,
} from '../../src/recorder/live-session.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { evolve, initial, type State } from '../../src/session/machine.ts'

const event = (type: string, sequence: number, payload: object) =>
  ({
    id: `e${sequence}`,
    sessionId: 's',
    sequence,
    time: '2026-01-01T00:00:00.000Z',
    at: '2026-01-01T00:00:00.000Z',
    version: 2,
    type,
    payload,
  }) as SessionEvent

const start = event('start', 1, { project: 'p', user: 'u', progress: 0, refs: {}, metadata: {} })

const kinds = fc.constantFrom(
  'update',
  'decision',
  'entity',
  'message',
  'blocker',
  'resolve',
  'close',
  'resume',
  'export',
)
const story = fc.array(kinds, { maxLength: 30 }).map(types => {
  let blocker = ''
  return types.map((type, n): SessionEvent => {
    if (type === 'blocker') blocker = `e${n + 2}`
    const payloads: Readonly<Record<string, object>> = {
      update: { description: `u${n}`, progress: n, tags: [] },
      decision: { decisionId: `e${n + 2}`, content: `d${n}`, alternatives: [], relatedEntities: [] },
      entity: { name: `n${n}`, type: 'file', properties: {} },
      message: { role: 'user', content: 'm' },
      blocker: { blockerId: `e${n + 2}`, description: 'x', category: 'c', severity: 'low' },
      resolve: { blockerId: blocker, resolution: 'ok' },
      close: { end: 'crashed', durationMs: 1 },
      resume: { reason: 'x' },
      export: { format: 'json', content: '{}' },
    }
    return event(type, n + 2, payloads[type] ?? {})
  })
})

describe('a session held in memory', () => {
  test('is at every event what the machine makes of it, and stays so for who kept it', () => {
    fc.assert(
      fc.property(story, events => {
        const held = emptySession()
        let state: State = initial
        const kept: { was: unknown; now: () => unknown; read: unknown }[] = []
        for (const each of [start, ...events]) {
          addEvent(held, each)
          state = evolve(state, each)
          expect(viewSession(held)).toEqual(state)
          kept.push({ was: state, now: copyLater(held), read: copySession(held) })
        }
        for (const { was, now, read } of kept) expect([now(), read]).toEqual([was, was])
      }),
    )
  })

  test('is put back as it was, whatever was added and looked at since', () => {
    fc.assert(
      fc.property(story, story, story, (before, undone, after) => {
        const grown = (held: LiveSession, events: readonly SessionEvent[]) => {
          for (const each of events) {
            addEvent(held, each)
            copySession(held)
          }
        }
        const held = emptySession()
        grown(held, [start, ...before])
        const kept = copySession(held)
        const restore = checkpoint(held)
        grown(held, undone)
        restore()
        expect(copySession(held)).toEqual(kept)
        grown(held, after)
        const other = emptySession()
        grown(other, [start, ...before, ...after])
        expect(copySession(held)).toEqual(copySession(other))
      }),
    )
  })

  test('copies a list only when it has grown', () => {
    const held = emptySession()
    addEvent(held, start)
    addEvent(held, event('update', 2, { description: 'x', tags: [] }))
    const first = copySession(held)
    addEvent(held, event('entity', 3, { name: 'n', type: 'file', properties: {} }))
    const second = copySession(held)
    expect(second.updates).toBe(first.updates)
    expect(second.entities).not.toBe(first.entities)
  })
})

describe('the cache', () => {
  const of = (revision: number): LiveSession => {
    const held = emptySession()
    addEvent(held, start)
    for (let n = 2; n <= revision; n++) addEvent(held, event('export', n, { format: 'json', content: '' }))
    return held
  }

  test('forgets the session used longest ago', () => {
    const cache = createCache(2, 100)
    for (const id of ['a', 'b', 'a', 'c']) cache.set(id, of(1))
    expect(['a', 'b', 'c'].map(id => cache.get(id) !== undefined)).toEqual([true, false, true])
  })

  test('forgets when sessions grow too large together, but never the newest', () => {
    const cache = createCache(10, 10)
    cache.set('a', of(6))
    cache.set('b', of(4))
    expect(cache.get('a')).toBeDefined()
    cache.set('b', of(5))
    expect([cache.get('a'), cache.get('b') !== undefined]).toEqual([undefined, true])
    cache.set('c', of(50))
    expect([cache.get('b'), cache.get('c') !== undefined]).toEqual([undefined, true])
    cache.delete('c')
    cache.set('d', of(10))
    cache.clear()
    expect(cache.get('d')).toBeUndefined()
  })
})
