import { createTracker, memoryStore } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import { afterEach, describe, expect, test } from 'vitest'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const SECRETS: Readonly<Record<string, string>> = {
  ...{ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token', LINEAR_API_KEY: 'lin_api_test' },
}

/** A tracker of a Jira and a Linear that have one issue each, which a person made. */
const place = async (mode: 'execute' | 'preview') => {
  const atlassian = await hostileJira()
  const lin = await hostileLinear({ apiKey: 'lin_api_test' })
  const key = atlassian.addIssue('Double charging')
  const tracker = await createTracker({
    ...{ project: 'billing', user: 'Ada', store: memoryStore(), deliver: false },
    secrets: name => SECRETS[name],
    adapters: [
      jira({ baseUrl: atlassian.address, projectKey: 'ENG', deployment: 'cloud', mode }),
      linear({ teamId: 'BIL', baseUrl: lin.url, mode }),
    ],
  })
  stops.push(async () => {
    await tracker.close()
    await atlassian.close()
    await lin.close()
  })
  return { tracker, atlassian, lin, key, issue: 'BIL-212' }
}

describe('an issue that is linked while the session goes on', () => {
  test.for([
    ['captured and not mirrored', 'execute', false],
    ['of which only previews were planned', 'preview', true],
  ] as const)('is taken up by a session %s, and no second card is made', async ([, mode, mirror]) => {
    const { tracker, atlassian, lin, key, issue } = await place(mode)
    const release = async () => {
      const planned = await tracker.deliveries({ state: 'planned', limit: 100 })
      await tracker.release(planned.map(each => each.key))
      await tracker.drain()
    }
    const issuesOf = () =>
      lin.issues().map(({ identifier, title, description }) => [identifier, title, description])
    const before = issuesOf()
    const session = await tracker.start({ goal: 'Stop double charging', mirror })
    await session.update('Found the race', { progress: 20 })
    expect(
      await session.mirror(undefined, { refs: { jira: { issue: key }, linear: { issue } } }),
    ).toMatchObject({
      adapters: ['jira', 'linear'],
    })
    await release()
    await session.decide('Lock per invoice')
    await session.update('Locked', { progress: 90 })
    await session.close({ summary: 'Fixed', progress: 100 })
    await release()

    expect(atlassian.issues().map(each => [each.key, each.summary, each.description])).toEqual([
      [key, 'Double charging', ''],
    ])
    const texts = atlassian.issues()[0]?.comments.map(({ text }) => text) ?? []
    expect(texts[0]).toContain('100 %')
    expect(texts.slice(1).map(text => text.split('\n', 1)[0])).toEqual([
      'Decision',
      'Session completed, 0 → 100 %',
    ])
    expect(issuesOf()).toEqual(before)
    expect(lin.comments(issue).some(({ body }) => body.includes('Lock per invoice'))).toBe(true)
    expect((await tracker.status()).adapters.map(({ states }) => states.dead ?? 0)).toEqual([0, 0])
  })

  test('changes nothing where the session has a card', async () => {
    const { tracker, atlassian, key } = await place('execute')
    const session = await tracker.start({ goal: 'Stop double charging' })
    await tracker.drain()
    await expect(session.mirror(undefined, { refs: { jira: { issue: key } } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'mirror.refs.jira',
    })
    await session.update('Found the race', { progress: 20 })
    await tracker.drain()
    const [linked, own] = atlassian.issues()
    expect([linked?.key, linked?.comments]).toEqual([key, []])
    expect(own?.description).toContain('Found the race')
  })
})
