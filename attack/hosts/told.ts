import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createTracker, type Session } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { type HostName, hosts, listSpool } from '@sessionwire/hosts'
import type { Driver } from './drive.ts'
import { type HostPlace, ingestAll } from './place.ts'
import { listRunning, waitFor } from './run.ts'
import type { Expect } from './story.ts'

/** A session as a service shows it: its card, and what stands below it in its order. */
type Shown = Readonly<{ card: readonly string[]; entries: readonly (readonly string[])[] }>

/** The lines of a text without markup and without what differs between two runs. */
const linesOf = (text: string): readonly string[] =>
  text
    .replace(/\n*\*Session [^\n]*\*$/, '')
    .replace(/(Took:\**|Blocked for:\**) [^\n]*/g, '$1 …')
    .replace(/Commit [0-9a-f]{7,}/g, 'Commit …')
    .split('\n')
    .map(line => line.replaceAll('**', '').trim())
    .filter(line => line !== '')

const FAILED = 'Bash failed 3 times in a row.'
const ASKED = 'Asked for a permission and has not gone on (Bash).'

/** The sessions that both services must show of the day, in the words of one of them. */
const expectShown = (
  host: HostName,
  { saysFailures, todos, asking }: Driver,
  words: Words,
): readonly Shown[] => {
  const label = hosts.find(({ name }) => name === host)?.label ?? ''
  const by = ['By: Ada with LABEL', 'Project: repo', 'Took: …'].map(line => line.replace('LABEL', label))
  const tool = TOOLS[host] ?? ''
  const failed = FAILED.replace('Bash', tool)
  const asked = ASKED
  return [
    {
      card: [
        ...words.card(todos === undefined ? undefined : '0 → 50 %'),
        'Last: Commit …: Lock per invoice',
        ...words.decided,
        ...words.files,
        ...by,
      ],
      entries: [
        words.entry('Decision', 'Lock per invoice', 'Why: Two webhooks at once'),
        ...(saysFailures
          ? [
              words.entry('Blocked (medium)', failed, 'Category: tool'),
              words.entry('Unblocked', failed, `How: ${tool} works again.`, 'Blocked for: …'),
            ]
          : []),
        words.entry('Session resumed', `${label} resumed it`),
      ],
    },
    ...(asking === undefined
      ? []
      : [
          {
            card: [...words.card(undefined), ...by],
            entries: [
              words.entry('Blocked (medium)', asked, 'Category: person'),
              words.entry('Unblocked', asked, 'How: It went on.', 'Blocked for: …'),
            ],
          },
        ]),
  ]
}

/** The tool that runs commands, as the host names it. */
const TOOLS: Readonly<Partial<Record<HostName, string>>> = {
  claude: 'Bash',
  codex: 'Bash',
  gemini: 'run_shell_command',
  copilot: 'bash',
}

/** How a service puts a card and an entry. */
type Words = Readonly<{
  decided: readonly string[]
  files: readonly string[]
  /** Of half the work, or of a session to which nothing gave a progress. */
  card: (progress: string | undefined) => readonly string[]
  entry: (head: string, first: string, ...more: readonly string[]) => readonly string[]
}>

const SLACK: Words = {
  decided: ['Decided: Lock per invoice'],
  files: ['Files: a.txt; c.txt'],
  card: progress => [
    `feature/BIL-212-lock: left, can be resumed${progress === undefined ? '' : `, ${progress}`}`,
  ],
  entry: (head, first, ...more) => [`${head}: ${first}`, ...more],
}

const LINEAR: Words = {
  decided: ['Decided:', '- Lock per invoice'],
  // A name that ends like an address would become a link.
  files: ['Files:', '- `a.txt`', '- `c.txt`'],
  card: progress => [
    'feature/BIL-212-lock',
    progress === undefined ? 'left, can be resumed' : `\`█████░░░░░\` ${progress} · left, can be resumed`,
  ],
  entry: (...lines) => lines,
}

const readSlack = ({ slack }: HostPlace): readonly Shown[] =>
  slack.roots().map(({ ts, text }) => ({
    card: linesOf(text),
    entries: slack.replies(ts).map(reply => linesOf(reply.text)),
  }))

/** A branch adopts the issue: both cards are comments below it. */
const readLinear = ({ linear }: HostPlace): readonly Shown[] => {
  const shown: { card: readonly string[]; entries: (readonly string[])[] }[] = []
  for (const { body } of linear.comments('BIL-212')) {
    // Its markup takes some signs of plain text.
    const lines = linesOf(body.replace(/\\(?=[_*~`])/g, ''))
    if (lines[0] === 'feature/BIL-212-lock') shown.push({ card: lines, entries: [] })
    else shown.at(-1)?.entries.push(lines)
  }
  return shown
}

const storyOf = ({ status, progress, updates, entities, decisions, blockers }: Session) => ({
  status,
  progress,
  updates: updates.map(({ description }) => description.replace(/Commit [0-9a-f]+/, 'Commit …')),
  entities: entities.map(({ type, name }) => (type === 'commit' ? type : name)),
  decisions: decisions.map(({ content }) => content),
  blockers: blockers.map(({ description, category, resolution }) => [description, category, resolution]),
})

/** The sessions that the store must have: both sessions, the newest last. */
const expectStored = (host: HostName, { saysFailures, todos, asking }: Driver) => {
  const tool = TOOLS[host] ?? ''
  return [
    {
      ...{ status: 'left', progress: todos === undefined ? 0 : 50 },
      updates: [...(todos === undefined ? [] : ['1 of 2 to-do items done.']), 'Commit …: Lock per invoice'],
      entities: ['a.txt', 'commit', 'c.txt'],
      decisions: ['Lock per invoice'],
      blockers: saysFailures ? [[FAILED.replace('Bash', tool), 'tool', `${tool} works again.`]] : [],
    },
    {
      ...{ status: 'left', progress: 0, updates: [], entities: [], decisions: [] },
      blockers: asking === undefined ? [] : [[ASKED, 'person', 'It went on.']],
    },
  ]
}

const same = (expect: Expect, what: string, got: unknown, wanted: unknown): void =>
  expect(
    isDeepStrictEqual(got, wanted),
    `${what}: expected\n${JSON.stringify(wanted, null, 1)}\ngot\n${JSON.stringify(got, null, 1)}`,
  )

/** Compares store, Linear and Slack with what happened, and looks for what must be nowhere. */
export const examine = async (
  place: HostPlace,
  host: HostName,
  driver: Driver,
  expect: Expect,
): Promise<void> => {
  const { data, home, linear, slack, work } = place
  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', deliver: false },
    store: sqliteStore(join(work, '.sessionwire/sessions.db')),
  })
  const roots = (await tracker.sessions({ project: 'repo' })).filter(each => each.parentId === undefined)
  const sessions = await Promise.all(roots.toReversed().map(({ id }) => tracker.session(id).load()))
  same(expect, 'the store', sessions.map(storyOf), expectStored(host, driver))
  const prompts = await tracker.messages({ role: 'user' })
  same(
    expect,
    'prompts',
    prompts.messages.map(({ content }) => content).reverse(),
    ['story', 'later', 'ask'].map(name => `canary-prompt ${name === 'later' ? 'go on ' : ''}[[${name}]]`),
  )
  await tracker.close()
  same(expect, 'Slack', readSlack(place), expectShown(host, driver, SLACK))
  same(expect, 'Linear', readLinear(place), expectShown(host, driver, LINEAR))
  same(
    expect,
    'issues in Linear',
    linear.issues().map(({ identifier }) => identifier),
    ['BIL-212', 'BIL-300'],
  )
  for (const [name, { requests }] of Object.entries({ linear, slack }))
    expect(
      !requests().some(({ raw }) => raw.includes('canary')),
      `words of prompts, answers, plans or outputs left for ${name}`,
    )
  expect(
    !/canary-(?:environment|content)/.test(place.readFiles()),
    'the environment or a file is in a file of ours',
  )
  const log = join(data, 'hook-errors.log')
  expect(!existsSync(log), `errors: ${existsSync(log) ? readFileSync(log, 'utf8') : ''}`)
  const again = await ingestAll(place)
  expect(again === 0, `a second ingest recorded ${again} events`)
  const { file } = JSON.parse((await place.sessionwire(['uninstall', host, '--json'])).printed) as {
    file: string
  }
  expect(
    !existsSync(file) || !readFileSync(file, 'utf8').includes('hook.cjs'),
    'the hooks are still registered',
  )
  expect(
    await waitFor(() => listRunning(home).length === 0, 60_000),
    `left running: ${listRunning(home).join(' | ')}`,
  )
  expect(listSpool(data).length === 2, `${listSpool(data).length} spools`)
}
