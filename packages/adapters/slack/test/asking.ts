import type { Json } from '@sessionwire/core/adapter'
import { type HostileSlack, hostileSlack } from '../src/testing.ts'
import { CHANNEL } from './made.ts'

export type Fields = Readonly<Record<string, unknown>>

/** A hostile Slack whose clock moves a second with each look at it. */
export const started = (): Promise<HostileSlack> => {
  let now = 1_503_435_956_000
  return hostileSlack({
    now: () => {
      now += 1_000
      return now
    },
    channels: [
      { id: CHANNEL, name: 'billing', private: false, archived: false, member: true },
      { id: 'C0000000OUT', name: 'out', private: false, archived: false, member: false },
      { id: 'G0000000PRV', name: 'private', private: true, archived: false, member: false },
    ],
  })
}

const said = async (answer: Promise<Response>): Promise<Fields> => (await (await answer).json()) as Fields

/** Asks the Web API by hand. */
export const asking = (server: () => HostileSlack) => {
  const proof = () => ({ authorization: `Bearer ${server().token}` })
  const send = (method: string, body: string, headers: Readonly<Record<string, string>>) =>
    said(fetch(`${server().api}/${method}`, { method: 'POST', body, headers }))
  const json = (method: string, body: Fields) =>
    send(method, JSON.stringify(body), { ...proof(), 'content-type': 'application/json; charset=utf-8' })
  const get = (method: string, query: Readonly<Record<string, string>>) =>
    said(fetch(`${server().api}/${method}?${new URLSearchParams(query)}`, { headers: proof() }))
  const post = (more: Fields = {}) =>
    json('chat.postMessage', { channel: CHANNEL, text: 'x', parse: 'none', ...more })
  return {
    send,
    json,
    get,
    post,
    /** Posts, and gives the message's `ts`. */
    tsOf: async (more: Fields = {}) => String((await post(more)).ts),
    /** As with the token, and this type of content. */
    typed: (type: string, body: string, method = 'chat.postMessage') =>
      send(method, body, { ...proof(), 'content-type': type }),
  }
}

export const marked = (key: string) => ({ metadata: { event_type: 'work_session', event_payload: { key } } })
export const rich = (...elements: readonly Json[]) => [
  { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] },
]
