import { describe, expect, it } from 'vitest'
import { sample } from '../../../test/sample.ts'
import { closeScenes, handAll, record, scene, WAYS } from './handoff-stage.ts'

closeScenes()

const ways = Object.keys(WAYS)
/** In a sample each way is tried with one of the three. */
const inTurn = (way: string, place: number): boolean => sample(ways, 3, place).includes(way)

describe.each(ways)('a session handed over to %s', way => {
  it.runIf(inTurn(way, 0))('arrives whole, in order, each call once', async () => {
    const all = await scene(way)
    const id = await record(all.tracker)
    await handAll(all)
    const left = await all.tracker.deliveries({ lane: id })
    expect(left.filter(({ state }) => state !== 'delivered' && state !== 'replaced')).toEqual([])
    const told = JSON.stringify([...all.issues])
    for (const words of ['Stop double charging', 'Lock the invoice row']) expect(told).toContain(words)
    if (way !== 'neo4j') expect(all.issues.size).toBe(1)
    if (way !== 'neo4j' && !way.startsWith('opsera')) {
      const [[, issue] = ['', { comments: [] }]] = all.issues
      expect(issue.comments.filter(each => each.includes('Lock the invoice row'))).toHaveLength(1)
      const decided = issue.comments.findIndex(each => each.includes('Lock the invoice row'))
      const blocked = issue.comments.findIndex(each => each.includes('No staging key'))
      expect(decided).toBeLessThan(blocked)
    }
    expect((await all.pending()).calls).toEqual([])
    expect((await all.ours.call('pending_calls', { tools: all.tools })).text).toBe('No call is waiting.')
  })

  it.runIf(inTurn(way, 1))(
    'arrives once through lost answers, wrong answers and a model that acknowledges twice',
    async () => {
      const all = await scene(way)
      const id = await record(all.tracker)
      const made: string[] = []
      for (;;) {
        const [call] = (await all.pending(1)).calls
        if (call === undefined) break
        const result = await all.make(call)
        made.push(call.key)
        // The answer is lost: the same call is given out again, marked, and the model finds it at the vendor. An edit may have
        // been replaced by a newer one of the same text or state; then that is given out.
        const [again] = (await all.pending(1)).calls
        if (again?.key !== call.key) {
          expect((await all.tracker.deliveries({ keys: [call.key] }))[0]?.state).toBe('replaced')
          continue
        }
        expect(again).toMatchObject({ key: call.key, arguments: call.arguments, givenOut: true })
        // The vendor's refusal of something else is taken for the answer: it settles nothing.
        const refusal = { content: [{ type: 'text', text: 'Not allowed' }], isError: true }
        const wrong = await all.acknowledge(call.key, refusal)
        expect([wrong.isError, wrong.text]).toEqual([
          true,
          'INVALID_INPUT: acknowledge.reply: the reply means rejected: Not allowed.',
        ])
        for (let times = 0; times < 2; times++)
          expect((await all.acknowledge(call.key, result)).text).toContain(`${call.key}: delivered.`)
      }
      expect(new Set(made).size).toBe(made.length)
      expect(all.vendor.calls).toHaveLength(made.length)
      const left = await all.tracker.deliveries({ lane: id })
      expect(left.filter(({ state }) => state !== 'delivered' && state !== 'replaced')).toEqual([])
      if (way !== 'neo4j') expect(all.issues.size).toBe(1)
    },
  )

  it.runIf(inTurn(way, 2))('waits while the host lacks the tool, and says so', async () => {
    const all = await scene(way)
    await record(all.tracker)
    const none = await all.ours.call('pending_calls', { tools: ['mcp__vendor__other', 'Bash'] })
    expect(none.data.calls).toEqual([])
    expect(none.text).toMatch(
      /^Waiting: \d+ calls? \w+ of \w+, because the host has no tool .*; connect .*\.$/m,
    )
    expect(await all.tracker.deliveries({ state: 'begun' })).toEqual([])
    expect(await handAll(all)).toBeGreaterThan(0)
  })
})
