import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostileSlack } from '@sessionwire/slack/testing'
import { describe, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { useStage } from './stage.ts'

const stage = useStage({ adapters: ['slack'], here: !RUNS_ALL })

describe('the command', () => {
  test('records a session from start to status, in a folder that is no repository', async () => {
    const started = await stage.place.run(['start', 'Stop double charging'])
    expect([started.code, started.err]).toEqual([0, ''])
    expect(started.out).toMatch(/^Started: Stop double charging \([0-9a-f-]{36}\)\n$/)
    await stage.place.json(['update', '--found the race', '40'])
    await stage.place.json(['d', 'Lock per invoice', '--why', 'Two webhooks arrive within milliseconds'])
    const { session } = await stage.place.json<{ session: Record<string, unknown> }>(['status'])
    expect(session).toMatchObject({
      title: 'Stop double charging',
      status: 'active',
      progress: 40,
      project: 'work',
      user: 'Ada',
      by: 'newest',
      updates: [{ description: '--found the race' }],
      decisions: [{ content: 'Lock per invoice', rationale: 'Two webhooks arrive within milliseconds' }],
    })
    expect(existsSync(join(stage.place.folder, '.sessionwire'))).toBe(false)
  })

  test('ends with 1 where no session is active, and says what to do on standard error', async () => {
    expect(await stage.place.run(['update', 'x'])).toEqual({
      code: 1,
      out: '',
      err: `NO_SESSION: There is no active session in ${stage.place.folder}.\nBegin one with: sessionwire start "<goal>"\n`,
    })
  })

  test('takes the options of most commands before its name too', async () => {
    const listed = await stage.place.run(['--json', '-C', stage.place.home, 'sessions'])
    expect(listed).toEqual({ code: 0, out: '{\n  "sessions": []\n}\n', err: '' })
    const { code, err } = await stage.place.run(['--session', 'x', 'sessions'])
    expect([code, err.split('\n')[0]]).toEqual([64, "USAGE: unknown option '--session'"])
  })

  test('names what it expects of an argument, and the help of the command', async () => {
    const help =
      'Run `sessionwire help install` for its arguments and options. Text that begins with a dash goes behind --.'
    const hosts = 'expected one of claude, codex, gemini, copilot, cursor, vscode.'
    const place = stage.place
    expect((await place.run(['install', 'cluade'])).err).toBe(
      `USAGE: host: unknown value "cluade"; ${hosts}\n${help}\n`,
    )
    expect((await place.run(['install'])).err).toBe(`USAGE: host: missing; ${hosts}\n${help}\n`)
    expect((await place.run(['install', '--json'])).out).toContain(`"host: missing; ${hosts}"`)
  })

  test('ends with 64 for wrong usage, as JSON too', async () => {
    const { code, out, err } = await stage.place.run(['update', 'x', '--nonsense', '--json'])
    expect(code).toBe(64)
    expect(JSON.parse(out)).toEqual({ error: { code: 'USAGE', message: "unknown option '--nonsense'" } })
    expect(err).toContain("USAGE: unknown option '--nonsense'")
  })

  test.runIf(RUNS_ALL)('delivers to a hostile Slack from a workspace that was trusted', async () => {
    const slack = await hostileSlack()
    slack.fail({ path: '/api/chat.postMessage', failure: { kind: 'reset', applied: true } })
    try {
      stage.place.write(
        'sessionwire.config.json',
        JSON.stringify({
          project: 'billing',
          adapters: { slack: { channel: 'C0123456789', baseUrl: slack.api } },
        }),
      )
      const env = { SLACK_BOT_TOKEN: slack.token }
      const before = await stage.place.run(['start', 'Before trust'], { env })
      expect(before.err).toContain('sessionwire.config.json is not trusted')
      expect(slack.roots()).toEqual([])
      expect((await stage.place.run(['trust'])).code).toBe(0)
      await stage.place.json(['start', 'Stop double charging', '--wait', '20s'], { env })
      await stage.place.json(['decide', 'Lock per invoice', '--wait', '20s'], { env })
      const [root] = slack.roots()
      expect(slack.roots()).toHaveLength(1)
      expect(slack.replies(root?.ts ?? '').length).toBeGreaterThan(0)
      expect(slack.countDoubled()).toBe(0)
      expect(existsSync(join(stage.place.folder, '.sessionwire/sessions.db'))).toBe(true)
      expect(readFileSync(join(stage.place.folder, '.sessionwire/.gitignore'), 'utf8')).toBe('*\n')
    } finally {
      await slack.close()
    }
  })
})
