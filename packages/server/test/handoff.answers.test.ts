import { expect, it } from 'vitest'
import { type Call, closeScenes, handAll, record, scene } from './handoff-stage.ts'

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
