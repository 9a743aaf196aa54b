import * as z from 'zod'
import { CHANNEL, CHANNEL_HINT } from '../config.ts'
import { escaped } from '../text.ts'

/** Text from outside: `&`, `<` and `>` are escaped, so it holds no mention and no link; marks such as `*` still work. */
export const Text = z
  .string()
  .transform(text => escaped(text))
  .refine(text => text !== '', 'must not be empty')

const TS = 'must be the ts of a message as a text, such as "1503435956.000247"'
/** A message by its `ts`. A number would lose its last zero, and the message would never be seen. */
export const Timestamp = z.string(TS).regex(/^\d{10}\.\d{6}$/, TS)

/** A message by its `ts`, or the first message of the session's thread. */
export const Place = z.union([Timestamp, z.literal('session')], `${TS}, or "session"`)

/** What a place is in a call. */
export const placeOf = (place: string): string | Readonly<{ $ref: string }> =>
  place === 'session' ? { $ref: 'thread' } : place

/** A channel by its id. */
export const Channel = z.string(CHANNEL_HINT).regex(CHANNEL, CHANNEL_HINT)

type Placed = Readonly<{ channel?: string | undefined; ts?: string; thread?: string | undefined }>
/** The session's thread is in the adapter's channel and in no other. */
export const atHome = ({ channel, ts, thread }: Placed): boolean =>
  channel === undefined || (ts !== 'session' && thread !== 'session')
/** What to say when it is not. */
export const NOT_AT_HOME = { path: ['channel'], error: 'must be left out: the session has its own' }

/** An emoji's name, as the API wants it. */
export const Emoji = z
  .string()
  .regex(
    /^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/,
    'must be the name of an emoji without colons, such as white_check_mark',
  )

const LINK = 'must be an http, https or mailto address'
/** A web address that cannot end Slack's own markup. */
export const Link = z
  .string()
  .max(3_000)
  .refine(value => /^(https?|mailto):/i.test(value) && URL.canParse(value), LINK)
  .transform(value =>
    value.replace(/\p{Surrogate}/gu, '\ufffd').replace(/[<>|\s\p{Cc}]/gu, encodeURIComponent),
  )

/** A name for a capture. */
export const KeepAs = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, 'must begin with a letter and have only letters, digits, . _ and -')
