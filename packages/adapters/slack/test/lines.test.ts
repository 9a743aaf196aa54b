import type { Descriptor, Step } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'
import { slack } from '../src/index.ts'
import { CHANNEL, KEY, made, planned } from './made.ts'

const adapter = made()
const webhook = slack({ auth: 'webhook' })
const { actions } = adapter
const TS = '1503435956.000247'

/** The line for people of one call. */
const lineOf = <C>(
  { config, describe: lines = {} }: Readonly<{ config: C; describe?: typeof adapter.describe }>,
  step: Step<C>,
) => {
  const call = step({ key: KEY, config })
  return lines[call.action]?.(call)
}

test('each request of a session has a line for people', () => {
  const lines = (made: readonly Descriptor[]) => made.map(each => adapter.describe?.[each.action]?.(each))
  expect(lines(planned('start'))).toEqual([`post to ${CHANNEL}: Stop double charging: in progress, 20 %`])
  expect(lines(planned('decision'))).toEqual([
    'add to the thread of the session: Decision: Lock per invoice',
    'edit the card of the session: Stop double charging: in progress, 20 → 35 %',
  ])
})

test.each([
  [actions.createMessage({ body: 'Green & done' }), `post to ${CHANNEL}: Green &amp; done`],
  [actions.editMessage({ message: TS, body: 'Red' }), `edit message ${TS}: Red`],
  [actions.deleteMessage({ message: TS }), `delete message ${TS} in ${CHANNEL}`],
  [actions.addReaction({ name: 'eyes' }), "react to the session's message with :eyes:"],
  [actions.pinMessage({ message: TS }), `pin message ${TS} in ${CHANNEL}`],
  [
    actions.addBookmark({ title: 'Runbook', url: 'https://example.com/r' }),
    `bookmark "Runbook" in ${CHANNEL}: https://example.com/r`,
  ],
])('a call of one’s own %#', (step, line) => {
  expect(lineOf(adapter, step)).toBe(line)
})

test('a webhook has a line for its message', () => {
  expect(lineOf(webhook, webhook.actions.createMessage({ body: 'Nightly' }))).toBe(
    'post to the channel of the webhook: Nightly',
  )
})

test('a removal has one too', () => {
  const [sent] = planned('decision')
  const remove = sent === undefined ? undefined : adapter.removals?.[sent.action]?.(sent)
  expect(remove === undefined ? undefined : lineOf(adapter, remove)).toBe(
    `delete the session's message in ${CHANNEL}`,
  )
})
