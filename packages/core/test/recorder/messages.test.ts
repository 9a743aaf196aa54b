import { describe, expect, test } from 'vitest'
import { bench, cards, deliver, refusal, texts, tool } from './tool.ts'

const CARD = { captures: { card: 'C1' } }

describe('a message', () => {
  test('is stored and found, moves no lane, resumes nothing and is in no list', async () => {
    const { recorder, store, commits } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.close(id, { end: 'left' })
    await recorder.message(id, 'user', 'Where is it?', { usage: { inputTokens: 3 } })
    await recorder.message(id, 'assistant', 'In src/lock.ts', { usage: { inputTokens: 2, costUsd: 0.5 } })
    expect(commits.slice(2).map(({ lanes }) => lanes)).toEqual([[], []])
    const session = await recorder.load(id)
    expect([session.status, session.revision, session.usage]).toEqual([
      'left',
      4,
      { inputTokens: 5, costUsd: 0.5 },
    ])
    expect(
      (await recorder.messages({ sessionId: id })).messages.map(({ role, content }) => [role, content]),
    ).toEqual([
      ['assistant', 'In src/lock.ts'],
      ['user', 'Where is it?'],
    ])
    expect((await store.load(id))?.lanes[0]?.through).toBe(2)
  })

  test('between two updates plans nothing again', async () => {
    const { recorder, store, commits } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.message(id, 'user', 'hello')
    await recorder.update(id, 'one')
    expect(texts(commits.at(-1)?.lanes[0]?.deliveries ?? [])).toEqual([
      ['i3/tool/0', 'Fix it | active 0 | one'],
    ])
    expect(commits.at(-1)?.lanes[0]?.through).toEqual({ from: 1, to: 3 })
    const other = bench({ store, adapters: [tool()], newId: () => 'x' })
    await other.recorder.message(id, 'user', 'and again')
    await recorder.update(id, 'two')
    expect((await store.load(id))?.lanes[0]?.through).toBe(5)
  })

  test('is planned for an adapter that asks for messages', async () => {
    const hooks = {
      ...cards,
      message: ({ content }: { content: string }) => [tool().actions.comment({ text: content })],
    }
    const { recorder, commits } = bench({ adapters: [tool(), tool({ name: 'chat', hooks })] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.message(id, 'user', 'hello')
    const lanes = commits.at(-1)?.lanes ?? []
    expect(lanes.map(({ adapter, through }) => [adapter, through])).toEqual([['chat', { from: 1, to: 2 }]])
    expect(texts(lanes[0]?.deliveries ?? [])).toEqual([['i2/chat/0', 'hello']])
  })
})

describe('a session that is local', () => {
  test('opens no lane until it is mirrored, and back-fill leaves it alone', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'Fix it', mirror: false })
    await recorder.update(id, 'one')
    expect((await store.load(id))?.lanes).toEqual([])
    expect(await recorder.backfill('tool')).toEqual({ sessions: [], deliveries: 0 })
    expect(await recorder.mirror(id)).toEqual({ adapters: ['tool'], deliveries: 2 })
    expect(await recorder.mirror(id, ['tool'])).toEqual({ adapters: [], deliveries: 0 })
    await recorder.update(id, 'two')
    expect(await store.list({ lane: id, state: 'waiting' })).toHaveLength(2)
    expect(await refusal(recorder.mirror(id, ['none']))).toMatchObject({ 1: 'mirror.adapter' })
  })
})

describe('back-fill', () => {
  test('takes the newest sessions since a time, and counts only with dryRun', async () => {
    const { recorder, clock, store } = bench()
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      ids.push((await recorder.start({ goal: `G${n}` })).id)
      clock.advance(60_000)
    }
    const later = bench({ store, clock, adapters: [tool()], newId: () => 'never' })
    const since = new Date(clock.now() - 120_000)
    for (const at of [since, since.toISOString(), since.getTime()])
      expect(await later.recorder.backfill('tool', { since: at, dryRun: true })).toEqual({
        sessions: ids.slice(1),
        deliveries: 2,
      })
    expect(await store.list({})).toEqual([])
    expect(await later.recorder.backfill('tool', { limit: 1 })).toEqual({ sessions: [ids[2]], deliveries: 1 })
    expect(await later.recorder.backfill('tool')).toEqual({ sessions: ids.slice(0, 2), deliveries: 2 })
  })
})

describe('a blocker', () => {
  test('is resolved by words that only one open blocker has', async () => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    const one = await recorder.block(id, 'No staging key')
    const two = await recorder.block(id, 'No production key', {
      relatedEntities: ['Lock'],
      relatedUpdates: ['e1'],
    })
    expect(await refusal(recorder.resolve(id, 'KEY'))).toEqual([
      'INVALID_INPUT',
      'resolve.blockerId',
      `resolve.blockerId: 2 open blockers contain "KEY"; expected one of ${one.id} (No staging key), ${two.id} (No production key).`,
    ])
    const resolved = await recorder.resolve(id, 'Staging', 'issued')
    expect(resolved.recorded && resolved.event.payload).toEqual({ blockerId: one.id, resolution: 'issued' })
    expect((await recorder.resolve(id, 'key')).recorded).toBe(true)
    expect(await refusal(recorder.resolve(id, 'key'))).toMatchObject({ 1: 'resolve.blockerId' })
    expect((await recorder.load(id)).blockers[1]).toMatchObject({
      relatedEntities: ['Lock'],
      relatedUpdates: ['e1'],
    })
  })
})

describe('an end', () => {
  test.for(['completed', 'failed', 'cancelled'] as const)('%s is final until resume', async end => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    await recorder.close(id, { end })
    expect(await refusal(recorder.update(id, 'x'))).toMatchObject({ 0: 'SESSION_CLOSED' })
    expect((await recorder.entity(id, { name: 'n', type: 'file' })).recorded).toBe(true)
    expect((await recorder.resume(id, 'more to do')).recorded).toBe(true)
    expect(await recorder.resume(id)).toEqual({ recorded: false })
    expect((await recorder.update(id, 'x')).recorded).toBe(true)
    expect((await recorder.load(id)).status).toBe('active')
  })

  test('left counts once, and the next recording call resumes', async () => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    await recorder.close(id, { end: 'left' })
    expect(await recorder.close(id, { end: 'left' })).toEqual({ recorded: false })
    const receipt = await recorder.update(id, 'x')
    expect(receipt.recorded && [receipt.session.status, receipt.event.sequence]).toEqual(['active', 4])
  })
})

describe('an update', () => {
  test('replaces the goal, and title and card follow', async () => {
    const { recorder, commits } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.update(id, 'one', { goal: 'Fix it well\nand soon' })
    const { goal, title } = await recorder.load(id)
    expect([goal, title]).toEqual(['Fix it well\nand soon', 'Fix it well'])
    expect(texts(commits.at(-1)?.lanes[0]?.deliveries ?? [])).toEqual([
      ['i2/tool/0', 'Fix it well | active 0 | one'],
    ])
  })
})

describe('an idle session', () => {
  test('ends in a living process, and the next call resumes', async () => {
    const { recorder, clock } = bench({ idleAfterMs: 3_600_000 })
    const { id } = await recorder.start()
    clock.advance(3_600_000)
    expect(await recorder.sweep()).toEqual([])
    clock.advance(1)
    expect(await recorder.sweep()).toEqual([{ sessionId: id, end: 'abandoned' }])
    expect((await recorder.update(id, 'x')).recorded).toBe(true)
  })
})

describe('forgetting', () => {
  test('an event erases its texts, drops what was not sent and edits the card', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    const bad = await recorder.update(id, 'secret')
    const decision = await recorder.decide(id, 'secret lock')
    await deliver(store, 'tool', () => CARD)
    await recorder.update(id, 'fine')
    const event = bad.recorded ? bad.event.id : ''
    expect(await recorder.erase(id, event)).toMatchObject({ events: 1, edited: ['tool'], remaining: [] })
    const session = await recorder.load(id)
    expect(session.updates.map(({ description }) => description)).toEqual(['[erased]', 'fine'])
    const waiting = await store.list({ lane: id, state: 'waiting' })
    expect(texts(waiting as never).map(([, text]) => text)).toEqual(['Fix it | active 0 | [erased], fine'])
    const sent = decision.recorded ? decision.event.id : ''
    expect((await recorder.erase(id, sent)).remaining).toEqual([
      {
        ...{ adapter: 'tool', key: `${sent}/tool/0`, action: 'comment' },
        todo: 'It was sent to tool. Remove it there; a secret in it is no longer secret.',
      },
    ])
    const all = JSON.stringify([
      await store.events(id),
      await store.list({ lane: id }),
      await recorder.load(id),
    ])
    expect(all).not.toContain('secret lock')
  })

  test('a session leaves none of its texts in the store', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'secret', metadata: { a: 'secret' } })
    await recorder.update(id, 'secret', { tags: ['secret'], nextSteps: ['secret'] })
    await recorder.message(id, 'user', 'secret', { name: 'secret' })
    await recorder.decide(id, 'secret', { rationale: 'secret', alternatives: ['secret'] })
    await recorder.entity(id, { name: 'secret', type: 'file', path: 'secret', properties: { a: 'secret' } })
    const blocker = await recorder.block(id, 'secret')
    await recorder.resolve(id, blocker.id, 'secret')
    await recorder.export(id, 'json', { publish: true })
    await recorder.close(id, { summary: 'secret' })
    await recorder.resume(id, 'secret')
    expect(await recorder.erase(id)).toMatchObject({ events: 10, remaining: [] })
    const left = [
      await store.events(id),
      await store.sessions({}),
      await store.messages({}),
      await recorder.load(id),
    ]
    expect(JSON.stringify(left)).not.toContain('secret')
    const open = (await store.list({ lane: id })).filter(
      ({ state }) => state === 'waiting' || state === 'planned',
    )
    expect(JSON.stringify(open)).not.toContain('secret')
    expect(await refusal(recorder.erase(id, 'gone'))).toMatchObject({ 1: 'forget.eventId' })
  })
})

describe('a recall', () => {
  test('finds every text of every session, whole, and none that was erased', async () => {
    const { recorder, clock } = bench()
    const { id } = await recorder.start({ goal: 'Ship walrus' })
    await recorder.update(id, 'Polished the lens', { nextSteps: ['Buy cement'] })
    await recorder.decide(id, 'Use granite', { rationale: 'marble cracks', alternatives: ['slate'] })
    const blocker = await recorder.block(id, 'No staging key')
    await recorder.resolve(id, blocker.id, 'Issued by ops')
    await recorder.update(id, `${'long '.repeat(200)}tail`)
    await recorder.close(id, { summary: 'Rebuilt the widget' })
    clock.advance(60_000)
    const gone = await recorder.start({ goal: 'Second' })
    await recorder.decide(gone.id, 'Use brass')
    await recorder.erase(gone.id)
    const find = async (query: string) =>
      (await recorder.recall({ query })).lines.slice(2).map(({ kind, text }) => `${kind} ${text}`)
    const decided = 'decision Decided: Use granite (because marble cracks)'
    expect(await find('walrus')).toEqual([decided, 'goal Goal: Ship walrus'])
    expect(await find('lens')).toEqual([decided, 'update Update: Polished the lens'])
    expect(await find('cement')).toEqual([decided, 'update Update: Polished the lens (next: Buy cement)'])
    expect(await find('marble')).toEqual([decided])
    expect(await find('slate')).toEqual([decided, `${decided} (instead of slate)`])
    const resolved = 'resolved Was blocked: No staging key (resolved: Issued by ops)'
    expect(await find('staging key')).toEqual([decided, resolved])
    expect(await find('ops')).toEqual([decided, resolved])
    expect(await find('widget')).toEqual([decided, 'summary Summary: Rebuilt the widget'])
    expect((await find('tail'))[1]).toMatch(/^update Update: ….*long tail$/)
    expect(await find('brass')).toEqual([decided])
    expect(await find('erased')).toEqual([decided])
  })

  test('is in the order of use, within its budget, and finds what has every word', async () => {
    const { recorder, clock } = bench()
    const old = await recorder.start({ goal: 'Older' })
    await recorder.decide(old.id, 'Use queues')
    clock.advance(60_000)
    const { id } = await recorder.start({ goal: 'Stop double charging', agent: 'Claude' })
    const first = await recorder.decide(id, 'Lock per invoice', { rationale: 'retries' })
    clock.advance(1_000)
    await recorder.decide(id, 'Lock per customer', { supersedes: first.recorded ? first.event.id : '' })
    await recorder.update(id, 'Reproduced the webhook race', { nextSteps: ['Write a test'] })
    await recorder.block(id, 'No staging key', { severity: 'high' })
    await recorder.message(id, 'user', 'The WEBHOOK: race condition?')
    const { text, lines } = await recorder.recall({ query: 'race webhook' })
    expect(text.split('\n')).toEqual([
      'Goal: Stop double charging [i3]',
      'State: blocked, 0 %, fixer with Claude [i3]',
      'Blocked (high): No staging key [i7]',
      'Next: Write a test [i6]',
      'Decided: Lock per customer [i5]',
      'Decided: Use queues [i2]',
      'Message (user): The WEBHOOK: race condition? [i8]',
      'Update: Reproduced the webhook race [i6]',
    ])
    expect(lines.map(({ kind }) => kind)).toEqual([
      ...['goal', 'state', 'blocker', 'next', 'decision', 'decision', 'message', 'update'],
    ])
    expect((await recorder.recall({ budget: 100 })).text).toBe(text.split('\n').slice(0, 2).join('\n'))
    expect((await recorder.recall({ budget: 0 })).lines).toEqual([])
    expect((await recorder.recall({ sessionId: old.id })).text).toContain('Goal: Older')
    expect((await recorder.recall({ query: 'race nothing' })).text).not.toContain('webhook')
    expect((await recorder.recall({ project: 'other' })).text).toBe('')
  })
})
