import { expect, test } from 'vitest'
import type { SessionEvent } from '../src/session/events.ts'
import { createLift, upcast } from '../src/session/upcast.ts'

const event = (version: number, payload: unknown): SessionEvent =>
  ({
    id: 'e1',
    sessionId: 's1',
    sequence: 1,
    time: '2026-01-01T00:00:00.000Z',
    at: '2026-01-01T00:00:00.000Z',
    version,
    type: 'resume',
    payload,
  }) as SessionEvent

test('an event of this version is given back as it is', () => {
  const now = event(2, { reason: 'x' })
  expect(upcast(now)).toBe(now)
})

test('an older event is lifted one version at a time', () => {
  const lift = createLift(
    {
      1: old =>
        ({
          ...old,
          payload: { reason: `${(old.payload as unknown as { why: string }).why}, lifted` },
        }) as SessionEvent,
      2: old =>
        ({
          ...old,
          payload: { reason: `${(old.payload as { reason: string }).reason} twice` },
        }) as SessionEvent,
    },
    3,
  )
  expect(lift(event(1, { why: 'x' }))).toEqual(event(3, { reason: 'x, lifted twice' }))
  expect(lift(event(2, { reason: 'y' }))).toEqual(event(3, { reason: 'y twice' }))
})

test('an event of the first version happened when it was stored, and its refs are nested', () => {
  const { at: _, ...first } = event(1, {
    ...{ project: 'p', user: 'u', progress: 0, metadata: {} },
    refs: { 'tool.issue': 'BIL-212', 'tool.board': 'B', 'other.a.b': 'x' },
  })
  expect(upcast({ ...first, type: 'start' } as SessionEvent)).toEqual({
    ...first,
    type: 'start',
    at: '2026-01-01T00:00:00.000Z',
    version: 2,
    payload: {
      ...{ project: 'p', user: 'u', progress: 0, metadata: {} },
      refs: { tool: { issue: 'BIL-212', board: 'B' }, other: { 'a.b': 'x' } },
    },
  })
})

test('an event of a newer version says to upgrade', () => {
  expect(() => upcast(event(3, {}))).toThrow(
    'Event e1 has version 3, this release reads up to 2: upgrade @sessionwire/core.',
  )
})

test('an event of a version that never was is damage', () => {
  expect(() => upcast(event(0, {}))).toThrow('Event e1 has version 0, which no release wrote.')
})
