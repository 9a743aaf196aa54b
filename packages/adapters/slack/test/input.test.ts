import { describe, expect, test } from 'vitest'
import { KEY, made } from './made.ts'

const { actions, config } = made()

describe('refuses, naming the field', () => {
  const { createMessage, editMessage, addReaction, addBookmark, pinMessage } = actions
  test.for([
    [
      'a number for a ts',
      () => editMessage({ message: 1503435956.000247 as never, body: 'x' }),
      'editMessage.message: invalid value; expected the ts of a message',
    ],
    [
      'a ts cut short',
      () => editMessage({ message: '1503435956.00024', body: 'x' }),
      'editMessage.message: invalid value; expected the ts',
    ],
    [
      'a thread that is no ts',
      () => createMessage({ body: 'x', thread: 'card' as never }),
      'createMessage.thread: invalid value; expected the ts of a message',
    ],
    [
      'an empty text',
      () => createMessage({ body: ' \0 ' }),
      'createMessage.body: invalid value; expected a text of which something is visible',
    ],
    [
      "a channel's name",
      () => createMessage({ body: 'x', channel: '#billing' }),
      'createMessage.channel: invalid value; expected the id of a channel',
    ],
    [
      'a broadcast of no reply',
      () => createMessage({ body: 'x', broadcast: true }),
      'createMessage.broadcast: invalid value; expected with a thread only, got the boolean true.',
    ],
    [
      'the session elsewhere',
      () => pinMessage({ message: 'session', channel: 'C0987654321' }),
      'pinMessage.channel: invalid value; expected no channel',
    ],
    [
      'colons around an emoji',
      () => addReaction({ message: 'session', name: ':eyes:' }),
      'addReaction.name: invalid value; expected the name of an emoji',
    ],
    [
      'a link that runs',
      () => addBookmark({ title: 'x', url: 'javascript:alert(1)' }),
      'addBookmark.url: invalid value; expected an http',
    ],
    [
      'a field it does not know',
      () => createMessage({ body: 'x', blocks: [] } as never),
      'createMessage.blocks: ',
    ],
  ] as const)('%s', ([, run, message]) => expect(run).toThrow(message))
})

test('long text is cut to what an edit takes, after escaping', () => {
  expect(
    actions.editMessage({ message: '1503435956.000247', body: '<'.repeat(5_000) })({ key: KEY, config }),
  ).toMatchObject({
    payload: { text: `${'&lt;'.repeat(974)}…` },
  })
})
