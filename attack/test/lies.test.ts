import type { Json, Reply } from '@sessionwire/core/adapter'
import { createRandom } from '@sessionwire/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sample } from '../../test/sample.ts'
import { createHeldClock } from '../clock.ts'
import { lagging } from '../lag.ts'
import { settle } from '../matrix/pass.ts'
import { TARGETS } from '../targets.ts'
import { RECORDS, tampered } from './tampered.ts'

type Answered = Extract<Reply, { kind: 'answer' }>

/** Successes by their status that are not what any service says when it has done something. */
const NEARLY: readonly Json[] = [
  { error: 'no' },
  { message: 'not found' },
  { _error_message: 'no' },
  { errorMessages: ['no'] },
  { ok: false },
  { data: {} },
  { data: null, errors: [] },
  {},
  [],
  null,
  0,
]

/** Whether an answer is, for all that is documented, what the service says when it has done what it was asked. */
const isRight = (name: string, { status, body }: Answered): boolean => {
  if (status < 200 || status >= 300) return false
  if (name === 'jira') return body === '' || (status === 204 && body === null)
  // Any text, and any object.
  return name === 'opsera' && (typeof body === 'string' || (body !== null && typeof body === 'object'))
}

const percents = (text: string): readonly number[] =>
  [...text.matchAll(/(\d+) %|"progress":(\d+)/g)].map(([, said, given]) => Number(said ?? given))

const OURS = ['Stop double charging', 'Lock per invoice', 'Fixed']

/** What is told of one that is delivered, and does not show at the service. */
const unseen = (
  descriptors: readonly unknown[],
  shown: readonly string[],
  words: readonly string[],
): readonly string[] => {
  const all = shown.join('\n')
  const most = Math.max(-1, ...percents(all))
  return descriptors.flatMap(descriptor => {
    const text = JSON.stringify(descriptor)
    const late = percents(text).filter(percent => percent > most)
    return [
      ...words.filter(each => text.includes(each) && !all.includes(each)),
      ...late.map(percent => `${percent} %`),
    ]
  })
}

// One that is trusting takes any success for a delivery, by its standard.
const seeing = TARGETS.filter(({ blind, trusting }) => blind !== true && trusting !== true)

test.each(seeing)(
  '$name may answer anything without having done it: what is delivered is what it shows',
  async target => {
    const answer = fc.record({
      kind: fc.constant('answer' as const),
      status: fc.constantFrom(200, 200, 201, 202, 204, 503),
      headers: fc.dictionary(fc.string(), fc.string()),
      body: fc.oneof(fc.jsonValue(), fc.constantFrom(...NEARLY)) as fc.Arbitrary<Json>,
    })
    for (const seed of sample([1, 2, 3, 4], 4)) {
      const clock = createHeldClock(Date.UTC(2026, 0, 31))
      const service = await target.serve({ seed, now: clock.true })
      lagging(service, clock.true)
      const answers = fc.sample(answer, { numRuns: 400, seed }).filter(each => !isRight(target.name, each))
      const random = createRandom(seed)
      let lying = false
      const { tracker, errors } = await tampered(
        target,
        service,
        reply => reply,
        sent => (lying && random() < 0.6 ? answers[sent % answers.length] : undefined),
        { now: clock.now, monotonic: clock.monotonic, random: () => 0.5 },
      )
      const stuck: string[] = []
      const settledAll = (lane: string) =>
        settle({ tracker, clock, whenFixed: async () => undefined }, lane, stuck)
      let found = 0
      tracker.on('delivered', ({ lookedUp }) => {
        if (lookedUp) found++
      })
      const begun = await tracker.start({ goal: 'Stop double charging', progress: 10 })
      await settledAll(begun.id)
      lying = true
      for (const record of RECORDS) {
        await record(begun)
        await settledAll(begun.id)
      }
      const delivered = await tracker.deliveries({ state: 'delivered' })
      const shown = service.listCards().flatMap(({ card, entries }) => [card, ...entries])
      const descriptors = delivered.map(({ descriptor }) => descriptor)
      // Where only a title shows, it shows the goal.
      const words = target.entries === 'none' ? OURS.slice(0, 1) : OURS
      expect(unseen(descriptors, shown, words)).toEqual([])
      expect(stuck).toEqual([])
      const left = await tracker.deliveries({ state: ['waiting', 'dead'] })
      expect(left.map(({ action, reason }) => `${action}: ${reason}`)).toEqual([])
      // Each was done once; what was done and then looked up was not answered.
      const done = service.server
        .requests()
        .filter(request => target.isWrite(request) && (request.answer?.status ?? 500) < 300)
      expect(delivered.length - found).toBeLessThanOrEqual(done.length)
      expect(service.server.countDoubled()).toBe(0)
      expect(errors).toEqual([])
      expect((await tracker.status()).adapters.map(({ name }) => name)).toEqual([target.name])
      await tracker.close()
      await service.server.close()
    }
  },
)
