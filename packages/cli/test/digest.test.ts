import type { Session } from '@sessionwire/core'
import { expect, test } from 'vitest'
import { digestSessions, sayDigest } from '../src/digest.ts'

const at = (hour: number) => `2026-11-30T${String(hour).padStart(2, '0')}:00:00.000Z`
const item = (hour: number) => ({ eventId: `e${hour}`, time: at(hour), at: at(hour) })
const session = (more: Partial<Session>): Session => ({
  id: 's1',
  title: 'Stop double charging',
  project: 'billing',
  user: 'Ada',
  status: 'active',
  progress: 60,
  startProgress: 0,
  startedAt: at(1),
  lastEventAt: at(10),
  revision: 9,
  refs: {},
  metadata: {},
  updates: [],
  decisions: [],
  entities: [],
  blockers: [],
  ...more,
})

test('sums up what happened since a time', () => {
  const [first, ...rest] = digestSessions(
    [
      session({ id: 's0', title: 'Old', lastEventAt: at(2) }),
      session({
        agent: 'Claude',
        updates: [
          { ...item(2), description: 'Read the code', progress: 20, tags: [] },
          { ...item(9), description: 'Found the race', progress: 60, tags: [], nextSteps: ['Write a test'] },
        ],
        decisions: [
          { ...item(3), decisionId: 'd1', content: 'Old choice', alternatives: [], relatedEntities: [] },
          {
            ...item(9),
            decisionId: 'd2',
            content: 'Lock per invoice',
            alternatives: [],
            relatedEntities: [],
          },
        ],
        blockers: [
          { ...item(2), blockerId: 'b1', description: 'No key', category: 'general', severity: 'high' },
          {
            ...item(2),
            ...{ blockerId: 'b2', description: 'No access', category: 'general', severity: 'low' },
            resolvedAt: at(9),
          },
        ],
      }),
    ],
    Date.parse(at(8)),
  )
  expect(rest).toEqual([])
  expect(first).toEqual({
    files: [],
    ...{ id: 's1', title: 'Stop double charging', project: 'billing', user: 'Ada', agent: 'Claude' },
    ...{ status: 'active', from: 20, to: 60, updates: ['Found the race'], decisions: ['Lock per invoice'] },
    ...{ blocked: ['No key'], resolved: ['No access'], next: ['Write a test'] },
  })
  expect(sayDigest(first === undefined ? [] : [first])).toEqual([
    'Stop double charging: 20 to 60 %, active, with Claude',
    '  - Found the race',
    '  - decided: Lock per invoice',
    '  - resolved: No access',
    '  - blocked: No key',
    '  - next: Write a test',
    '',
  ])
})

test('says the summary of a session that ended in place of its updates', () => {
  const ended = session({
    ...{ status: 'completed', progress: 100, endedAt: at(9), summary: 'Invoices are locked' },
    updates: [{ ...item(9), description: 'Last step', progress: 100, tags: [], nextSteps: ['None'] }],
  })
  expect(sayDigest(digestSessions([ended], Date.parse(at(8))))).toEqual([
    'Stop double charging: 0 to 100 %, completed',
    '  - Invoices are locked',
    '',
  ])
})
