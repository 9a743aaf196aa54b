import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { runCommand, startMcp } from './command.ts'
import { callTool } from './connect.ts'

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sessionwire-gone-')))
  mkdirSync(join(folder, 'work'))
  writeFileSync(join(folder, 'work', 'sessionwire.config.json'), '{"project":"billing"}')
  runCommand(folder, ['trust'])
})
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

test.runIf(RUNS_ALL)(
  'a server whose store is removed under it says so, and goes on with a new one',
  async () => {
    const { client, stderr } = await startMcp(folder, { era: 'auto' })
    const decide = (content: string) => callTool(client, 'record_decision', { content })
    await callTool(client, 'session_start', { goal: 'Stop double charging' })
    expect((await decide('Lock the invoice row')).isError).toBe(false)
    const store = join(folder, 'work', '.sessionwire')
    // As `git clean -fdx` does.
    rmSync(store, { recursive: true })
    // Both calls of a turn, as hosts make them.
    const refused = await Promise.all([decide('Ask the bank'), decide('Tell the team')])
    for (const { text, isError } of refused)
      expect([isError, text]).toEqual([
        true,
        expect.stringMatching(
          /^STORE: .* nothing of this call was stored.* There is a new store now, without the sessions of before: begin one, and call this again\.$/,
        ),
      ])
    expect(await decide('Ask the bank')).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^NO_SESSION: /),
    })
    await callTool(client, 'session_start', { goal: 'Stop double charging' })
    expect(await decide('Ask the bank')).toMatchObject({ isError: false, data: { by: 'own' } })
    expect([existsSync(store), stderr().split('\n').filter(Boolean)]).toEqual([
      true,
      [expect.stringContaining('the store was removed while it was in use')],
    ])
    await client.close()
  },
)
