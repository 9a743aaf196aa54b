import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recallFile, spoolFile } from '../src/hook/places.ts'
import { writeRecall } from '../src/ingest/recall.ts'
import { buildHook, ingestInto, makeFolder, makeTracker, recorded, removeFolder, runHook } from './stage.ts'

const SESSION = '00000000-0000-4000-8000-000000000001'

describe('a recorded run of Claude Code, from the hook process to the store', () => {
  let folder: string
  let hook: string
  beforeAll(() => {
    folder = makeFolder()
    hook = buildHook()
  })
  afterAll(() => removeFolder(folder))

  test('is recorded once, printed at the next start, and ends as left', async () => {
    const data = join(folder, 'data')
    const rows = recorded('claude').filter(
      ({ mode, scenario, config_key }) =>
        mode === 'headless' && scenario === 'main' && !/^(PreToolUse|MessageDisplay)$/.test(config_key),
    )
    for (const { payload } of rows) {
      const ended = runHook(hook, data, ['claude'], payload)
      expect([ended.status, ended.stdout, ended.stderr]).toEqual([0, '', ''])
    }
    const spool = spoolFile(data, 'claude', SESSION)
    expect((statSync(spool).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(join(spool, '..')).mode & 0o777).toString(8)).toBe('700')

    const tracker = await makeTracker()
    const first = await ingestInto(data, tracker)
    expect(first).toMatchObject({ ran: true, lines: rows.length, unreadable: 0, refused: 0, complete: true })
    const [session] = await tracker
      .sessions({ project: 'repo', status: 'left' })
      .then(all => all.filter(each => each.parentId === undefined))
    if (session === undefined) throw new Error('no session')
    const whole = await tracker.session(session.id).load()
    expect(whole).toMatchObject({
      agent: 'Claude Code',
      workspace: '/home/dev/repo',
      user: 'Ada',
      status: 'left',
    })
    expect(whole.entities.map(({ type, name }) => [type, name])).toEqual([['file', 'a.txt']])
    expect(whole.blockers).toEqual([])
    const { messages } = await tracker.messages({ sessionId: session.id })
    expect(messages.map(({ role, content }) => [role, content.split('\n', 1)[0]]).reverse()).toEqual([
      ['user', 'please work [[script:main]]'],
      ['system', '<task-notification>'],
      ['assistant', 'all done'],
    ])
    const recall = await tracker.recall()
    expect(recall.lines.some(({ kind, text }) => kind === 'state' && text.includes('left'))).toBe(true)

    // Again, and again from the beginning: every line is known by its key.
    const before = JSON.stringify(await tracker.session(session.id).load())
    expect(await ingestInto(data, tracker)).toMatchObject({ lines: 0, events: 0 })
    writeFileSync(spool.replace('.jsonl', '.pos'), 'torn')
    expect(await ingestInto(data, tracker)).toMatchObject({ lines: rows.length, events: 0, refused: 0 })
    expect(JSON.stringify(await tracker.session(session.id).load())).toBe(before)

    // The hook alone gave this session its name: until a person or model decides something there is no note.
    expect(existsSync(recallFile(data, '/home/dev/repo'))).toBe(false)
    await tracker.session(session.id).decide('Lock per invoice')
    await writeRecall(tracker, data, '/home/dev/repo', { project: 'repo', user: 'Ada' })
    const notes = readFileSync(recallFile(data, '/home/dev/repo'), 'utf8')
    const start = runHook(
      hook,
      data,
      ['claude'],
      rows.find(({ config_key }) => config_key === 'SessionStart')?.payload,
    )
    expect(JSON.parse(start.stdout)).toEqual({
      hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: notes },
    })
    expect(notes).toContain('in a session of the model Claude Code for Ada')
    await tracker.close()
  })

  test('ends with 0 and without a word whatever it is given', () => {
    const data = join(folder, 'odd')
    for (const input of [
      '',
      '{',
      '[]',
      'null',
      '"text"',
      '{"session_id":"../../x","hook_event_name":"Stop"}',
      '{}',
    ])
      expect(runHook(hook, data, ['claude'], input)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    // A data folder that is a file.
    writeFileSync(join(folder, 'file'), '')
    const payload = { session_id: 's', hook_event_name: 'Stop', cwd: '/x' }
    expect(runHook(hook, join(folder, 'file'), ['claude'], payload)).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect(readFileSync(join(data, 'hook-errors.log'), 'utf8')).not.toContain('../../x')
    mkdirSync(join(folder, 'unused'))
  })
})
