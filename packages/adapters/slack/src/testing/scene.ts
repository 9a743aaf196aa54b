import type { Json } from '@sessionwire/core/adapter'
import type { Host } from '@sessionwire/core/testing'
import type { Given } from './arguments.ts'
import type { Fault } from './blocks.ts'
import type { SlackChannel, SlackMessage, World } from './world.ts'

/** The surroundings of a method. */
export type Scene = Readonly<{
  world: World
  host: Host
  scopes: ReadonlySet<string>
  pageMax: number
  short: () => boolean
}>

/** An answer of the Web API: `ok: true` with these fields, or an error's word. */
export type Said = Readonly<
  | { ok: Readonly<Record<string, Json>> }
  | { error: string; messages?: readonly string[]; more?: Readonly<Record<string, Json>> }
>

export const no = (error: string): Said => ({ error })
export const faulty = ({ error, messages }: Fault): Said => ({ error, messages })
export const TS = /^\d{10}\.\d{6}$/

/** The channel, when the bot may see it: a private one it is not in does not exist for it. */
export const channelOf = ({ world }: Scene, id: Json | undefined): SlackChannel | Said => {
  const channel = typeof id === 'string' ? world.channels.get(id) : undefined
  return channel === undefined || (channel.private && !channel.member) ? no('channel_not_found') : channel
}

/** A message as the Web API shows it; without `whole` the payload of its metadata is withheld. */
export const renderMessage = (message: SlackMessage, whole: boolean): Readonly<Record<string, Json>> => ({
  type: 'message',
  ts: message.ts,
  text: message.text,
  bot_id: 'B012AB3CD',
  ...(message.blocks === undefined ? {} : { blocks: message.blocks }),
  ...(message.thread === undefined ? {} : { thread_ts: message.thread }),
  ...(message.metadata === undefined
    ? {}
    : { metadata: whole ? message.metadata : { event_type: message.metadata.event_type } }),
})

/** A message of ours that is still there, in a channel that can still be written. */
export const mine = (scene: Scene, given: Given, ts: Json | undefined): SlackMessage | Said => {
  const channel = channelOf(scene, given.channel)
  if (!('id' in channel)) return channel
  if (typeof ts !== 'string' || !TS.test(ts)) return no('message_not_found')
  const message = scene.world.message(channel.id, ts)
  if (message === undefined || message.deleted) return no('message_not_found')
  return channel.archived ? no('is_inactive') : message
}
