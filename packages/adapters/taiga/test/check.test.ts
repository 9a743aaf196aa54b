import { describe, expect, test } from 'vitest'
import { hostileTaiga } from '../src/testing.ts'
import { made, planned } from './made.ts'
import { tracked } from './tracked.ts'

describe('check', () => {
  const failing = async (
    options: Parameters<typeof tracked>[1],
    prepare: (server: Awaited<ReturnType<typeof hostileTaiga>>) => void = () => undefined,
  ): Promise<unknown> => {
    await using server = await hostileTaiga()
    prepare(server)
    await using tracker = await tracked(server, options)
    return await tracker.check('taiga')
  }

  test('accepts a project in which everything is there, and names the account', async () => {
    const found = await failing({
      statuses: { start: 'In progress', close: 105 },
      assignee: 'bob',
      milestone: 'Sprint 1',
    })
    expect(found).toMatchObject({ ok: true, account: '5' })
  })

  test.for([
    ['a project that is not there', { project: 'billings' }, [], 'project billings'],
    ['a status that is not there', { statuses: { close: 'Finished' } }, [], 'status Finished'],
    ['a member who is not there', { assignee: 'eve' }, [], 'member eve'],
    ['an epic that is not there', { epic: 99 }, [], 'epic 99'],
    ['a missing right', {}, ['comment_us'], 'permission comment_us'],
    ['a missing right to write pages', {}, ['add_wiki_page'], 'permission add_wiki_page'],
    ['no such type of issue', { kind: 'issue', type: 'Bugs' }, [], 'issue type Bugs'],
  ] as const)('says %s', async ([, options, denied, about]) => {
    const found = await failing(options, server => server.deny(denied))
    expect(found).toMatchObject({ ok: false })
    expect(JSON.stringify(found)).toContain(`"${about}"`)
  })

  test('does not ask for pages where exports are comments', async () => {
    expect(await failing({ exportTo: 'comment' }, server => server.deny(['add_wiki_page']))).toMatchObject({
      ok: true,
    })
  })
})

describe('lines for people', () => {
  const lines = (type: Parameters<typeof planned>[0], options: Parameters<typeof made>[0] = {}) => {
    const adapter = made(options)
    return planned(type, adapter).map(each => adapter.describe?.[each.action]?.(each))
  }

  test('name what is done to which item', () => {
    expect(lines('start', { statuses: { start: 'In progress' }, epic: 4714 })).toEqual([
      'create user story "Stop double charging"',
      "move the session's user story to In progress",
      "add the session's user story to epic 4714",
    ])
    expect(lines('blocker')).toEqual([
      "comment on the session's user story: Blocked (high): No staging key",
      "edit the session's block in the description of the session's user story",
      "mark the session's user story as blocked: No staging key (high)",
    ])
    expect(lines('export')[0]).toMatch(/^create wiki page session-/)
  })

  test('are there for every action that writes', () => {
    const { actions, describe: known = {} } = made()
    const writes = Object.values(actions).filter(({ effect }) => effect !== 'read')
    expect(writes.map(({ action }) => action).filter(action => known[action] === undefined)).toEqual([
      'watch',
      'unwatch',
    ])
  })
})
