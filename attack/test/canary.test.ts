import { createTracker, type Listed, type Tracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leaksIn } from '../matrix/canary.ts'
import { answersOf, everything } from '../matrix/said.ts'

// What is searched for secrets must hold all that is said: here a service says something that nobody strikes out.

const MARK = 'said-by-the-service'
const KNOWN = [{ name: 'MARK', forms: [MARK] }]
const adapter = slack({ channel: 'C0123456789' })

let tracker: Tracker
beforeEach(async () => {
  tracker = (await createTracker({
    project: 'attack',
    user: 'fixer',
    deliver: false,
    secrets: () => 'xoxb-canary',
    adapters: [adapter],
    transports: {
      slack: {
        send: async () => ({
          kind: 'answer',
          status: 200,
          headers: {},
          body: { ok: false, error: MARK },
        }),
      },
    },
  })) as unknown as Tracker
})
afterEach(() => tracker.close())

test('what a check and each read say is searched', async () => {
  const server = await hostileSlack()
  const texts = await answersOf(tracker, adapter, server, () => undefined)
  await server.close()
  const [checked = '', ...fetched] = texts
  expect(leaksIn(KNOWN, checked, 'a check')).toHaveLength(1)
  for (const read of ['findChannel', 'getChannel', 'findUser', 'whoAmI']) {
    const text = fetched.find(each => each.includes(`slack.${read}: `)) ?? ''
    expect(leaksIn(KNOWN, text, read)).toHaveLength(1)
  }
})

test('all a session shows is searched', async () => {
  const session = await tracker.start({ goal: MARK })
  const texts = await everything(tracker as unknown as Tracker<Listed>, session.id)
  const places = texts.filter(text => leaksIn(KNOWN, text, 'it').length > 0)
  expect(places.some(text => text.startsWith('<!doctype html>'))).toBe(true)
  expect(places.some(text => text.startsWith('#'))).toBe(true)
  expect(places.some(text => text.includes('curl'))).toBe(true)
})
