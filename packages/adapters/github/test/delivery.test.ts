import { generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { listMentions } from '../src/testing.ts'
import { problemsOf } from './openapi.ts'
import { track } from './tracked.ts'

const SHA = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const app = {
  id: '1201',
  installation: '77',
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}
const appSecrets = (type: 'pkcs1' | 'pkcs8') => ({
  GITHUB_APP_ID: '1201',
  GITHUB_APP_INSTALLATION_ID: '77',
  // As it often stands in an environment: line ends written as `\n`.
  GITHUB_APP_PRIVATE_KEY: privateKey.export({ type, format: 'pem' }).toString().replaceAll('\n', '\\n'),
})

let ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends) await end()
  ends = []
})
const begin = async (...given: Parameters<typeof track>) => {
  const made = await track(...given)
  ends.push(made.end)
  return made
}

describe('a session', () => {
  test('is one issue with comments, as GitHub documents every request and answer', async () => {
    const { tracker, server, drain } = await begin({ labels: ['bug'], statuses: { close: 'completed' } })
    const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock per invoice', { rationale: 'Stripe retries' })
    const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
    await drain()
    await blocker.resolve('Key issued')
    await session.close({ summary: 'Fixed in #981', progress: 100 })
    expect(await drain()).toEqual([])
    const [issue] = server.issues()
    expect(issue).toMatchObject({
      number: 1,
      title: 'Stop double charging',
      state: 'closed',
      stateReason: 'completed',
      labels: ['bug'],
    })
    expect(issue?.body).toContain('0 → 100 %')
    expect(issue?.comments.map(({ body }) => body.split('\n')[0])).toEqual([
      '**Decision**',
      '**Blocked (high)**',
      '**Unblocked**',
      '**Session completed, 0 → 100 %**',
    ])
    expect(server.requests().flatMap(problemsOf)).toEqual([])
    expect(server.countDoubled()).toBe(0)
    expect((await session.cards()).map(({ url }) => url)).toEqual([
      'https://github.com/acme/billing/issues/1',
    ])
  })

  test('notifies nobody and puts no reference anywhere, whatever its texts say', async () => {
    const { tracker, server, drain } = await begin()
    const evil = [
      'Ask @mia, (@acme/core) and \\@tom: fixes #12, closes acme/billing#13, see GH-14,',
      'commit 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d and 7fd1a60, https://github.com/acme/billing/issues/15',
      '`@eve` ```@eve``` <!-- @eve --> \u200b@zoe ＠mia a@b #x @-',
    ].join('\n')
    const session = await tracker.start({ goal: evil, agent: evil.slice(0, 100) })
    await session.update(evil, { progress: 20, nextSteps: [evil] })
    await session.decide(evil, { rationale: evil, alternatives: [evil] })
    await session.block(evil, { severity: 'high' })
    await session.export('markdown', { publish: true })
    await session.close({ summary: evil })
    await tracker.act('github', 'createComment', { issue: 1, body: evil })
    expect(await drain()).toEqual([])
    const texts = server.issues().flatMap(({ body, comments }) => [body, ...comments.map(each => each.body)])
    expect(texts).toHaveLength(6)
    expect(texts.flatMap(listMentions)).toEqual([])
  })

  test('links addresses where it may, and refers to nothing all the same', async () => {
    const { tracker, server, drain } = await begin({ links: 'live' })
    const goal = [
      'closes https://github.com/acme/billing/issues/1 and see https://github.com/acme/billing/pull/2#x,',
      'https://github.example/a/b/commit/7fd1a60 https://github.com/acme/billing $HOME/a$ $$x$$ $5 https://example.com/a',
    ].join('\n')
    await tracker.act('github', 'createComment', { issue: 1, body: goal })
    server.addIssue('An issue')
    expect(await drain()).toEqual([])
    const [text = ''] = server.issues()[0]?.comments.map(({ body }) => body) ?? []
    expect(listMentions(text).filter(each => /[@#]|issues|pull|commit/.test(each))).toEqual([])
    expect(text.split('\n').slice(0, 2)).toEqual([
      'closes `https://github.com/acme/billing/issues/1` and see `https://github.com/acme/billing/pull/2#x`,  ',
      '`https://github.example/a/b/commit/7fd1a60` <https://github.com/acme/billing> `$HOME/a$` `$$x$$` $5 <https://example.com/a>',
    ])
  })

  test("takes no issue of another repository for the session's", async () => {
    const { tracker } = await begin({ baseUrl: 'https://api.github.com', mode: 'preview' })
    const start = (issue: string) => tracker.start({ goal: 'g', refs: { github: { issue } } })
    for (const address of [
      'https://github.com/evil/other/issues/1',
      'https://github.com/acme/other/pull/1',
      'https://github.example/acme/billing/issues/1',
      'https://api.github.com/acme/billing/issues/1',
    ]) {
      await expect(start(address)).rejects.toThrow(
        'start.refs.github.issue: invalid value; expected the number or the address of an issue or a pull request of acme/billing',
      )
      for (const call of [
        tracker.act('github', 'createComment', { issue: address, body: 'b' }),
        tracker.act('github', 'requestReview', { pull: address, reviewers: ['ada'] }),
        tracker.read('github', 'listComments', { issue: address }),
      ])
        await expect(call).rejects.toThrow('another repository; expected an issue of acme/billing')
    }
    for (const issue of [
      '12',
      '#12',
      'https://github.com/ACME/Billing/pull/12/files',
      'https://www.github.com/acme/billing/issues/12',
    ])
      expect(await start(issue)).toBeDefined()
    expect((await tracker.deliveries()).map(({ action, state }) => [action, state])).toEqual(
      Array(4).fill(['createCardComment', 'planned']),
    )
  })

  test('finds issues of its repository alone', async () => {
    const { tracker, server } = await begin()
    for (const place of [
      'repo:evil/other',
      'org:evil',
      '-USER:acme',
      '(owner:evil)',
      ') OR (a',
      'OR "a',
      '")" (',
    ])
      await expect(tracker.read('github', 'search', { query: `charge ${place}` })).rejects.toThrow(
        'search.query: invalid value; expected words and qualifiers without repo:, org:, user: and owner:',
      )
    for (const query of ['charge is:open', 'charge OR bill', 'a microrepo: x', '(a (b OR "c)"))'])
      await tracker.read('github', 'search', { query })
    expect(server.requests().flatMap(({ query: { q } }) => q ?? [])).toEqual([
      'charge is:open repo:acme/billing',
      '(charge OR bill) repo:acme/billing',
      'a microrepo: x repo:acme/billing',
      '((a (b OR "c)"))) repo:acme/billing',
    ])
  })

  test('is one comment on a pull request, with a status on its head', async () => {
    const { tracker, server, drain } = await begin({ check: true })
    const pull = server.addIssue('Lock per invoice', { sha: SHA })
    const session = await tracker.start({
      goal: 'Review the locks',
      refs: { github: { issue: `https://github.com/acme/billing/pull/${pull}`, commit: 'head' } },
    })
    await session.update('Half way', { progress: 50 })
    await drain()
    await session.close({ progress: 100 })
    expect(await drain()).toEqual([])
    const [issue] = server.issues()
    expect(issue?.comments).toHaveLength(2)
    expect(issue?.comments[0]?.body).toContain('**Review the locks**')
    expect(issue?.comments[0]?.body).toContain('0 → 100 %')
    expect(server.statuses().at(0)).toMatchObject({ sha: SHA, context: 'sessionwire', state: 'pending' })
    expect(server.statuses().at(-1)).toMatchObject({ state: 'success', description: '0 → 100 %, completed' })
    expect(server.requests().flatMap(problemsOf)).toEqual([])
  })

  test('goes on as one comment where people removed the block, and keeps what they wrote', async () => {
    const { tracker, server, drain } = await begin()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain()
    server.edit(1, body => `Read the runbook.\n\n${body}\n\nAsk Mia.`)
    await session.update('Reproduced', { progress: 35 })
    await drain()
    expect(server.issues()[0]?.body).toMatch(/^Read the runbook\.\n\n[\s\S]*35 %[\s\S]*\n\nAsk Mia\.$/)
    server.edit(1, () => 'Only my words.')
    await session.update('Found', { progress: 60 })
    await drain()
    await session.update('Fixed', { progress: 90 })
    expect(await drain()).toEqual([])
    const [issue] = server.issues()
    expect(issue?.body).toBe('Only my words.')
    expect(issue?.comments).toHaveLength(1)
    expect(issue?.comments[0]?.body).toContain('0 → 90 %')
  })

  test('stops where its issue was deleted, and goes on with a new one', async () => {
    const { tracker, server, drain } = await begin()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain()
    server.removeIssue(1)
    await session.update('Reproduced', { progress: 35 })
    await drain()
    expect((await tracker.status()).adapters[0]?.gone).toBe(1)
    await tracker.recreateCard(session.id, 'github')
    expect(await drain()).toEqual([])
    expect(server.issues()).toHaveLength(1)
  })
})

/** A token is valid for an hour: so slowly that a test is over before, on a busy machine too. */
const SPEED = 60

describe('an app', () => {
  test.for(['pkcs1', 'pkcs8'] as const)(
    'gets a token with its %s key, and writes a check run',
    async type => {
      const { tracker, server, drain } = await begin(
        { auth: 'app', check: true },
        { app, speed: SPEED },
        appSecrets(type),
      )
      const session = await tracker.start({ goal: 'Review the locks', refs: { github: { commit: SHA } } })
      await session.update('Half way', { progress: 50 })
      await drain()
      server.expireTokens()
      await session.close({ progress: 100 })
      expect(await drain()).toEqual([])
      expect(server.checkRuns()).toMatchObject([
        {
          name: 'sessionwire',
          sha: SHA,
          status: 'completed',
          conclusion: 'success',
          output: { title: '0 → 100 %, completed: Review the locks' },
        },
      ])
      expect(server.requests().filter(({ path }) => path.startsWith('/app/'))).toHaveLength(2)
      expect(server.requests().flatMap(problemsOf)).toEqual([])
      expect((await tracker.check('github')).ok).toBe(true)
    },
  )

  test.for([-1_800_000, 1_800_000])(
    'gets a token where its clock is %i ms from that of GitHub',
    async behindMs => {
      const { tracker, server, drain } = await begin(
        { auth: 'app' },
        { app, behindMs, speed: SPEED },
        appSecrets('pkcs8'),
      )
      await tracker.start({ goal: 'Review the locks' })
      expect(await drain()).toEqual([])
      expect(server.requests().filter(({ path }) => path.startsWith('/app/'))).toHaveLength(2)
    },
  )

  test('waits for another key where this one cannot be read', async () => {
    const secrets = { ...appSecrets('pkcs8'), GITHUB_APP_PRIVATE_KEY: 'no key' }
    const { tracker, drain } = await begin({ auth: 'app' }, { app }, secrets)
    await tracker.start({ goal: 'Review the locks' })
    await expect
      .poll(() => drain(400_000))
      .toMatchObject([['createCard', 'waiting', expect.stringContaining('PEM')]])
    secrets.GITHUB_APP_PRIVATE_KEY = appSecrets('pkcs8').GITHUB_APP_PRIVATE_KEY
    expect(await drain()).toEqual([])
  })

  test('is paused while its key is wrong, and none of the key is in any text', async () => {
    const { tracker, drain } = await begin(
      { auth: 'app' },
      { app },
      {
        ...appSecrets('pkcs8'),
        GITHUB_APP_ID: '9',
      },
    )
    await tracker.start({ goal: 'Review the locks' })
    const refused = async () => {
      expect(await drain(400_000)).toHaveLength(1)
      return JSON.stringify(await tracker.status())
    }
    await expect.poll(refused).toContain('JSON web token')
    const status = await refused()
    expect(status).not.toMatch(/BEGIN|ghs_|eyJ/)
  })

  test('follows the redirect of a repository that was renamed', async () => {
    const { tracker, server, drain } = await begin()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain()
    server.rename('acme/invoices')
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock per invoice')
    expect(await drain()).toEqual([])
    expect(server.issues()[0]?.comments).toHaveLength(1)
    expect(server.issues()[0]?.body).toContain('35 %')
  })
})

describe('limits', () => {
  test('are kept: 80 comments a minute and 500 an hour are never reached', async () => {
    const { tracker, server, drain } = await begin({}, { content: { minute: 80, hour: 500 } })
    for (let n = 0; n < 160; n++) await tracker.act('github', 'createIssue', { title: `Issue ${n}` })
    expect(await drain()).toEqual([])
    expect(server.issues()).toHaveLength(160)
    expect(server.requests().filter(({ answer }) => answer?.status === 403)).toEqual([])
  })

  test('pause writes where others use them up, for as long as GitHub asks', async () => {
    const { tracker, server, drain } = await begin({}, { content: { minute: 10, hour: 500 } })
    for (let n = 0; n < 25; n++) await tracker.act('github', 'createIssue', { title: `Issue ${n}` })
    expect(await drain()).toEqual([])
    expect(server.issues()).toHaveLength(25)
    expect(server.requests().filter(({ answer }) => answer?.status === 403).length).toBeLessThanOrEqual(3)
    expect(server.countDoubled()).toBe(0)
  })
})
