import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type HostileSlack, hostileSlack } from '@sessionwire/slack/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { RUNS_ALL } from '../../../test/sample.ts'
import { commands } from '../src/table.ts'
import { type Built, buildCommand, makePlace, type Place } from './stage.ts'

/** Every command is run with `--json` in one story, and its object is held against its schema. */
let built: Built
let place: Place
let slack: HostileSlack
let env: Readonly<Record<string, string>>
const ran = new Set<string>()
const seen: Record<string, Record<string, unknown>> = {}

beforeAll(async () => {
  built = buildCommand()
  built.addAdapter('slack')
  place = makePlace(built.main, { here: !RUNS_ALL })
  slack = await hostileSlack()
  env = { SLACK_BOT_TOKEN: slack.token, GIT_CONFIG_GLOBAL: join(place.home, '.gitconfig') }
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
      cwd: place.folder,
      stdio: 'ignore',
    })
  git('init', '-q')
  git('commit', '-q', '--allow-empty', '-m', 'First')
  place.write('sessionwire.config.json', '{"project":"billing"}')
  place.write(
    'spool.jsonl',
    '{"session_id":"s1","hook_event_name":"UserPromptSubmit","cwd":"/repo","prompt":"Fix it"}',
  )
})
afterAll(async () => {
  place.remove()
  await slack.close()
})

/** Runs a command, checks its object, and keeps it. */
const run = async (words: readonly string[], code = 0, input?: string): Promise<Record<string, unknown>> => {
  const [name = ''] = words
  const command = commands.find(each => each.name === name)
  const ended = await place.run([...words, '--json'], { env, ...(input === undefined ? {} : { input }) })
  expect([words, ended.code, ended.err]).toEqual([words, code, expect.any(String)])
  const value = JSON.parse(ended.out) as Record<string, unknown>
  // `z.parse` throws with the path of what does not fit.
  z.parse(command?.json(z) as z.ZodMiniType, value)
  ran.add(name)
  seen[words.join(' ')] = value
  return value
}

const textOf = (value: unknown): string => String(value)

describe('the object of --json', () => {
  test('fits its schema, for every command', async () => {
    await run(['trust'])
    await run(['trust', '--forget'])
    execFileSync('rm', [join(place.folder, 'sessionwire.config.json')])
    await run(['init', '--yes', '--adapter', 'slack'])
    place.write(
      'sessionwire.config.json',
      JSON.stringify({
        project: 'billing',
        adapters: {
          slack: { channel: 'C0123456789', baseUrl: slack.api, mode: 'preview', allowDestructive: true },
        },
      }),
    )
    await run(['trust'])
    await run(['config'])
    await run(['config', '--schema'])
    await run(['status'])
    await run(['start', 'Stop double charging', '--key', 'one'])
    expect((await run(['start', 'Stop double charging', '--key', 'one'])).repeated).toBe(true)
    await run(['update', '-', '40', '--next', 'Write a test', '--tag', 'race'], 0, 'Found\u0000 the race\n')
    await run(['decide', 'Lock per invoice', '--why', 'Races', '--alternative', 'A queue'])
    const { blocker } = await run(['block', 'No access to the staging key', '--severity', 'high'])
    await run(['resolve', 'staging key', 'Ops sent it'])
    expect(blocker).toMatch(/^[0-9a-f-]{36}$/)
    await run(['entity', 'InvoiceLock', '--type', 'class', '--property', 'lines=12'])
    await run(['message', 'Please fix it', '--role', 'user'])
    for (const words of [['status'], ['sessions'], ['show'], ['recall', 'invoice'], ['context'], ['digest']])
      await run(words)
    await run(['export', '--as', 'json'])
    await run(['report'])
    const previewed = await run(['preview', '--as', 'curl'])
    expect(textOf(previewed.text)).toContain('curl')
    expect(slack.roots()).toEqual([])
    expect(await run(['deliveries', '--state', 'planned'])).not.toEqual({ deliveries: [] })
    await run(['pause', 'slack', '--for', '1h', '--reason', 'Lunch'])
    await run(['release', '--wait', '1s'])
    expect(slack.roots()).toEqual([])
    await run(['unpause', 'slack', '--wait', '20s'])
    await run(['drain', '--timeout', '5m'])
    expect(slack.roots()).toHaveLength(1)
    await run(['link', 'slack=https://example.slack.com/archives/C0123456789/p1700000000000000'])
    await run(['update', 'One more', '60', '--no-deliver'])
    await run(['drop', '--state', 'planned'])
    await run(['retry', '--all'])
    const { key } = await run(['act', 'slack', 'createMessage', 'body=Hello', 'channel=C0123456789'])
    await run(['ack', textOf(key), '--body', '{"ts":"1700000000.000100"}'])
    await run(['actions', 'slack'])
    await run(['read', 'slack', 'whoAmI'])
    await run(['backfill', 'slack', '--dry-run'])
    await run(['mirror'])
    const fine = await place.run(['recreate-card', 'slack', '--json'], { env })
    expect([fine.code, JSON.parse(fine.out).error.code]).toEqual([64, 'INVALID_INPUT'])
    ran.add('recreate-card')
    await run(['end', 'Invoices are locked one by one', '--as', 'left'])
    await run(['recover'])
    await run(['import', 'git'])
    await run(['import', 'claude'])
    await run(['import', 'codex', '--all'])
    expect((await run(['import', 'git'])).events).toBe(0)
    const { session } = seen['start Stop double charging --key one'] as { session: { id: string } }
    await run(['forget', session.id])
    await run(['prune'])
    // A file is no database.
    const migrated = await place.run(['migrate', '--json'], { env })
    expect([migrated.code, JSON.parse(migrated.out).error.code]).toEqual([3, 'CONFIG'])
    ran.add('migrate')
    await run(['ingest'])
    await run(['hook', 'claude', '--replay', 'spool.jsonl'])
    await run(['watch', '--for', '1s'])
    await run(['doctor', '--live'])
    await run(['install', 'claude', '--dry-run'])
    await run(['install', 'claude'])
    await run(['uninstall', 'claude'])
    await run(['off'])
    await run(['on'])
    await run(['completion', 'zsh'])
    // Servers have no result.
    const others = commands.map(({ name }) => name).filter(name => !ran.has(name))
    expect(others).toEqual(['mcp', 'serve'])
  })

  test('of an error is a code, what happened and what to do', async () => {
    const errors = [
      ['start', 'x', '--exclusive'],
      ['start', 'y', '--exclusive'],
      ['show', 'nothing-like-it'],
      ['act', 'slack', 'nothing'],
      ['update'],
    ]
    const codes: number[] = []
    for (const words of errors) {
      const { code, out, err } = await place.run([...words, '--json'], { env })
      codes.push(code)
      const { error } = JSON.parse(out) as { error?: { code: string; message: string } }
      if (code === 0) continue
      expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) })
      expect(err).toContain(error?.message)
    }
    // The one that was forgotten has no workspace any more, so the first one starts.
    expect(codes).toEqual([0, 2, 1, 64, 64])
  })
})

test('every command has a schema that JSON Schema can express', () => {
  for (const { name, json } of commands) {
    const made = z.toJSONSchema(json(z) as z.ZodMiniType)
    expect([name, made.type]).toEqual([name, 'object'])
  }
})
