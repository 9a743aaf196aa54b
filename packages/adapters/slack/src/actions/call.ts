import { defined, type HttpCall, type Json, type Lookup } from '@sessionwire/core/adapter'
import type { SlackConfig } from '../config.ts'

type Fields = Readonly<Record<string, Json | undefined>>

const sent = (config: SlackConfig, method: string, limit: string) =>
  ({
    kind: 'http',
    endpoint: `${config.baseUrl}/${method}`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.secret },
    limit,
  }) as const

/** A call whose body Slack takes as JSON; without the charset it answers with a warning each time. */
export const post = (config: SlackConfig, method: string, payload: Fields, limit = method) =>
  ({
    ...sent(config, method, limit),
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: defined(payload),
  }) as const satisfies HttpCall

/** A call of which nobody has said that it takes JSON. */
export const form = (config: SlackConfig, method: string, payload: Fields) =>
  ({
    ...sent(config, method, method),
    method: 'POST',
    encoding: 'form',
    payload: defined(payload),
  }) as const satisfies HttpCall

/** A read: none of them takes JSON. */
export const get = (config: SlackConfig, method: string, query: Fields, limit = method) =>
  ({ ...sent(config, method, limit), method: 'GET', query: defined(query) }) as const satisfies HttpCall

/** Proves address and token; needs no scope (https://docs.slack.dev/reference/methods/auth.test). */
export const authTest = (config: SlackConfig): Lookup => ({
  call: { ...sent(config, 'auth.test', 'auth.test'), method: 'POST' },
})

/** Sends to a webhook's own address. */
export const webhook = (config: SlackConfig, payload: Fields) =>
  ({
    kind: 'http',
    method: 'POST',
    endpoint: { $secret: config.secret },
    limit: 'webhook',
    payload: defined(payload),
  }) as const satisfies HttpCall
