import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker, memoryStore } from '@sessionwire/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { slack } from '../../adapters/slack/src/index.ts'
import type { Line } from '../src/hook/line.ts'
import { places, spoolFile } from '../src/hook/places.ts'
import type { Recorder } from '../src/ingest/apply.ts'
import { foldersOff, setCapture } from '../src/ingest/capture.ts'
import { eraseSpool } from '../src/ingest/erase.ts'
import { ingest } from '../src/ingest/ingest.ts'
import { takeLock } from '../src/ingest/lock.ts'
import { replay } from '../src/replay.ts'
import { buildHook, ingestInto, makeFolder, makeTracker, removeFolder, runHook } from './stage.ts'

let folder: string
let hook: string
let n = 0
const freshData = () => join(folder, `data-${n++}`)
beforeAll(() => {
  folder = makeFolder()
  hook = buildHook()
})
afterAll(() => removeFolder(folder))

/** Writes lines as the hook does. */
const spool = (data: string, ...lines: readonly Partial<Line>[]): void => {
  const path = spoolFile(data, 'claude', 's1')
  mkdirSync(join(path, '..'), { recursive: true })
  const whole = lines.map((each, place) => ({
    ...{ v: 1, id: `l${place}-${each.t}`, host: 'claude', session: 's1', workspace: '/home/dev/repo' },
    ...each,
  }))
  writeFileSync(path, whole.map(each => `\n${JSON.stringify(each)}\n`).join(''), { flag: 'a' })
}

const T = Date.now() - 3_600_000

test('who waits is a blocker while the ingest stays, and none when it went on', async () => {
  const data = freshData()
  spool(
    data,
    { event: 'UserPromptSubmit', t: T, prompt: 'go' },
    { event: 'PermissionRequest', t: T + 1_000, asked: 'Bash' },
  )
  const tracker = await makeTracker()
  let now = T + 2_000
  let looks = 0
  const done = await ingestInto(data, tracker, {
    stay: true,
    now: () => now,
    wait: async ms => {
      looks++
      now += ms
      if (looks === 70)
        spool(data, {
          event: 'PostToolBatch',
          t: now,
          tools: [{ id: 't1', name: 'Bash', command: 'ls', output: '' }],
        })
    },
  })
  expect(done).toMatchObject({ ran: true, refused: 0, complete: true })
  expect(looks).toBe(70)
  const [session] = await tracker.sessions({ project: 'repo' })
  const { blockers } = await tracker.session(session?.id ?? '').load()
  expect(blockers).toMatchObject([
    {
      description: 'Asked for a permission and has not gone on (Bash).',
      category: 'person',
      at: new Date(T + 61_000).toISOString(),
      resolvedAt: new Date(T + 72_000).toISOString(),
    },
  ])
  // A lost position: the same lines, and nothing new.
  writeFileSync(spoolFile(data, 'claude', 's1').replace('.jsonl', '.pos'), '')
  expect((await ingestInto(data, tracker, { now: () => now })).events).toBe(0)
  await tracker.close()
})

test('stays at most 90 s for somebody who does not answer', async () => {
  const data = freshData()
  spool(data, { event: 'PermissionRequest', t: T, asked: 'Bash' })
  const tracker = await makeTracker()
  let now = T
  await ingestInto(data, tracker, {
    stay: true,
    now: () => now,
    wait: async ms => {
      now += ms
    },
  })
  expect(now - T).toBe(90_000)
  await tracker.close()
})

test('who asks while it delivers is seen too: the process that this question started found the lock taken', async () => {
  const data = freshData()
  spool(data, { event: 'UserPromptSubmit', t: T, prompt: 'go' })
  const tracker = await makeTracker()
  let now = T + 1_000
  let drains = 0
  const busy: Recorder = {
    start: input => tracker.start(input),
    session: id => tracker.session(id),
    sessions: filter => tracker.sessions(filter),
    messages: filter => tracker.messages(filter),
    drain: async () => {
      drains++
      if (drains === 1) {
        now += 30_000
        spool(data, { event: 'PermissionRequest', t: now, asked: 'Bash' })
      }
      return { done: true, left: {} } as Awaited<ReturnType<Recorder['drain']>>
    },
  }
  await ingestInto(data, busy, {
    stay: true,
    now: () => now,
    wait: async ms => {
      now += ms
    },
  })
  const [session] = await tracker.sessions({ project: 'repo' })
  const { blockers } = await tracker.session(session?.id ?? '').load()
  expect([blockers.map(({ at }) => at), drains, now]).toEqual([
    [new Date(T + 91_000).toISOString()],
    2,
    T + 121_000,
  ])
  await tracker.close()
})

test('a second ingest of this user ends at once', async () => {
  const data = freshData()
  const release = takeLock(places(data).lock)
  const tracker = await makeTracker()
  expect((await ingestInto(data, tracker)).ran).toBe(false)
  release?.()
  expect((await ingestInto(data, tracker)).ran).toBe(true)
  await tracker.close()
})

test('an ingest that a hook started waits a while for another one, which may read other lines', async () => {
  const data = freshData()
  const tracker = await makeTracker()
  spool(data, { event: 'UserPromptSubmit', t: T, prompt: 'go' }, { event: 'SessionEnd', t: T + 1_000 })
  const hold = async (leftMs: number) => {
    const release = takeLock(places(data).lock)
    let waited = 0
    const wait = async (ms: number) => {
      waited += ms
      if (waited === leftMs) release?.()
    }
    const { ran } = await ingestInto(data, tracker, { stay: true, wait, now: () => T + 2_000 })
    if (!ran) release?.()
    return [ran, waited]
  }
  expect(await hold(4_000)).toEqual([false, 3_000])
  expect(await hold(1_000)).toEqual([true, 1_000])
  expect((await tracker.sessions({ project: 'repo' })).map(({ status }) => status)).toEqual(['left'])
  await tracker.close()
})

test('a session whose store was removed is recorded once more as it goes on, and no more than once', async () => {
  const data = freshData()
  spool(data, { event: 'UserPromptSubmit', t: T, prompt: 'Stop double charging' })
  const capture = { text: 'title' } as const
  const removed = await makeTracker()
  await ingestInto(data, removed, { capture })
  await removed.close()
  const tracker = await makeTracker()
  // As long as nothing happens in the session, it is left as it is.
  expect(await ingestInto(data, tracker, { capture })).toMatchObject({ lines: 0, refused: 0 })
  expect(await tracker.sessions({ project: 'repo' })).toEqual([])
  spool(data, { event: 'SessionEnd', t: T + 1_000 })
  expect(await ingestInto(data, tracker, { capture })).toMatchObject({ refused: 0 })
  const seen = async () =>
    (await tracker.sessions({ project: 'repo' })).map(({ title, status }) => [title, status])
  expect(await seen()).toEqual([['Stop double charging', 'left']])
  expect(await ingestInto(data, tracker, { capture })).toMatchObject({ lines: 0, events: 0 })
  expect(await seen()).toHaveLength(1)
  expect(readFileSync(places(data).errors, 'utf8').trimEnd().split('\n')).toEqual([
    expect.stringMatching(/ claude\/s1: recorded again, since its store was removed$/),
  ])
  await tracker.close()
})

test('what the time did not suffice for is left to the next one', async () => {
  const data = freshData()
  spool(
    data,
    ...Array.from({ length: 20 }, (_, place) => ({
      event: 'UserPromptSubmit',
      t: T + place,
      prompt: `${place}`,
    })),
  )
  const tracker = await makeTracker()
  expect(await ingestInto(data, tracker, { budgetMs: -1 })).toMatchObject({ lines: 0, complete: false })
  expect(await ingestInto(data, tracker)).toMatchObject({ lines: 20, complete: true })
  await tracker.close()
})

test('a workspace that nobody opens keeps its spool', async () => {
  const data = freshData()
  spool(data, { event: 'UserPromptSubmit', t: T, prompt: 'go' })
  expect(await ingest({ data, open: async () => undefined })).toMatchObject({ events: 0 })
  const tracker = await makeTracker()
  expect(await ingestInto(data, tracker)).toMatchObject({ lines: 1 })
  await tracker.close()
})

test('a session is local until it has something to show, and then mirrored whole', async () => {
  const data = freshData()
  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', deliver: false, store: memoryStore() },
    adapters: [slack({ channel: 'C0123456789', mode: 'preview' })],
  })
  spool(
    data,
    { event: 'SessionStart', t: T, source: 'startup', branch: 'feature/x' },
    { event: 'UserPromptSubmit', t: T + 1, prompt: 'go' },
  )
  await ingestInto(data, tracker)
  expect(await tracker.deliveries()).toEqual([])
  spool(data, {
    event: 'PostToolUse',
    t: T + 2,
    tools: [{ id: 'w', name: 'Write', files: ['/home/dev/repo/a.ts'] }],
  })
  await ingestInto(data, tracker)
  const [session] = await tracker.sessions({ project: 'repo' })
  const cards = JSON.stringify(await tracker.preview(session?.id ?? ''))
  expect(cards).toContain('feature/x')
  await tracker.close()
})

test('a clock that was ahead when the hook ran', async () => {
  const data = freshData()
  spool(data, { event: 'UserPromptSubmit', t: Date.now() + 86_400_000, prompt: 'tomorrow' })
  const tracker = await makeTracker()
  expect(await ingestInto(data, tracker)).toMatchObject({ refused: 0, complete: true })
  const [session] = await tracker.sessions({ project: 'repo' })
  expect(Date.parse(String(session?.metadata.clock))).toBeGreaterThan(Date.now())
  await tracker.close()
})

test('a session that a person completed stays so until the host resumes it', async () => {
  const data = freshData()
  const tracker = await makeTracker()
  spool(data, { event: 'UserPromptSubmit', t: T, prompt: 'go' })
  await ingestInto(data, tracker)
  const [first] = await tracker.sessions({ project: 'repo' })
  await tracker.session(first?.id ?? '').close({ end: 'completed' })
  const status = async () => (await tracker.sessions({ project: 'repo' }))[0]?.status
  spool(
    data,
    { event: 'UserPromptSubmit', t: Date.now(), prompt: 'more' },
    { event: 'SessionEnd', t: Date.now() },
  )
  await ingestInto(data, tracker)
  expect(await status()).toBe('completed')
  spool(data, { event: 'SessionStart', t: Date.now() + 1_000, source: 'resume' })
  await ingestInto(data, tracker)
  expect(await status()).toBe('active')
  await tracker.close()
})

test('no sweep ends a session of a host', async () => {
  const data = freshData()
  const store = memoryStore()
  const tracker = await makeTracker({ store, crashAfterMs: 0, idleAfterMs: 0 })
  spool(data, { event: 'UserPromptSubmit', t: T, prompt: 'go' })
  await ingestInto(data, tracker)
  expect(await tracker.sweep()).toEqual([])
  expect((await tracker.sessions({ project: 'repo' }))[0]?.status).toBe('active')
  await tracker.close()
})

test('the hook starts an ingest, at most one in five seconds but for questions and the end of a session', async () => {
  const data = freshData()
  mkdirSync(data)
  const mark = join(data, 'mark')
  const program = `require('fs').appendFileSync(${JSON.stringify(mark)}, '.')`
  writeFileSync(places(data).command, JSON.stringify({ command: [process.execPath, '-e', program] }))
  const call = (event: string, more: object = {}) => {
    // However long the call before took, no second of the five is over.
    const { started } = places(data)
    if (existsSync(started)) utimesSync(started, new Date(), new Date())
    expect(
      runHook(hook, data, ['claude'], { session_id: 's', hook_event_name: event, cwd: '/x', ...more }),
    ).toMatchObject({ status: 0, stdout: '' })
  }
  for (const event of ['UserPromptSubmit', 'UserPromptSubmit', 'Stop']) call(event, { prompt: 'a' })
  call('PermissionRequest', { tool_name: 'Bash' })
  call('Notification', { notification_type: 'idle_prompt' })
  call('Notification', { notification_type: 'permission_prompt' })
  call('SessionEnd')
  await expect.poll(() => (existsSync(mark) ? readFileSync(mark, 'utf8') : '')).toBe('....')
})

test('the first line of a session names the branch, whatever its event is', () => {
  const data = freshData()
  mkdirSync(join(folder, 'begun/.git'), { recursive: true })
  writeFileSync(join(folder, 'begun/.git/HEAD'), 'ref: refs/heads/ada/bil-212\n')
  const told = { session_id: 's', cwd: join(folder, 'begun'), prompt: 'go', source: 'startup' }
  for (const hook_event_name of ['UserPromptSubmit', 'SessionStart', 'UserPromptSubmit'])
    runHook(hook, data, ['claude'], { ...told, hook_event_name })
  const lines = readFileSync(spoolFile(data, 'claude', 's'), 'utf8')
    .split('\n')
    .filter(Boolean)
  const branches = lines.map(each => (JSON.parse(each) as Line).branch)
  expect(branches).toEqual(['ada/bil-212', 'ada/bil-212', undefined])
})

test('the branch is read in a repository, below it, and in a work tree of its own', () => {
  const data = freshData()
  const repo = join(folder, 'repo')
  const git = (...words: readonly string[]) => expect(spawnSync('git', words, { cwd: folder }).status).toBe(0)
  git('init', '-q', '-b', 'feature/one', repo)
  git('-C', repo, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x')
  git('-C', repo, 'worktree', 'add', '-q', '-b', 'feature/two', join(folder, 'tree'))
  mkdirSync(join(repo, 'src'))
  const branchIn = (cwd: string, session: string) => {
    runHook(hook, data, ['claude'], { session_id: session, hook_event_name: 'SessionStart', cwd })
    return (JSON.parse(readFileSync(spoolFile(data, 'claude', session), 'utf8')) as Line).branch
  }
  expect(
    [repo, join(repo, 'src'), join(folder, 'tree'), folder].map((cwd, place) => branchIn(cwd, `s${place}`)),
  ).toEqual(['feature/one', 'feature/one', 'feature/two', undefined])
})

test('capture is turned off and on by folder', () => {
  const data = freshData()
  setCapture(data, '/home/dev/a', false)
  setCapture(data, '/home/dev/b', false)
  setCapture(data, '/home/dev/a', false)
  expect(foldersOff(data)).toEqual(['/home/dev/b', '/home/dev/a'])
  setCapture(data, '/home/dev/b', true)
  setCapture(data, '/home/dev/a', true)
  expect([foldersOff(data), existsSync(places(data).off)]).toEqual([[], false])
})

test('replay tells of payloads and of spools, and counts what it cannot read', () => {
  const payload = JSON.stringify({
    session_id: 's1',
    hook_event_name: 'UserPromptSubmit',
    cwd: '/repo',
    prompt: 'Fix it',
  })
  const { steps, unreadable } = replay({
    host: 'claude',
    text: `${payload}\n{\n[]\n`,
    capture: { text: 'title' },
    until: 86_400_000,
  })
  expect(unreadable).toBe(2)
  expect(steps.map(({ record }) => record.kind)).toEqual(['start', 'resume', 'message', 'update', 'close'])
})

test('Cursor and VS Code, by their published shapes', () => {
  const cursor = [
    {
      conversation_id: 'c1',
      hook_event_name: 'sessionStart',
      workspace_roots: ['/repo'],
      model: 'm',
      cursor_version: '2',
    },
    {
      conversation_id: 'c1',
      hook_event_name: 'beforeSubmitPrompt',
      workspace_roots: ['/repo'],
      prompt: 'Fix it',
    },
    {
      conversation_id: 'c1',
      hook_event_name: 'afterFileEdit',
      workspace_roots: ['/repo'],
      file_path: '/repo/a.ts',
      edits: [{ old_string: 'canary', new_string: 'canary' }],
    },
    {
      conversation_id: 'c1',
      hook_event_name: 'afterShellExecution',
      workspace_roots: ['/repo'],
      command: 'git commit -m x',
      output: '[x 1a2b3c4] Lock',
    },
    {
      conversation_id: 'c1',
      hook_event_name: 'afterAgentResponse',
      workspace_roots: ['/repo'],
      text: 'Done.',
    },
    { conversation_id: 'c1', hook_event_name: 'stop', workspace_roots: ['/repo'], status: 'completed' },
    { conversation_id: 'c1', hook_event_name: 'sessionEnd', workspace_roots: ['/repo'] },
  ]
  const vscode = [
    {
      sessionId: 'v1',
      hookEventName: 'SessionStart',
      timestamp: '2026-11-29T21:00:00Z',
      cwd: '/repo',
      source: 'new',
    },
    {
      sessionId: 'v1',
      hookEventName: 'UserPromptSubmit',
      timestamp: '2026-11-29T21:00:00Z',
      cwd: '/repo',
      prompt: 'Fix it',
    },
    {
      sessionId: 'v1',
      hookEventName: 'PostToolUse',
      timestamp: '2026-11-29T21:00:00Z',
      cwd: '/repo',
      tool_name: 'create_file',
      tool_input: { filePath: '/repo/a.ts', content: 'canary' },
      tool_response: 'ok',
    },
    {
      sessionId: 'v1',
      hookEventName: 'Stop',
      timestamp: '2026-11-29T21:00:00Z',
      cwd: '/repo',
      stop_hook_active: false,
    },
  ]
  const kinds = (host: 'cursor' | 'vscode', payloads: readonly object[]) => {
    const { steps, unreadable } = replay({
      host,
      text: payloads.map(each => JSON.stringify(each)).join('\n'),
    })
    expect(unreadable).toBe(0)
    expect(JSON.stringify(steps)).not.toContain('canary')
    expect(new Set(steps.map(({ hostSession }) => hostSession.split('/')[0]))).toEqual(new Set([host]))
    return steps.map(({ record }) => record.kind).join(' ')
  }
  expect(kinds('cursor', cursor)).toBe('start resume message mirror entity update entity message close')
  expect(kinds('vscode', vscode)).toBe('start resume message mirror entity')
})

test('what is recorded is erased in the spool, also while another ingest is at work; what is not stays', async () => {
  const data = freshData()
  const tracker = await makeTracker()
  spool(
    data,
    { event: 'UserPromptSubmit', t: T, prompt: 'ask Zoe' },
    { event: 'PermissionRequest', t: T + 1_000, asked: 'Bash' },
  )
  await ingestInto(data, tracker, { now: () => T + 2_000 })
  spool(data, { event: 'UserPromptSubmit', t: T + 3_000, prompt: 'ask Bob' })
  const path = spoolFile(data, 'claude', 's1')
  const read = () => readFileSync(path, 'utf8')
  const readState = () => readFileSync(path.replace('.jsonl', '.pos'), 'utf8')
  const [{ id } = { id: '' }] = await tracker.sessions({ project: 'repo' })
  expect(eraseSpool(data, 'another')).toBe(true)
  expect(read()).toContain('Zoe')
  const release = takeLock(places(data).lock)
  expect(eraseSpool(data, id)).toBe(false)
  expect(read()).toMatch(/^\n+\{[^\n]*ask Bob[^\n]*\}\n$/)
  expect(readState()).toContain('Bash')
  release?.()
  expect(eraseSpool(data, id)).toBe(true)
  expect(readState()).not.toContain('Bash')
  // The session goes on, and nothing is recorded twice.
  await ingestInto(data, tracker)
  const { messages } = await tracker.messages({ sessionId: id })
  expect(messages.map(({ content }) => content).sort()).toEqual(['ask Bob', 'ask Zoe'])
})
