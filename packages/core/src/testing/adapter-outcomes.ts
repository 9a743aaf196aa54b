import assert from 'node:assert/strict'
import type { AnyAdapter } from '../adapter/contract.ts'
import type { Outcome, Reply, Role } from '../descriptor/outcome.ts'
import { actionsOf, assertPlain } from './adapter-checks.ts'
import { makeFailures, pages } from './adapter-replies.ts'

/** Advice about a reply that was taken for success. */
const HINTS = {
  failed: 'only a status from 200 to 299 is one: let outcome fall back to httpOutcome',
  page: 'let outcome answer unknown where the body is not what the service gives, as httpOutcome does for pages',
  words: 'let outcome look at the body: it says that it failed',
} as const

/** Checks of an adapter's outcomes, by name. `failures`: in the service's own words. */
export const outcomeChecks = (
  adapter: AnyAdapter,
  failures: readonly Reply[],
): readonly (readonly [name: string, run: () => void])[] => {
  const writes = Object.values(actionsOf(adapter)).filter(({ effect }) => effect === 'write')
  const names = [...writes.map(({ action }) => action), 'unheardOf']
  const judge = (reply: Reply, action: string, role: Role): Outcome => {
    const outcome = adapter.outcome(reply, { action, role })
    assertPlain(outcome, 'the outcome')
    if (outcome.kind !== 'delivered') {
      assert.ok(
        outcome.reason !== '',
        'the outcome has no reason: give what the service said, as quote(body) does',
      )
      const { length } = outcome.reason
      assert.ok(
        length <= 65_536,
        `a reason of ${length} characters: build it with quote(body), which is bounded`,
      )
    }
    return outcome
  }
  const each = (replies: readonly Reply[], hold: (reply: Reply) => void) => {
    for (const reply of replies)
      try {
        hold(reply)
      } catch (cause) {
        throw new Error(`${String(cause)}\nfor ${JSON.stringify(reply).slice(0, 600)}`, { cause })
      }
  }
  /** Few actions for each of many replies, in turn: every action meets every kind of reply, and none of them all. */
  const actionsFor = (turn: number, few: boolean) =>
    few ? [turn, turn + 1, turn + 2].map(n => names[(n * 7) % names.length] as string) : names
  const refuseAll = (replies: readonly Reply[], hint: keyof typeof HINTS) => {
    let turn = 0
    const what = { failed: 'a failed reply', page: 'a page of HTML', words: 'an error' }[hint]
    each(replies, reply => {
      for (const action of new Set([...actionsFor(turn++, replies.length > 500), 'unheardOf']))
        assert.notEqual(
          judge(reply, action, 'call').kind,
          'delivered',
          `${action} took ${what} for success: ${HINTS[hint]}`,
        )
    })
  }
  return [
    ['never takes a failed reply for success, whatever is in it', () => refuseAll(makeFailures(), 'failed')],
    ['never takes a page of HTML for success, whatever its status', () => refuseAll(pages, 'page')],
    ['never takes an error in the words of the service for success', () => refuseAll(failures, 'words')],
    [
      'never fails over a reply, whatever it was sent for',
      () =>
        each(makeFailures(), reply => {
          for (const role of ['look-up', 'check'] as const) {
            const outcome = judge(reply, 'unheardOf', role)
            if (outcome.kind === 'delivered')
              assert.ok(outcome.empty, `a failed ${role} was taken for an answer: ${HINTS.failed}`)
          }
        }),
    ],
    [
      'knows what was surely not sent from what perhaps was',
      () => {
        const judgeLost = (sent: 'no' | 'perhaps') =>
          judge({ kind: 'failure', sent, code: 'reset', reason: 'reset' }, 'unheardOf', 'call').kind
        const both = `${judgeLost('no')}, ${judgeLost('perhaps')}`
        assert.equal(
          both,
          'retry, unknown',
          `a request surely not sent, and one perhaps sent, meant ${both}: answer retry and unknown, as httpOutcome does`,
        )
      },
    ],
  ]
}
