import type { Json } from '@sessionwire/core/adapter'
import type { Given } from './arguments.ts'
import { blocksFault, isFields } from './blocks.ts'
import { channelOf, faulty, mine, no, renderMessage, type Said, type Scene, TS } from './scene.ts'
import type { SlackMessage } from './world.ts'

const METADATA_MAX = 8_000

const metadataFault = (value: Json | undefined): string | undefined => {
  if (value === undefined) return undefined
  if (!isFields(value)) return 'invalid_metadata_format'
  const { event_type: type, event_payload: payload } = value
  if (Object.keys(value).length === 0) return undefined
  if (typeof type !== 'string' || type === '' || !isFields(payload)) return 'invalid_metadata_schema'
  const scalar = (inner: unknown) => ['string', 'number', 'boolean'].includes(typeof inner)
  const flat = (inner: unknown) => scalar(inner) || (isFields(inner) && Object.values(inner).every(scalar))
  const fits = Object.values(payload).every(
    inner => flat(inner) || (Array.isArray(inner) && inner.every(flat)),
  )
  if (!fits) return 'invalid_metadata_schema'
  return JSON.stringify(value).length > METADATA_MAX ? 'metadata_too_large' : undefined
}

const partsOf = (given: Given): Pick<SlackMessage, 'metadata' | 'blocks'> => ({
  ...(given.blocks === undefined ? {} : { blocks: given.blocks }),
  ...(isFields(given.metadata) && Object.keys(given.metadata).length > 0
    ? { metadata: given.metadata as NonNullable<SlackMessage['metadata']> }
    : {}),
})

const contentFault = (given: Given): Said | undefined => {
  const { text, blocks, attachments } = given
  if ((text === undefined || text === '') && blocks === undefined && attachments === undefined)
    return no('no_text')
  const wrong = blocks === undefined ? undefined : blocksFault(blocks)
  if (wrong !== undefined) return faulty(wrong)
  const metadata = metadataFault(given.metadata)
  return metadata === undefined ? undefined : no(metadata)
}

type Threading = Pick<SlackMessage, 'thread' | 'invisible' | 'misplaced'>

const threadOf = ({ world }: Scene, channel: string, ts: Json | undefined): Threading | Said => {
  if (ts === undefined) return {}
  // Accepted with `ok: true`, and shown to no person (https://github.com/slackapi/node-slack-sdk/issues/780).
  if (typeof ts === 'number') return { thread: String(ts), invisible: true }
  if (typeof ts !== 'string' || !TS.test(ts)) return no('invalid_thread_ts')
  const root = world.message(channel, ts)
  if (root === undefined) return no('thread_not_found')
  return root.thread === undefined ? { thread: ts } : { thread: ts, misplaced: true }
}

export const postMessage = (scene: Scene, given: Given): Said => {
  const { world, host, scopes } = scene
  const channel = channelOf(scene, given.channel)
  if (!('id' in channel)) return channel
  if (channel.archived) return no('is_archived')
  if (!channel.member && !scopes.has('chat:write.public')) return no('not_in_channel')
  const wrong = contentFault(given)
  if (wrong !== undefined) return wrong
  const threading = threadOf(scene, channel.id, given.thread_ts)
  if ('error' in threading) return threading
  const text = String(given.text ?? '')
  const message: SlackMessage = {
    ts: world.nextTs(),
    channel: channel.id,
    text: text.slice(0, 40_000),
    ...partsOf(given),
    ...(threading as Threading),
    broadcast: given.reply_broadcast === true,
    edits: 0,
    reactions: [],
    pinned: false,
    by: 'bot',
  }
  world.put(message)
  const key = message.metadata?.event_payload.key
  host.effect('message', typeof key === 'string' ? key : undefined, message.ts)
  const ok = { channel: channel.id, ts: message.ts, message: renderMessage(message, true) }
  return { ok: text.length > 40_000 ? { ...ok, warning: 'message_truncated' } : ok }
}

export const updateMessage = (scene: Scene, given: Given): Said => {
  const message = mine(scene, given, given.ts)
  if (!('ts' in message)) return message
  if (message.by !== 'bot') return no('cant_update_message')
  const wrong = contentFault(given)
  if (wrong !== undefined) return wrong
  if (String(given.text ?? '').length > 4_000) return no('msg_too_long')
  const { blocks, metadata, ...rest } = message
  const kept = {
    // Text without blocks takes the blocks away; metadata that is not given stays, and `{}` clears it.
    ...(given.text === undefined && blocks !== undefined ? { blocks } : {}),
    ...(given.metadata === undefined && metadata !== undefined ? { metadata } : {}),
  }
  const edited = {
    ...rest,
    ...kept,
    ...partsOf(given),
    text: String(given.text ?? message.text),
    edits: message.edits + 1,
  }
  scene.world.put(edited)
  scene.host.effect('edit', undefined, message.ts)
  return { ok: { channel: message.channel, ts: message.ts, text: edited.text } }
}

export const deleteMessage = (scene: Scene, given: Given): Said => {
  const message = mine(scene, given, given.ts)
  if (!('ts' in message)) return message
  if (message.by !== 'bot') return no('cant_delete_message')
  scene.world.remove(message)
  scene.host.effect('deletion', undefined, message.ts)
  return { ok: { channel: message.channel, ts: message.ts } }
}

export const addReaction = (scene: Scene, given: Given): Said => {
  const message = mine(scene, given, given.timestamp)
  if (!('ts' in message)) return message
  const name = String(given.name ?? '')
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) return no('invalid_name')
  if (message.reactions.includes(name)) {
    scene.host.refuseRepeat('reaction', `${message.ts} ${name}`)
    return no('already_reacted')
  }
  scene.world.put({ ...message, reactions: [...message.reactions, name] })
  scene.host.effect('reaction', `${message.ts} ${name}`)
  return { ok: {} }
}

export const addPin = (scene: Scene, given: Given): Said => {
  const message = mine(scene, given, given.timestamp)
  if (!('ts' in message)) return message
  if (message.pinned) {
    scene.host.refuseRepeat('pin', message.ts)
    return no('already_pinned')
  }
  scene.world.put({ ...message, pinned: true })
  scene.host.effect('pin', message.ts)
  return { ok: {} }
}

export const addBookmark = (scene: Scene, given: Given): Said => {
  const channel = channelOf(scene, given.channel_id)
  if (!('id' in channel)) return channel
  if (typeof given.title !== 'string' || given.title === '') return no('invalid_arguments')
  if (given.type !== 'link' || typeof given.link !== 'string') return no('invalid_bookmark_type')
  scene.world.bookmarks.push({ channel: channel.id, title: given.title, link: given.link })
  scene.host.effect('bookmark', `${channel.id} ${given.link}`)
  return { ok: { bookmark: { id: scene.host.id('Bk', 9), channel_id: channel.id, title: given.title } } }
}
