import { expect, it } from 'vitest'
import { connect } from './connect.ts'
import { type Call, closeScenes, handAll, record, type Scene, scene, WAYS } from './handoff-stage.ts'

closeScenes()

it('finds a call whose answer was lost by its mark, and doubles nothing', async () => {
  const all = await scene('github')
  await record(all.tracker)
  const [first] = (await all.pending()).calls
  if (first === undefined) throw new Error('nothing pending')
  await all.make(first) // The model is gone before it acknowledges.
  const again = await all.ours.call('pending_calls', { tools: all.tools })
  const [second] = again.data.calls as readonly Call[]
  expect(second).toEqual({
    ...first,
    givenOut: true,
    advice: [
      `It was given out before. Look for ${first.mark} at the service first: where it is, acknowledge with what you find.`,
    ],
  })
  expect(again.text).toContain(`It was given out before. Look for ${first.mark} at the service first`)
  const [[number, issue] = ['', undefined]] = all.issues
  expect(String(issue?.body)).toContain(first.mark)
  const found = await all.acknowledge(first.key, { number: Number(number) })
  expect(found.isError).toBe(false)
  await handAll(all)
  expect(all.issues.size).toBe(1)
  expect(all.vendor.calls.filter(([, { method }]) => method === 'create')).toHaveLength(1)
})

it('refuses a wrong answer and says what it lacks; the right one and a second one are taken', async () => {
  const all = await scene('linear')
  await record(all.tracker)
  const [first] = (await all.pending()).calls
  if (first === undefined) throw new Error('nothing pending')
  const wrong = await all.acknowledge(first.key, 'All done!')
  expect(wrong.text).toBe(
    'INVALID_INPUT: acknowledge.result: later calls need issueId, which it lacks; expected the whole answer of save_issue, or an object such as {"issueId":"…"}.',
  )
  const failed = await all.acknowledge(first.key, {
    content: [{ type: 'text', text: 'Team not found' }],
    isError: true,
  })
  expect(failed.text).toBe('INVALID_INPUT: acknowledge.reply: the reply means rejected: Team not found.')
  const result = await all.make(first)
  const done = await all.acknowledge(first.key, result)
  expect(done.text).toContain(`${first.key}: delivered.`)
  expect((await all.acknowledge(first.key, result)).text).toContain(`${first.key}: delivered.`)
  expect((await all.acknowledge(first.key, 'All done!')).isError).toBe(false)
  await handAll(all)
  expect(all.issues.size).toBe(1)
  expect((await all.acknowledge('nothing', {})).text).toMatch(/^NO_SESSION: key: unknown delivery/)
})

it('takes an answer as each host passes it on', async () => {
  const shapes: readonly ((result: { content: { text: string }[] }) => unknown)[] = [
    result => result,
    ({ content }) => content,
    ({ content }) => content[0]?.text,
    ({ content }) => JSON.parse(content[0]?.text ?? ''),
    ({ content }) => ({ structuredContent: JSON.parse(content[0]?.text ?? ''), content: [] }),
    ({ content }) => `The issue is ${String(JSON.parse(content[0]?.text ?? '').url)}`,
  ]
  for (const shape of shapes) {
    const all = await scene('github')
    await record(all.tracker)
    const [first] = (await all.pending()).calls
    if (first === undefined) throw new Error('nothing pending')
    const done = await all.acknowledge(first.key, shape((await all.make(first)) as never))
    expect(done).toMatchObject({ isError: false })
    const [next] = (await all.pending()).calls
    expect(next?.arguments).toMatchObject({ owner: 'acme', repo: 'billing', issue_number: 12 })
  }
})

it('gives out no more than was asked for, in order, and keeps the rest', async () => {
  const all = await scene('linear')
  await record(all.tracker)
  await record(all.tracker)
  const { calls } = await all.pending(1)
  expect(calls).toHaveLength(1)
  expect(await all.tracker.deliveries({ state: 'begun' })).toHaveLength(1)
  expect((await all.pending(10)).calls.map(({ givenOut }) => givenOut)).toEqual([true, undefined])
})

const givenOut = ({ calls }: Readonly<{ calls: readonly Call[] }>) => calls.map(each => each.givenOut)

it('says of a call that was given out that it was, until it is acknowledged', async () => {
  const all = await scene('linear')
  for (let n = 0; n < 3; n++) await record(all.tracker)
  expect(givenOut(await all.pending(2))).toEqual([undefined, undefined])
  // Who asks for fewer, or has other tools, does not make them new.
  expect(givenOut(await all.pending(1))).toEqual([true])
  const other = await all.ours.call('pending_calls', { tools: ['other'] })
  expect(other.data.calls).toEqual([])
  expect(other.text).toBe(
    'Waiting: 3 calls createCard of linear, because the host has no tool save_issue; connect https://mcp.linear.app/mcp.',
  )
  expect(givenOut(await all.pending(3))).toEqual([true, true, undefined])
  await handAll(all)
  expect(all.issues.size).toBe(3)
})

const connectAs = async (all: Scene, name: string) => {
  const [adapter] = WAYS.linear as (typeof WAYS)[string]
  const subject = { id: `own:${name}`, scopes: new Set(['read', 'record', 'act'] as const) }
  const caller = await connect({
    ...{ tracker: all.tracker, adapters: [adapter], toolsets: ['session', 'review'], subject },
  })
  const pending = async (tools = all.tools) => (await caller.call('pending_calls', { tools })).data as never
  return { caller, pending }
}

it('gives out nothing of another caller, and leaves as it is what another one was given', async () => {
  const all = await scene('linear')
  const ada = await connectAs(all, 'ada')
  const bob = await connectAs(all, 'bob')
  await ada.caller.call('session_start', { goal: 'Stop double charging' })
  expect(await bob.pending(['other'])).toEqual({ calls: [], waiting: [] })
  const looks = await Promise.all([ada.pending(), bob.pending(), bob.pending(), ada.pending()])
  expect(looks.map(givenOut)).toEqual([[undefined], [], [], [true]])
  expect(givenOut(await bob.pending())).toEqual([])
  expect(givenOut(await ada.pending())).toEqual([true])
  for (const { caller } of [ada, bob]) await caller.close()
})

it('finds the calls of a caller behind any number of others, new ones and those that were given out', async () => {
  const all = await scene('linear')
  const bob = await connectAs(all, 'bob')
  const start = async () => {
    for (let n = 0; n < 201; n++) await all.tracker.start({ goal: 'Left alone' })
  }
  await start()
  await all.tracker.take('linear', { limit: 1_000 })
  await start()
  await bob.caller.call('session_start', { goal: 'Stop double charging' })
  expect(givenOut(await bob.pending())).toEqual([undefined])
  expect(givenOut(await bob.pending())).toEqual([true])
  const states = (await all.tracker.deliveries({ adapter: 'linear' })).map(({ state }) => state)
  expect(states.filter(state => state === 'begun')).toHaveLength(202)
  expect(states.filter(state => state === 'waiting').length).toBeGreaterThanOrEqual(201)
  await bob.caller.close()
})

it('says that a call was given out, also when it could not be given out in between', async () => {
  const all = await scene('linear')
  await all.tracker.start({ goal: 'Stop double charging' })
  expect(givenOut(await all.pending())).toEqual([undefined])
  const take = all.tracker.take
  all.tracker.take = async () => []
  expect(givenOut(await all.pending())).toEqual([])
  all.tracker.take = take
  expect(givenOut(await all.pending())).toEqual([true])
  expect(givenOut(await all.pending())).toEqual([true])
})
