import { describe, expect, it } from 'vitest'
import { destinationOf, guardTransport, misdirection } from '../src/delivery/secrets.ts'
import type { Call } from '../src/descriptor/descriptor.ts'

const chat = { name: 'chat', origins: ['https://chat.example.com'], secrets: ['CHAT_TOKEN', 'CHAT_HOOK'] }
const auth = { header: 'Authorization', secret: 'CHAT_TOKEN' }
const post = (endpoint: string, more: object = {}): Call =>
  ({ kind: 'http', method: 'POST', endpoint, auth, ...more }) as Call

describe('misdirection', () => {
  it.each<[string, Call]>([
    ['to the configured origin', post('https://chat.example.com/rooms/{room}')],
    ['without a secret, to anywhere', post('https://files.example.net/x', { auth: undefined })],
    [
      'to an address that is a secret of the adapter',
      { kind: 'http', method: 'POST', endpoint: { $secret: 'CHAT_HOOK' } },
    ],
    ['of a custom call without a secret', { kind: 'custom', target: 'file', payload: {} }],
  ])('lets a call pass %s', (_, call) => expect(misdirection(call, chat)).toBeUndefined())

  it.each<[string, Call, string]>([
    [
      'another host',
      post('https://evil.example.net/a'),
      'adapter "chat" sends its secrets only to https://chat.example.com, not to https://evil.example.net',
    ],
    [
      'another port',
      post('https://chat.example.com:8443/a'),
      'adapter "chat" sends its secrets only to https://chat.example.com, not to https://chat.example.com:8443',
    ],
    [
      'another scheme',
      post('http://chat.example.com/a'),
      'adapter "chat" sends its secrets only to https://chat.example.com, not to http://chat.example.com',
    ],
    [
      'a host that begins alike',
      post('https://chat.example.com.evil.net/a'),
      'adapter "chat" sends its secrets only to https://chat.example.com, not to https://chat.example.com.evil.net',
    ],
    [
      'a secret in the payload',
      post('https://evil.example.net/a', { auth: undefined, payload: { key: { $secret: 'CHAT_TOKEN' } } }),
      'adapter "chat" sends its secrets only to https://chat.example.com, not to https://evil.example.net',
    ],
    [
      'a login',
      post('https://evil.example.net/a', { auth: { login: 'chat' } }),
      'adapter "chat" sends its secrets only to https://chat.example.com, not to https://evil.example.net',
    ],
    [
      'a custom call',
      { kind: 'custom', target: 'bolt', endpoint: 'bolt://evil.example.net:7687', payload: {}, auth },
      'adapter "chat" sends its secrets only to https://chat.example.com, not to bolt://evil.example.net:7687',
    ],
    [
      'a custom call that names no address',
      { kind: 'custom', target: 'bolt', payload: {}, auth },
      'adapter "chat" sends its secrets only to https://chat.example.com, not to a call without an address',
    ],
    [
      'a secret of somebody else',
      post('https://chat.example.com/a', {
        auth: { header: 'Authorization', secret: 'AWS_SECRET_ACCESS_KEY' },
      }),
      'secret "AWS_SECRET_ACCESS_KEY" does not belong to adapter "chat" (its secrets: CHAT_TOKEN, CHAT_HOOK)',
    ],
    [
      'a second secret of a signer that is somebody else’s',
      post('https://chat.example.com/a', { auth: { sign: 's', secret: 'CHAT_TOKEN', also: { id: 'HOME' } } }),
      'secret "HOME" does not belong to adapter "chat" (its secrets: CHAT_TOKEN, CHAT_HOOK)',
    ],
  ])('refuses %s', (_, call, reason) => expect(misdirection(call, chat)).toBe(reason))

  it('lets no secret leave where nothing is configured', () => {
    expect(misdirection(post('https://chat.example.com/a'), { name: 'chat', secrets: ['CHAT_TOKEN'] })).toBe(
      'adapter "chat" sends its secrets only to no origin, not to https://chat.example.com',
    )
  })
})

describe('guardTransport', () => {
  it('sends nothing elsewhere, and reads no secret', async () => {
    const sent: Call[] = []
    const asked: string[] = []
    const transport = guardTransport(
      {
        send: async call => {
          sent.push(call)
          return { kind: 'answer', status: 200, headers: {}, body: null }
        },
      },
      chat,
    )
    const secrets = (name: string) => {
      asked.push(name)
      return 'value'
    }
    const planted = await transport.send(post('https://evil.example.net/a'), { timeoutMs: 1, secrets })
    expect(planted).toMatchObject({ kind: 'failure', sent: 'no', code: 'config' })
    expect([sent, asked]).toEqual([[], []])
    await transport.send(post('https://chat.example.com/a'), { timeoutMs: 1, secrets })
    expect(sent).toHaveLength(1)
  })

  it('lets no secret of an adapter that declares no origins leave, its check included', () => {
    const check = { call: post('https://x.example.com/me') }
    const to = destinationOf({ name: 'x', secrets: ['CHAT_TOKEN'], check } as never)
    expect(to).toEqual({ name: 'x', origins: [], secrets: ['CHAT_TOKEN'] })
    expect(misdirection(check.call, to)).toBe(
      'adapter "x" sends its secrets only to no origin, not to https://x.example.com',
    )
  })
})
