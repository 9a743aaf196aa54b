// Real hosts whose models call our tools, without a way out of this machine, against a model that answers by a script:
//   pnpm hosts:mcp [claude] [codex] [gemini] [copilot]
// Our own install registers hooks and server, a person trusts the folder, and the decision must arrive in a hostile Linear.
// The hosts are installed from npm into the folder SESSIONWIRE_HOSTS, as for pnpm hosts. Linux alone.
import type { HostName } from '@sessionwire/hosts'
import { DRIVERS, type Driver } from './hosts/drive.ts'
import { runIsolated } from './hosts/isolate.ts'
import type { Answer } from './hosts/model.ts'
import { configure, makePlace } from './hosts/place.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

const DECISION = { content: 'Lock per invoice', rationale: 'Two webhooks at once', key: 'd1' }

/** How a model of the host names our tools; Claude Code gives their schemas only when it asks for them. */
const NAMES: Readonly<Record<string, (name: string, input: object) => readonly Answer[]>> = {
  claude: (name, input) => [
    { tools: [{ name: 'ToolSearch', input: { query: `select:mcp__sessionwire__${name}`, max_results: 5 } }] },
    { tools: [{ name: `mcp__sessionwire__${name}`, input: { ...input } }] },
  ],
  codex: (name, input) => [{ tools: [{ name, namespace: 'mcp__sessionwire', input: { ...input } }] }],
  gemini: (name, input) => [{ tools: [{ name: `mcp_sessionwire_${name}`, input: { ...input } }] }],
  copilot: (name, input) => [{ tools: [{ name: `sessionwire-${name}`, input: { ...input } }] }],
}

/** Codex asks its model while it still starts the servers: a model that is as quick as ours waits for the tools. */
const FIRST: Readonly<Record<string, readonly Answer[]>> = {
  codex: [{ until: 'mcp__sessionwire', tools: [{ name: 'exec_command', input: { cmd: 'sleep 0.5' } }] }],
}

const storyOf = (host: string): readonly Answer[] => {
  const call = NAMES[host] ?? (() => [])
  return [
    ...(FIRST[host] ?? []),
    ...call('session_start', { goal: 'Stop double charging', key: 's1' }),
    ...call('record_decision', DECISION),
    // A model that is not sure repeats itself.
    ...call('record_decision', DECISION),
    ...call('record_blocker', { description: 'No staging key', severity: 'high' }),
    ...call('session_status', {}),
    { text: 'All done.' },
  ]
}

/** The beginnings of what the tools answered, as the model of either kind of host gets it. */
const toolAnswersIn = (request: string): string =>
  [...request.matchAll(/"(?:function_call_output|tool_result)".{0,300}/g)]
    .map(([found]) => found)
    .join('\n    ')

/** One host's story, as a new user does it; answers what is wrong with it. */
const tell = async (host: HostName, driver: Driver): Promise<readonly string[]> => {
  const place = await makePlace(host, driver, () => ({ story: storyOf(host) }))
  const { linear, model } = place
  const wrong: string[] = []
  const expect = (holds: boolean, text: string) => {
    if (!holds) wrong.push(text)
  }
  const sessionwire = async (...words: readonly string[]): Promise<string> => {
    const { code, printed, said } = await place.sessionwire(words)
    expect(code === 0, `sessionwire ${words.join(' ')} ended with ${code}: ${said.slice(-400)}`)
    return printed
  }
  try {
    expect((await configure(place)).code === 0, 'the folder could not be trusted')
    await sessionwire('install', host)
    const started = performance.now()
    const allowed = host === 'claude' ? ['--allowedTools', 'mcp__sessionwire', 'ToolSearch'] : []
    const words = driver.words('work on it [[story]]', false)
    const ended = await place.host([...words, ...allowed])
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    expect(ended.code === 0, `the host ended with ${ended.code}: ${ended.said.slice(-600)}`)
    const answers = model.requests.at(-1) ?? ''
    // One host gives its model the sentences of a result, another the data: both must say it.
    for (const answer of [
      /Recorded the decision|recorded\W+true/,
      /recorded before|repeated\W+true/,
      /No staging key/,
    ])
      expect(answer.test(answers), `the model got no answer with ${answer}: ${toolAnswersIn(answers)}`)
    // A host may kill the server in the middle of a request, which is then repeated a minute later.
    await sessionwire('drain', '--timeout', '2m')
    const { sessions } = JSON.parse(await sessionwire('sessions', '--json')) as {
      sessions: readonly Readonly<{ id: string; title: string }>[]
    }
    if (wrong.length > 0) return wrong
    expect(sessions.length === 1, `${sessions.length} sessions instead of one: ${JSON.stringify(sessions)}`)
    const { session } = JSON.parse(await sessionwire('show', '--json', sessions[0]?.id ?? '')) as {
      session: Readonly<{
        title: string
        decisions: readonly object[]
        metadata: Readonly<Record<string, unknown>>
      }>
    }
    expect(session.title === 'Stop double charging', `the title is ${session.title}`)
    expect(session.decisions.length === 1, `${session.decisions.length} decisions`)
    expect(session.metadata.hostSession !== undefined, 'the decision is not in the session of the host')
    const cards = linear.comments('BIL-212').filter(({ body }) => body.includes('Stop double charging'))
    expect(cards.length === 1 && linear.issues().length === 2, `${cards.length} cards in Linear`)
    const comments = linear.comments().filter(({ body }) => /^\*\*Decision/.test(body))
    expect(comments.length === 1, `${comments.length} comments with the decision in Linear`)
    const arrived = linear.requests().findIndex(({ raw }) => raw.includes(DECISION.content))
    say(
      `  ${host}: the model's decision is in Linear, ${seconds} s with the host's whole run (request ${arrived})`,
    )
    await sessionwire('uninstall', host)
  } finally {
    await place.close(wrong.length > 0)
    if (wrong.length > 0) say(`  kept: ${place.home}`)
  }
  return wrong
}

const named = process.argv.slice(2).filter(each => !each.startsWith('-'))
const hosts = (named.length > 0 ? named : Object.keys(NAMES)) as readonly HostName[]
await runIsolated(import.meta.filename, hosts, async () => {
  let isFine = true
  for (const host of hosts) {
    const wrong = await tell(host, DRIVERS[host] as Driver)
    say(`${wrong.length === 0 ? 'ok    ' : 'failed'} ${host}`)
    for (const each of wrong) say(`  ${each}`)
    isFine &&= wrong.length === 0
  }
  return isFine
})
