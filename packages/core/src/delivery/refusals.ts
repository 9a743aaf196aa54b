import type { Outcome } from '../descriptor/outcome.ts'
import type { Claim } from './model.ts'
import type { Ending } from './settle.ts'

/** The adapter's check of a credential after a call was refused. */
export type Verdict =
  /** The credential itself is refused: the adapter is paused. */
  | Readonly<{ kind: 'denied'; reason: string }>
  /** The check has no answer, so nobody knows. */
  | Readonly<{ kind: 'no-answer'; reason: string }>
  /** The credential is accepted: the refusal is about the call. */
  | Readonly<{ kind: 'accepted' }>

/** An ending whose outcome is a refused credential. */
export type Denied = Extract<Ending, { kind: 'answered' | 'unread' }> &
  Readonly<{ outcome: Extract<Outcome, { kind: 'denied' }> }>

export const isDenied = (ending: Readonly<{ kind: string }>): ending is Denied =>
  (ending.kind === 'answered' || ending.kind === 'unread') &&
  (ending as Ending & Denied).outcome.kind === 'denied'

/** Not sooner is a call sent again that was refused while its credential is accepted, ms. */
const AGAIN_MS = 1_000

/**
 * How an attempt ends whose call or read was refused as `denied`. `again`: the same call was refused before with the same
 * secret value, and the check accepted that between: then the refusal is final, as it is about the call alone.
 */
export const endRefused = ({ delivery }: Claim, ending: Denied, verdict: Verdict, again: boolean): Ending => {
  const { reason } = ending.outcome
  if (verdict.kind === 'denied') return ending
  if (verdict.kind === 'no-answer' || !again) {
    const why =
      verdict.kind === 'no-answer' ? `${reason}; the check gave no answer: ${verdict.reason}` : reason
    const outcome = { kind: 'retry', reason: why, waitMs: AGAIN_MS } as const
    return ending.kind === 'answered' ? { ...ending, outcome, uncounted: true } : { kind: 'unread', outcome }
  }
  if (ending.kind === 'answered') return { ...ending, outcome: { kind: 'rejected', reason } }
  return delivery.doubtSince === undefined ? { kind: 'unsendable', reason } : { kind: 'unreadable', reason }
}

/** Refused calls that are remembered, by key; the oldest is forgotten first. */
const KEPT = 1_000

/** Refused credentials of one adapter, as one worker knows them. Secret values stay in memory. */
export interface Refusals {
  /** Asks the check: one at a time for each secret value, however many calls were refused. */
  readonly ask: () => Promise<Verdict>
  /** Remembers that a call was refused with the value of now; true: it was refused with that value before. */
  readonly note: (key: string) => Promise<boolean>
}

/** Remembers no refusal yet. */
export const createRefusals = (
  check: () => Promise<Readonly<{ outcome: Outcome }>>,
  fingerprint: () => Promise<string>,
): Refusals => {
  const refused = new Map<string, string>()
  let asking: Readonly<{ value: string; verdict: Promise<Verdict> }> | undefined

  const verdictOf = async (): Promise<Verdict> => {
    const { outcome } = await check()
    if (outcome.kind === 'delivered') return { kind: 'accepted' }
    const { kind, reason } = outcome
    return kind === 'denied' || kind === 'rejected'
      ? { kind: 'denied', reason }
      : { kind: 'no-answer', reason }
  }

  return {
    ask: async () => {
      const value = await fingerprint()
      if (asking?.value === value) return asking.verdict
      const verdict = verdictOf()
      const mine = { value, verdict }
      asking = mine
      try {
        return await verdict
      } finally {
        if (asking === mine) asking = undefined
      }
    },
    note: async key => {
      const value = await fingerprint()
      const before = refused.get(key)
      const oldest = refused.keys().next()
      if (refused.size >= KEPT && !oldest.done) refused.delete(oldest.value)
      refused.set(key, value)
      return before === value
    },
  }
}
