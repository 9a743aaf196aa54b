import { describe, expect, test } from 'vitest'
import type { Filter } from '../../src/recorder/calls.ts'
import { bench, refusal, tool } from './tool.ts'

const filtering = async (filter: Filter) => {
  let on = false
  const made = bench({ adapters: [tool()], filter: event => (on ? filter(event) : event) })
  const { id } = await made.recorder.start()
  on = true
  return { ...made, id }
}

describe('a filter', () => {
  test('may redact and enrich; hooks and the store see what it made', async () => {
    const { recorder, commits, id } = await filtering(event =>
      event.type === 'update'
        ? {
            ...event,
            payload: {
              ...event.payload,
              description: event.payload.description.replace('4111', '****'),
              tags: ['seen'],
            },
          }
        : event,
    )
    const receipt = await recorder.update(id, 'Card 4111')
    expect(receipt.recorded && receipt.event.payload).toEqual({ description: 'Card ****', tags: ['seen'] })
    expect(receipt.recorded && receipt.session.updates).toMatchObject([
      { description: 'Card ****', tags: ['seen'] },
    ])
    expect(JSON.stringify(commits)).not.toContain('4111')
  })

  test('may change an event in place', async () => {
    const { recorder, commits, id } = await filtering(event => {
      if (event.type === 'update') (event.payload as { description: string }).description = 'hidden'
      return event
    })
    await recorder.update(id, 'Card 4111')
    expect(commits.at(-1)?.events[0]?.payload).toEqual({ description: 'hidden', tags: [] })
  })

  test('may leave an event out: nothing is stored, and the receipt says so', async () => {
    const { recorder, commits, id } = await filtering(event => (event.type === 'update' ? undefined : event))
    expect(await recorder.update(id, 'x')).toEqual({ recorded: false })
    expect(commits).toHaveLength(1)
    expect((await recorder.decide(id, 'y')).recorded).toBe(true)
    expect((await recorder.load(id)).revision).toBe(2)
  })

  test('may leave a start out', async () => {
    const { recorder } = bench({ filter: () => undefined })
    expect((await recorder.start()).receipt).toEqual({ recorded: false })
  })

  test('that leaves out what takes a session up again leaves it as it was', async () => {
    const { recorder, id } = await filtering(event => (event.type === 'update' ? undefined : event))
    await recorder.abandon(id)
    expect(await recorder.update(id, 'x')).toEqual({ recorded: false })
    expect(await recorder.load(id)).toMatchObject({ status: 'abandoned', revision: 2 })
  })

  // biome-ignore format: a table is read one line at a time
  const wrong: readonly (readonly [string, Filter, string, string, string])[] = [
    ['throws', () => { throw new Error('no rule') }, 'CONFIG', 'filter', 'filter: it threw on update: no rule. Nothing was recorded.'],
    ['gives a promise', (async (event: unknown) => event) as never, 'CONFIG', 'filter', 'filter: it gave a promise: it must answer at once. Nothing was recorded.'],
    ['gives null', (() => null) as never, 'CONFIG', 'filter', 'filter: it gave null for update: give an event or undefined. Nothing was recorded.'],
    ['gives true', (() => true) as never, 'CONFIG', 'filter', 'filter: it gave a boolean for update: give an event or undefined. Nothing was recorded.'],
    ['changes the id', event => ({ ...event, id: 'x' }) as never, 'CONFIG', 'filter', 'filter: it changed "id" of update, which others count on. Nothing was recorded.'],
    ['changes the sequence in place', event => { (event as { sequence: number }).sequence = 9; return event }, 'CONFIG', 'filter', 'filter: it changed "sequence" of update, which others count on. Nothing was recorded.'],
    ['loses the payload', event => ({ ...event, payload: undefined }) as never, 'INVALID_INPUT', 'filter.update', 'filter.update: missing; expected an object with description.'],
    ['makes the description empty', event => ({ ...event, payload: { ...event.payload, description: '' } }) as never, 'INVALID_INPUT', 'filter.update.description', 'filter.update.description: empty; expected a string that says what was done.'],
    ['adds a field', event => ({ ...event, payload: { ...event.payload, note: 'x' } }) as never, 'INVALID_INPUT', 'filter.update.note', 'filter.update.note: unknown option; expected one of description, progress, tags, nextSteps, goal, usage, author.'],
  ]

  test.for(wrong)('that %s records nothing and is named', async ([, filter, code, field, message]) => {
    const { recorder, commits, id } = await filtering(filter)
    expect(await refusal(recorder.update(id, 'secret'))).toEqual([code, field, message])
    expect(commits).toHaveLength(1)
    expect((await recorder.load(id)).revision).toBe(1)
  })

  test('that changes what a decision supersedes is refused', async () => {
    const { recorder, id } = await filtering(event =>
      event.type === 'decision' ? { ...event, payload: { ...event.payload, supersedes: 'other' } } : event,
    )
    expect(await refusal(recorder.decide(id, 'x'))).toEqual([
      'CONFIG',
      'filter',
      'filter: it changed "supersedes" of decision, which others count on. Nothing was recorded.',
    ])
  })

  test('sees direct calls too, and may change or leave out their input', async () => {
    const seen: unknown[] = []
    const { recorder, id } = await filtering(event => {
      if (event.type !== 'act') return event
      seen.push(event)
      const { text } = event.payload.input as { text: string }
      if (text === 'drop me') return undefined
      return { ...event, payload: { ...event.payload, input: { text: text.replace('4111', '****') } } }
    })
    const acted = await recorder.act('tool', 'make', { text: 'Card 4111' }, { sessionId: id })
    expect(acted.recorded && acted.descriptor).toMatchObject({ payload: { text: 'Card ****' } })
    expect(await recorder.act('tool', 'make', { text: 'drop me' })).toEqual({ recorded: false })
    expect(seen[0]).toEqual({
      type: 'act',
      sessionId: id,
      time: '2026-01-01T00:00:00.000Z',
      payload: { adapter: 'tool', action: 'make', input: { text: 'Card 4111' } },
    })
  })

  test.for([
    [
      'another action',
      { action: 'remove' },
      [
        'CONFIG',
        'filter',
        'filter: it changed "action" of act, which others count on. Nothing was recorded.',
      ],
    ],
    [
      'a placeholder',
      { input: { text: { $ref: 'card' } } },
      [
        'INVALID_INPUT',
        'filter.act.input.text.$ref',
        'filter.act.input.text.$ref: reserved name; expected a name that does not begin with "$".',
      ],
    ],
  ] as const)('cannot turn a direct call into %s', async ([, change, refused]) => {
    const { recorder } = await filtering(
      event => ({ ...event, payload: { ...event.payload, ...change } }) as never,
    )
    expect(await refusal(recorder.act('tool', 'make', { text: 'x' }))).toEqual(refused)
  })
})
