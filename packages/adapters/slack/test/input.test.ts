import { describe, expect, test } from 'vitest'
import { KEY, made } from './made.ts'

const { actions, config } = made()

describe('refuses, naming the field', () => {
  const { postMessage, editMessage, addReaction, addBookmark, pinMessage } = actions
  test.for([
    [
      'a number for a ts',
      () => editMessage({ ts: 1503435956.000247 as never, text: 'x' }),
      'editMessage: ts: must be the ts',
    ],
    ['a ts cut short', () => editMessage({ ts: '1503435956.00024', text: 'x' }), 'editMessage: ts: '],
    [
      'a thread that is no ts',
      () => postMessage({ text: 'x', thread: 'card' as never }),
      'postMessage: thread: must be',
    ],
    ['an empty text', () => postMessage({ text: ' \0 ' }), 'postMessage: text: must not be empty'],
    [
      "a channel's name",
      () => postMessage({ text: 'x', channel: '#billing' }),
      'postMessage: channel: must be the id',
    ],
    [
      'a broadcast of no reply',
      () => postMessage({ text: 'x', broadcast: true }),
      'postMessage: broadcast: needs a thread',
    ],
    [
      'the session elsewhere',
      () => pinMessage({ ts: 'session', channel: 'C0987654321' }),
      'pinMessage: channel: must be left out',
    ],
    ['a name that is none', () => postMessage({ text: 'x', keepAs: '1' }), 'postMessage: keepAs: '],
    ['colons around an emoji', () => addReaction({ ts: 'session', name: ':eyes:' }), 'addReaction: name: '],
    [
      'a link that runs',
      () => addBookmark({ title: 'x', link: 'javascript:alert(1)' }),
      'addBookmark: link: must be an http',
    ],
    [
      'a field it does not know',
      () => postMessage({ text: 'x', blocks: [] } as never),
      'postMessage: blocks: ',
    ],
  ] as const)('%s', ([, run, message]) => expect(run).toThrow(message))
})

test('long text is cut to what an edit takes, after escaping', () => {
  expect(
    actions.editMessage({ ts: '1503435956.000247', text: '<'.repeat(5_000) })({ key: KEY, config }),
  ).toMatchObject({
    payload: { text: `${'&lt;'.repeat(974)}…` },
  })
})
