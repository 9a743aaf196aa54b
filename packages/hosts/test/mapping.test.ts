import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostName, Line } from '../src/hook/line.ts'
import { TARGETS } from '../src/install/targets.ts'
import { fold, tick } from '../src/mapping/fold.ts'
import { type CapturePolicy, DEFAULT_CAPTURE } from '../src/mapping/policy.ts'
import type { Step } from '../src/mapping/step.ts'
import { EPOCH, linesOf, recorded, stepsOf } from './stage.ts'

/** Calls of the events that `install` registers, of the runs that are named. */
const run = (host: HostName, mode: string, ...scenarios: readonly string[]) =>
  linesOf(
    recorded(host).filter(
      row =>
        row.mode === mode &&
        scenarios.includes(row.scenario) &&
        TARGETS[host].events.some(
          ({ event, matcher }) =>
            event === row.config_key &&
            (matcher === undefined || matcher.split('|').includes(String(row.payload.tool_name))),
        ),
    ),
  )

/** A step in a few words: its session, and what is recorded. */
const brief = ({ session, record }: Step): string => {
  const of = session === 'root' ? '' : 'sub: '
  const text =
    record.kind === 'start'
      ? `${record.agent}, ${record.goal}`
      : record.kind === 'message'
        ? `${record.role}: ${record.content.split('\n', 1)[0]}`
        : record.kind === 'update'
          ? `${record.description}${record.progress === undefined ? '' : ` ${record.progress} %`}`
          : record.kind === 'entity'
            ? `${record.type} ${record.name}`
            : record.kind === 'block' || record.kind === 'resolve'
              ? record.description
              : record.kind === 'close'
                ? record.end
                : ''
  return `${of}${record.kind} ${text}`.trim()
}
const story = (lines: readonly Line[], policy: Partial<CapturePolicy> = {}) =>
  stepsOf(lines, policy).steps.map(brief)

describe('what real hosts sent', () => {
  test('Claude Code: files, failures of an edit, a sub-agent, then resumed', () => {
    const lines = run('claude', 'headless', 'main', 'continue')
    expect(story(lines)).toEqual([
      'start Claude Code, repo, 2026-11-29',
      'resume',
      'message user: please work [[script:main]]',
      'mirror',
      'entity file a.txt',
      'sub: start Claude Code, Sub-agent general-purpose',
      'sub: message assistant: sub finished',
      'sub: close left',
      'message system: <task-notification>',
      'message assistant: all done',
      'close left',
      'resume',
      'message user: go on [[script:hello]]',
      'message assistant: hello back',
      'close left',
    ])
    // Read from the batch alone: no other event tells of an edit that was refused.
    expect(stepsOf(lines).state?.failing).toMatchObject({ Edit: { count: 1 } })
  })

  test('Claude Code: a to-do list, a permission that is given soon, a turn that fails, a compaction, /clear', () => {
    const lines = linesOf(recorded('claude').filter(({ mode }) => mode === 'interactive')).filter(
      ({ session }) => session.endsWith('25'),
    )
    expect(story(lines)).toEqual([
      'start Claude Code, repo, 2026-11-29',
      'resume',
      'message user: hi [[script:hello]]',
      'message assistant: hello back',
      'message user: todo [[script:todo]]',
      'update 1 of 1 to-do items done. 100 %',
      'message tool: []',
      'message assistant: todo done',
      'message user: please [[script:ask]]',
      'mirror',
      'entity file asked.txt',
      'message assistant: after ask',
      'message user: please [[script:askdeny]]',
      'message assistant: after deny',
      'message user: bad [[script:fail]]',
      'message system: API Error: 400 fake failure',
      'message user: long [[script:long]]',
      'close left',
    ])
  })

  test('Claude Code: a turn that ends without an event, and a kill that leaves it open', () => {
    expect(story(run('claude', 'headless', 'model-error-400'))).toEqual([
      'start Claude Code, repo, 2026-11-29',
      'resume',
      'message user: bad [[script:fail]]',
      'close left',
    ])
    const { state, steps } = stepsOf(run('claude', 'headless', 'kill-9'))
    expect(steps.map(brief)).toEqual([
      'start Claude Code, repo, 2026-11-29',
      'resume',
      'message user: sleep [[script:long]]',
    ])
    if (state === undefined) throw new Error('no state')
    expect(tick(state, state.lastAt + DEFAULT_CAPTURE.idleMs, DEFAULT_CAPTURE).steps).toEqual([])
    expect(tick(state, state.lastAt + DEFAULT_CAPTURE.idleMs + 1, DEFAULT_CAPTURE).steps).toEqual([
      {
        key: `idle/${state.lastId}/end`,
        at: state.lastAt,
        session: 'root',
        record: { kind: 'close', end: 'left' },
      },
    ])
  })

  test('Codex: a patch, a command, a sub-agent, then resumed', () => {
    expect(story(run('codex', 'headless', 'main', 'resume'))).toEqual([
      'start Codex, repo, 2026-11-29',
      'resume',
      'message user: please work [[script:main]]',
      'mirror',
      'entity file a.txt',
      'sub: start Codex, Sub-agent default',
      'sub: message user: do it [[script:sub]]',
      'sub: message assistant: sub finished',
      'sub: close left',
      'message assistant: all done',
      'close left',
      'resume',
      'message user: go on [[script:hello]]',
      'message assistant: hello back',
      'close left',
    ])
  })

  test('Gemini CLI: context of other hooks, a to-do list, and a tool that fails three times and then works', () => {
    expect(story(run('gemini', 'headless', 'main'))).toEqual([
      'start Gemini CLI, repo, 2026-11-29',
      'resume',
      'message user: please work [[script:main]]',
      'mirror',
      'entity file a.txt',
      'update 0 of 2 to-do items done. 0 %',
      'message tool: ["first","second"]',
      'message assistant: starting',
      'close left',
    ])
    const said = linesOf(
      recorded('gemini').filter(({ config_key: event }) => event !== 'PreCompress'),
    ).filter(({ session }) => session.endsWith('08'))
    expect(story(said).slice(6, 13)).toEqual([
      'message user: go on [[script:say]]',
      'mirror',
      'block mcp_probe_say failed 3 times in a row.',
      'resolve mcp_probe_say failed 3 times in a row.',
      'message assistant: said',
      'close left',
    ])
  })

  test('Gemini CLI: three ends of one session are one', () => {
    const ends = linesOf(recorded('gemini')).filter(({ event }) => event === 'SessionEnd')
    const [thrice] = [...Map.groupBy(ends, ({ session }) => session).entries()].filter(
      ([, of]) => of.length >= 3,
    )
    const lines = linesOf(recorded('gemini')).filter(({ session }) => session === thrice?.[0])
    expect(story(lines).filter(each => each === 'close left')).toHaveLength(1)
  })

  test('Copilot CLI: a to-do list in SQL, and a sub-agent with a session id of its own', () => {
    expect(story(run('copilot', 'headless', 'main', 'continue'))).toEqual([
      'start Copilot CLI, repo, 2026-11-29',
      'resume',
      'message user: please work [[script:main]]',
      'mirror',
      'entity file a.txt',
      'update 1 of 2 to-do items done. 50 %',
      'message tool: ["second"]',
      'sub: start Copilot CLI, Sub-agent general-purpose',
      'sub: message user: CTXMARK-subagentStart',
      'sub: message assistant: sub finished',
      'sub: close left',
      'close left',
      'resume',
      'message user: go on [[script:hello]]',
      'close left',
    ])
  })

  test('Copilot CLI that reads the files of Claude Code is still Copilot CLI', () => {
    const rows = recorded('copilot').filter(({ config_key: event }) => /^claude-file/.test(event))
    expect(rows.length).toBeGreaterThan(0)
    const lines = linesOf(rows.map(row => ({ ...row, host: 'claude' as const })))
    // The start carries no sign of its own; in a real run the environment has one.
    expect(lines.slice(1).map(({ host }) => host)).toEqual(lines.slice(1).map(() => 'copilot'))
  })

  test.for(['claude', 'codex', 'gemini', 'copilot'] as const)(
    '%s: twice the same lines record nothing more',
    host => {
      for (const lines of Map.groupBy(linesOf(recorded(host)), ({ session }) => session).values()) {
        const once = stepsOf(lines).steps.map(({ key }) => key)
        const again = stepsOf(lines).steps.map(({ key }) => key)
        expect(again).toEqual(once)
      }
    },
  )
})

const line = (event: string, seconds: number, more: Partial<Line> = {}): Line => ({
  ...{ v: 1, id: `${event}-${seconds}`, t: EPOCH + seconds * 1_000, host: 'claude', event },
  ...{ session: 's', workspace: '/home/dev/repo' },
  ...more,
})
const START = line('SessionStart', 0)
const bash = (seconds: number, command: string, output: string, more: Partial<Line> = {}) =>
  line('PostToolUse', seconds, { tools: [{ id: `t${seconds}`, name: 'Bash', command, output }], ...more })
const after = (lines: readonly Line[], policy: Partial<CapturePolicy> = {}) =>
  story([START, ...lines], policy).slice(2)

describe('rows of the mapping', () => {
  test('the title is the branch, and without one that says something folder and date', () => {
    const titles = ['feature/BIL-212-x', 'main', undefined].map(
      branch => story([line('SessionStart', 0, branch === undefined ? {} : { branch })])[0],
    )
    expect(titles).toEqual([
      'start Claude Code, feature/BIL-212-x',
      'start Claude Code, repo, 2026-11-29',
      'start Claude Code, repo, 2026-11-29',
    ])
  })

  test('a commit and a pull request, once each', () => {
    const commit = bash(
      1,
      'git add . && git commit -m x',
      '[main (root-commit) 1a2b3c4] Lock per invoice\n 1 file changed',
    )
    const opened = bash(2, 'gh pr create --fill', 'https://github.com/o/r/pull/12\n')
    expect(after([commit, { ...commit, id: 'again' }, opened])).toEqual([
      'mirror',
      'update Commit 1a2b3c4: Lock per invoice',
      'entity commit 1a2b3c4',
      'update Opened pull request #12: https://github.com/o/r/pull/12',
      'entity pull request #12',
    ])
    expect(after([commit, opened], { commits: false })).toEqual([])
  })

  test('a commit in the form of Gemini CLI', () => {
    const output =
      '<untrusted_context>\nOutput: [x 1a2b3c4] Lock per invoice\nProcess Group PGID: 6\n</untrusted_context>'
    expect(after([bash(1, 'git commit -m x', output)])[1]).toBe('update Commit 1a2b3c4: Lock per invoice')
  })

  test('text that looks like a commit, in a command that makes none', () => {
    expect(after([bash(1, 'cat log.txt', '[main 1a2b3c4] Lock per invoice')])).toEqual([])
  })

  test('a permission is a blocker after a minute, and none where the answer is there', () => {
    const asked = line('PermissionRequest', 10, { asked: 'Bash' })
    const { state } = stepsOf([START, asked])
    if (state === undefined) throw new Error('no state')
    expect(tick(state, EPOCH + 70_000, DEFAULT_CAPTURE).steps).toEqual([])
    const { steps } = tick(state, EPOCH + 70_001, DEFAULT_CAPTURE)
    expect(steps.map(brief)).toEqual(['mirror', 'block Asked for a permission and has not gone on (Bash).'])
    expect(steps[1]?.at).toBe(EPOCH + 70_000)
    expect(tick(state, EPOCH + 70_001, { ...DEFAULT_CAPTURE, permissions: false }).steps).toEqual([])
    expect(after([asked, bash(30, 'ls', '')])).toEqual([])
    expect(after([asked, bash(80, 'ls', '')])).toEqual([
      'resolve Asked for a permission and has not gone on (Bash).',
    ])
    // A notification is no answer, a prompt is.
    const notice = line('Notification', 16, { notification: 'permission_prompt' })
    expect(stepsOf([START, asked, notice]).state?.asked.root?.since).toBe(EPOCH + 10_000)
    expect(
      stepsOf([START, asked, notice, line('UserPromptSubmit', 20, { prompt: 'no' })]).state?.asked,
    ).toEqual({})
  })

  test('another agent that goes on is no answer', () => {
    const asked = line('PermissionRequest', 10, { asked: 'Bash' })
    const other = bash(20, 'ls', '', { agent: 'a1' })
    expect(Object.keys(stepsOf([START, asked, other]).state?.asked ?? {})).toEqual(['root'])
  })

  test('three failures in a row, not two, and not with one that works between', () => {
    const fails = (seconds: number) =>
      line('PostToolUseFailure', seconds, { tools: [{ id: `f${seconds}`, name: 'Edit', error: 'no match' }] })
    const works = line('PostToolUse', 3, { tools: [{ id: 'w', name: 'Edit' }] })
    expect(after([fails(1), fails(2)])).toEqual([])
    expect(after([fails(1), fails(2), works, fails(4)])).toEqual([])
    expect(after([fails(1), fails(2), fails(3), fails(4)])).toEqual([
      'mirror',
      'block Edit failed 3 times in a row.',
    ])
    expect(after([fails(1), { ...fails(1), id: 'x' }, { ...fails(1), id: 'y' }])).toEqual([])
    expect(after([fails(1), fails(2), fails(3)], { failures: false })).toEqual([])
  })

  test('a change of the to-do list is one step, however many calls it takes', () => {
    const task = (seconds: number, name: string, given: object) =>
      line('PostToolUse', seconds, { tools: [{ id: `t${seconds}`, name, task: given }] })
    const created = (seconds: number, id: string) =>
      task(seconds, 'TaskCreate', { id, subject: `item ${id}` })
    const batch = line('PostToolBatch', 3, { tools: [{ id: 't1', name: 'TaskCreate' }] })
    const list = [created(1, '1'), created(2, '2'), batch, created(4, '3')]
    const begun = task(5, 'TaskUpdate', { id: '1', status: 'in_progress' })
    const done = (seconds: number, id: string) => [
      task(seconds, 'TaskUpdate', { id, status: 'completed' }),
      line('TaskCompleted', seconds, { task: { id } }),
    ]
    // Nothing tells that the list is whole but what comes after it.
    expect(after([...list, begun])).toEqual([])
    const steps = stepsOf([START, ...list, begun, bash(9, 'ls', ''), ...done(10, '1'), ...done(11, '2')])
    expect(steps.steps.slice(2).map(step => [brief(step), step.at - EPOCH])).toEqual([
      ['update 0 of 3 to-do items done. 0 %', 5_000],
      ['message tool: ["item 1","item 2","item 3"]', 5_000],
    ])
    const ended = line('SessionEnd', 12, {})
    expect(after([...list, ...done(10, '1'), ...done(11, '2'), ended])).toEqual([
      'update 2 of 3 to-do items done. 67 %',
      'message tool: ["item 3"]',
      'close left',
    ])
    // A hook that ran side by side with the end, and a host that was killed.
    expect(after([...list, ended, ...done(12, '1')])).toEqual([
      ...['update 0 of 3 to-do items done. 0 %', 'message tool: ["item 1","item 2","item 3"]', 'close left'],
      ...['update 1 of 3 to-do items done. 33 %', 'message tool: ["item 2","item 3"]', 'close left'],
    ])
    const { state } = stepsOf([START, ...list])
    if (state === undefined) throw new Error('no state')
    const idle = tick(state, state.lastAt + DEFAULT_CAPTURE.idleMs + 1, DEFAULT_CAPTURE)
    expect(idle.steps.map(brief)).toEqual([
      ...['update 0 of 3 to-do items done. 0 %', 'message tool: ["item 1","item 2","item 3"]', 'close left'],
    ])
  })

  test('words of prompts and answers leave by the policy alone', () => {
    const lines = [
      line('UserPromptSubmit', 1, { prompt: 'Pay Ada 100\nnow' }),
      line('Stop', 2, { answer: 'Paid her. And more.' }),
      line('Stop', 30, { answer: 'Again.' }),
    ]
    expect(after(lines)).toEqual([
      'message user: Pay Ada 100',
      'message assistant: Paid her. And more.',
      'message assistant: Again.',
    ])
    expect(after(lines, { messages: 'off' })).toEqual([])
    expect(after(lines, { messages: 'off', text: 'title' })).toEqual(['update Began.'])
    expect(after(lines, { messages: 'off', text: 'summary' })).toEqual(['update Began.', 'update Paid her.'])
  })

  test('a host that is quiet for hours and then goes on', () => {
    expect(
      after([
        line('UserPromptSubmit', 10, { prompt: 'a' }),
        line('UserPromptSubmit', 20_000, { prompt: 'b' }),
      ]),
    ).toEqual(['message user: a', 'close left', 'resume', 'message user: b'])
  })

  test('what comes late after the end is recorded and leaves it ended', () => {
    const commit = bash(3, 'git commit', '[x 1a2b3c4] Late')
    expect(after([line('SessionEnd', 2), commit])).toEqual([
      'close left',
      'mirror',
      'update Commit 1a2b3c4: Late',
      'entity commit 1a2b3c4',
      'close left',
    ])
  })

  test('unknown events and hosts that say little begin no session', () => {
    expect(story([line('InstructionsLoaded', 0), line('FromTheFuture', 1), line('SessionEnd', 2)])).toEqual(
      [],
    )
  })

  test('files outside of the workspace keep two parts of their names', () => {
    const wrote = (file: string, n: number) =>
      line('PostToolUse', n, { tools: [{ id: `${n}`, name: 'Write', files: [file] }] })
    expect(
      after([wrote('/home/dev/repo/src/a.ts', 1), wrote('/etc/app/b.conf', 2), wrote('src/a.ts', 3)]),
    ).toEqual(['mirror', 'entity file src/a.ts', 'entity file …/app/b.conf'])
  })

  test('a tool that only reads a file touches none', () => {
    expect(
      after([line('PostToolUse', 1, { tools: [{ id: 'r', name: 'Read', files: ['/home/dev/repo/a.ts'] }] })]),
    ).toEqual([])
  })

  test('any lines, in any order: the state is JSON, keys are short, and nothing throws', () => {
    const all = (['claude', 'codex', 'gemini', 'copilot'] as const).flatMap(host =>
      linesOf(recorded(host)).map(each => ({ ...each, session: 's' })),
    )
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all), { maxLength: 60 }), lines => {
        const { state, steps } = stepsOf(lines)
        expect(state === undefined ? state : JSON.parse(JSON.stringify(state))).toEqual(state)
        for (const { key } of steps) expect(key.length).toBeLessThanOrEqual(256)
      }),
      { numRuns: 100 },
    )
  })

  test('a state that was kept goes on like one that was not', () => {
    const lines = run('copilot', 'headless', 'main', 'continue')
    const kept = lines.reduce<Readonly<{ state: ReturnType<typeof fold>['state']; steps: readonly Step[] }>>(
      ({ state, steps }, each) => {
        const read = state === undefined ? state : (JSON.parse(JSON.stringify(state)) as typeof state)
        const folded = fold(read, each, DEFAULT_CAPTURE)
        return { state: folded.state, steps: [...steps, ...folded.steps] }
      },
      { state: undefined, steps: [] },
    )
    expect(kept.steps).toEqual(stepsOf(lines).steps)
  })
})
