import { EVENT_VERSION, type SessionEvent } from '../session/events.ts'
import { evolve } from '../session/machine.ts'
import type { Hook, HookPayloads } from '../session/schema.ts'
import type { Session } from '../session/session.ts'

/** An event with the session as it was then. */
export type Moment = Readonly<{
  /** As a store holds it. */
  event: SessionEvent
  /** As it was right after the event. */
  session: Session
}>

/** Texts of a story. Every one can be replaced by one text. */
export type StoryOptions = Readonly<{
  /** Replaces every text from outside: goal, names, descriptions, tags. Default: plain sentences. */
  text?: string
  /** Refs of the session, by `<adapter>.<name>`. Default: none. */
  refs?: Session['refs']
  /** Only `start` and these hooks, in the story's order; default all but `init`. */
  hooks?: readonly Hook[]
  /** Tells stories apart: part of every id. Default 1. */
  number?: number
  /** Where it begins; default 2026-01-01T00:00:00Z. Each event is a minute after the one before. */
  startsAt?: number
}>

type Told = { readonly [H in Hook]: Readonly<{ type: H; payload: HookPayloads[H] }> }[Hook]

const tell = (say: (text: string) => string, refs: Session['refs']): readonly Told[] => [
  {
    type: 'start',
    payload: {
      project: say('billing'),
      user: say('fixer'),
      agent: say('Claude'),
      goal: say('Stop double charging\nTwo webhooks at once charge a customer twice.'),
      progress: 20,
      refs,
      metadata: { branch: say('fix/double-charge') },
    },
  },
  {
    type: 'update',
    payload: {
      description: say('Reproduced with two parallel webhooks'),
      progress: 35,
      tags: [say('payments')],
      nextSteps: [say('Lock per invoice')],
    },
  },
  {
    type: 'decision',
    payload: {
      decisionId: '01990000-0000-7000-8000-00000000d001',
      content: say('Lock per invoice'),
      rationale: say('Stripe retries a webhook while the first is still running'),
      alternatives: [say('global lock'), say('queue of one')],
      impact: say('One row lock more per payment'),
      category: say('architecture'),
      relatedEntities: [say('InvoiceLock')],
    },
  },
  {
    type: 'entity',
    payload: {
      name: say('InvoiceLock'),
      type: say('class'),
      path: say('src/lock.ts'),
      description: say('Holds one invoice at a time'),
      properties: { lines: 40, owner: say('payments') },
    },
  },
  {
    type: 'blocker',
    payload: {
      blockerId: '01990000-0000-7000-8000-00000000b001',
      description: say('No staging key'),
      category: say('external'),
      severity: 'high',
    },
  },
  {
    type: 'resolve',
    payload: { blockerId: '01990000-0000-7000-8000-00000000b001', resolution: say('Key issued by ops') },
  },
  { type: 'update', payload: { description: say('Lock in place, tests green'), progress: 90, tags: [] } },
  { type: 'export', payload: { format: 'markdown', content: `# ${say('Stop double charging')}\n\n35 %\n` } },
  {
    type: 'close',
    payload: { end: 'completed', summary: say('Fixed in #981'), progress: 100, durationMs: 480_000 },
  },
  { type: 'resume', payload: { reason: say('A test failed after all') } },
]

/** A whole session, event by event: started, updated, decided, blocked, unblocked, exported, closed, resumed. */
export const story = ({
  text,
  refs = {},
  hooks,
  number = 1,
  startsAt = Date.UTC(2026, 0, 1),
}: StoryOptions = {}): readonly Moment[] => {
  const told = tell(own => text ?? own, refs).filter(
    ({ type }) => type === 'start' || (hooks?.includes(type) ?? true),
  )
  const id = (kind: string, of: number) =>
    `01990000-0000-7${String(number).padStart(3, '0')}-8000-00000000${kind}${String(of).padStart(3, '0')}`
  const moments: Moment[] = []
  for (const [place, one] of told.entries()) {
    const event = {
      id: id('e', place + 1),
      sessionId: id('a', 1),
      sequence: place + 1,
      time: new Date(startsAt + place * 60_000).toISOString(),
      at: new Date(startsAt + place * 60_000).toISOString(),
      version: EVENT_VERSION,
      ...one,
    } as SessionEvent
    const session = evolve(moments.at(-1)?.session, event)
    moments.push({ event, session })
  }
  return moments
}
