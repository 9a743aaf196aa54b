import { hostileJira } from '@sessionwire/jira/testing'
import { expect, test } from 'vitest'
import { sample } from '../../../test/sample.ts'
import { hear, useStage } from './stage.ts'

const stage = useStage({ adapters: ['jira'], here: true, serve: hostileJira })

const ENV = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }

const setUp = async (mode: 'execute' | 'preview'): Promise<void> => {
  const settings = { baseUrl: stage.server.address, projectKey: 'ENG', deployment: 'cloud', mode }
  stage.place.write(
    'sessionwire.config.json',
    JSON.stringify({ project: 'billing', adapters: { jira: settings } }),
  )
  await stage.place.json(['trust'])
}
const run = (...words: readonly string[]) => stage.place.run([...words, '--wait', '10s'], { env: ENV })

test('an issue is taken up while the session goes on, once, and no other is made', async () => {
  const key = stage.server.addIssue('Double charging')
  await setUp('preview')
  await run('start', 'Stop double charging')
  await run('update', 'Found the race', '20')
  const linked = await run('link', `jira=${key}`)
  expect([linked.code, linked.out]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^Linked: Stop double charging \\(.*\\)\nWorks on jira ${key}\n\\d+ requests are planned`),
    ),
  ])
  expect((await run('link', `jira=${key}`)).out).toContain(`Works on jira ${key} already`)
  await run('release')
  const [issue, ...others] = stage.server.issues()
  expect([issue?.key, issue?.summary, others]).toEqual([key, 'Double charging', []])
  expect(issue?.comments.map(({ text }) => text.includes('Found the race'))).toEqual([true])
})

test('an issue beside a card that is there is noted', async () => {
  const key = stage.server.addIssue('Double charging')
  await setUp('execute')
  await run('start', 'Stop double charging')
  const linked = await run('link', `jira=${key}`)
  expect([linked.code, linked.out]).toEqual([
    0,
    expect.stringContaining(`Noted jira ${key}: this session has a card of its own in jira`),
  ])
  expect(stage.server.issues().map(({ summary }) => summary)).toEqual([
    'Double charging',
    'Stop double charging',
  ])
})

/** A host's session on the branch of an issue, captured before the service of that issue was set up. */
const captureFirst = async () => {
  const key = stage.server.addIssue('Double charging')
  stage.place.write('.git/HEAD', `ref: refs/heads/feature/${key}-lock\n`)
  const say = (event: string, more: object) => hear(stage.place, 'one', event, more)
  await say('SessionStart', { source: 'startup' })
  await say('UserPromptSubmit', { prompt: 'Lock it' })
  await stage.place.run(['ingest'])
  await setUp('preview')
  return { key, say }
}

test('a session that was captured before the service was set up takes up the issue of its branch', async () => {
  const { key, say } = await captureFirst()
  expect((await run('mirror')).out).toMatch(new RegExp(`^Mirrored by jira: feature/${key}-lock `))
  await run('release')
  // What the hook reports later goes there, too.
  await say('PostToolUse', {
    ...{ tool_name: 'Write', tool_use_id: 't1', tool_input: { file_path: `${stage.place.folder}/lock.ts` } },
    tool_response: {},
  })
  await run('ingest')
  await run('release')
  const [issue, ...others] = stage.server.issues()
  expect([issue?.key, issue?.comments.length, others]).toEqual([key, 1, []])
})

test('and so it does when the hook finds something to show', async () => {
  const { key, say } = await captureFirst()
  await say('PostToolUse', {
    ...{ tool_name: 'Write', tool_use_id: 't1', tool_input: { file_path: `${stage.place.folder}/lock.ts` } },
    tool_response: {},
  })
  await run('ingest')
  await run('release')
  const [issue, ...others] = stage.server.issues()
  expect([issue?.key, issue?.comments.length, others]).toEqual([key, 1, []])
})

const SHOWING = [
  [['decide', 'Lock per invoice'], 'Decided'],
  [['block', 'No staging key'], 'Blocked'],
] as const
test.each(sample(SHOWING, 2))(
  '%s shows a captured session to the services, as the tools of the stage.server do',
  async (words, verb) => {
    const { key } = await captureFirst()
    expect((await run('update', 'Looked around')).out).toMatch(/^Updated, 0 %: .* \(.*, newest\)\n$/)
    const shown = await run(...words)
    expect(shown.out).toMatch(
      new RegExp(
        `^${verb}: feature/${key}-lock \\(.*\\)\nMirrored from here on by jira\n\\d+ requests are planned`,
      ),
    )
    expect((await run(...words)).out).not.toContain('Mirrored')
    await run('release')
    const [issue, ...others] = stage.server.issues()
    // The comment that is the card has both, and each is an entry of its own.
    const comments = issue?.comments.map(({ text }) => text.split(words[1]).length - 1)
    expect([issue?.key, others, comments]).toEqual([key, [], [2, 1, 1]])
  },
)

test('a decision in a session that was started without a mirror shows nothing', async () => {
  await setUp('preview')
  await run('start', 'Try something', '--no-mirror')
  expect((await run('decide', 'Lock per invoice')).out).toMatch(/^Decided: Try something \(.*\)\n$/)
})
