import { type HttpCall, type Json, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { SlackConfig } from '../config.ts'
import { escapeText } from '../text.ts'

type Fields = Readonly<Record<string, Json | undefined>>

const callOf = (config: SlackConfig, method: string, limit: string) =>
  ({
    kind: 'http',
    endpoint: `${config.baseUrl}/${method}`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.secrets.SLACK_BOT_TOKEN },
    limit,
  }) as const

/** A call whose body Slack takes as JSON; without the charset it answers with a warning each time. */
export const post = (config: SlackConfig, method: string, payload: Fields, limit = method) =>
  ({
    ...callOf(config, method, limit),
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: omitUndefined(payload),
  }) as const satisfies HttpCall

/** A call for which JSON is not documented. */
export const form = (config: SlackConfig, method: string, payload: Fields) =>
  ({
    ...callOf(config, method, method),
    method: 'POST',
    encoding: 'form',
    payload: omitUndefined(payload),
  }) as const satisfies HttpCall

/** A read: none of them takes JSON. */
export const get = (config: SlackConfig, method: string, query: Fields, limit = method) =>
  ({
    ...callOf(config, method, limit),
    method: 'GET',
    query: omitUndefined(query),
  }) as const satisfies HttpCall

/** Proves address and token; needs no scope (https://docs.slack.dev/reference/methods/auth.test). */
export const authTest = (config: SlackConfig) =>
  ({ call: { ...callOf(config, 'auth.test', 'auth.test'), method: 'POST' } }) as const

/** Text from outside: `&`, `<` and `>` are escaped, so it holds no mention and no link; marks such as `*` still work. */
export const Text = z
  .string()
  .transform(text => escapeText(text))
  .refine(text => text !== '', 'expected a text of which something is visible')

const TS = 'expected the ts of a message as a string, such as "1503435956.000247"'
/** A message by its `ts`. A number would lose its last zero, and the message would never be seen. */
export const Timestamp = z.string(TS).regex(/^\d{10}\.\d{6}$/, TS)

/** A message by its `ts`, or the first message of the session's thread. */
export const Message = z.union([Timestamp, z.literal('session')], `${TS}, or "session"`)

/** The value of a message in a call. */
export const tsOf = (message: string): string | Readonly<{ $ref: string }> =>
  message === 'session' ? { $ref: 'thread' } : message

/** An emoji's name, as the API wants it. */
export const Emoji = z
  .string()
  .regex(
    /^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/,
    'expected the name of an emoji without colons, such as white_check_mark',
  )
