import type { Json } from '@sessionwire/core/adapter'
import type { Given } from './arguments.ts'
import { channelOf, no, renderMessage, type Said, type Scene } from './scene.ts'
import type { SlackChannel, SlackMessage } from './world.ts'

const CURSOR = 'bmV4dDo'

/** One page and the cursor of the next, which ends in `=` as Slack's do. A short page is not the end. */
const pageOf = (
  scene: Scene,
  items: readonly Json[],
  given: Given,
  most: number,
): Readonly<{ page: readonly Json[]; next: string }> | Said => {
  const cursor = given.cursor
  const from =
    typeof cursor === 'string' && cursor !== ''
      ? Number(new RegExp(`^${CURSOR}(\\d+)=$`).exec(cursor)?.[1] ?? -1)
      : 0
  if (from < 0 || from > items.length) return no('invalid_cursor')
  const limit = Number(given.limit ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) return no('invalid_limit')
  const size = Math.min(limit, most, scene.short() ? 1 : most)
  const page = items.slice(from, from + size)
  const end = from + page.length
  return { page, next: end < items.length ? `${CURSOR}${end}=` : '' }
}

const within = (message: SlackMessage, given: Given): boolean => {
  const at = Number(message.ts)
  const inclusive = given.inclusive === true
  const after =
    given.oldest === undefined || at > Number(given.oldest) || (inclusive && at === Number(given.oldest))
  return (
    after &&
    (given.latest === undefined || at < Number(given.latest) || (inclusive && at === Number(given.latest)))
  )
}

const readable = (scene: Scene, given: Given): SlackChannel | Said => {
  const channel = channelOf(scene, given.channel)
  if ('id' in channel && !channel.member) return no('not_in_channel')
  if (given.oldest !== undefined && !/^\d+(\.\d+)?$/.test(String(given.oldest)))
    return no('invalid_ts_oldest')
  return channel
}

const list = (scene: Scene, given: Given, messages: readonly SlackMessage[]): Said => {
  const whole = given.include_all_metadata === true
  const found = pageOf(
    scene,
    messages.map(message => renderMessage(message, whole)),
    given,
    scene.pageMax,
  )
  return 'error' in found || 'ok' in found
    ? found
    : {
        ok: {
          messages: found.page,
          has_more: found.next !== '',
          response_metadata: { next_cursor: found.next },
        },
      }
}

export const history = (scene: Scene, given: Given): Said => {
  const channel = readable(scene, given)
  if (!('id' in channel)) return channel
  const roots = scene.world.rootsOf(channel.id).filter(message => within(message, given))
  return list(scene, given, roots.toReversed())
}

export const replies = (scene: Scene, given: Given): Said => {
  const channel = readable(scene, given)
  if (!('id' in channel)) return channel
  const root = scene.world.message(channel.id, String(given.ts))
  if (typeof given.ts !== 'string' || root === undefined) return no('thread_not_found')
  const found = scene.world.repliesOf(channel.id, root.ts).filter(message => within(message, given))
  return list(scene, given, [root, ...found])
}

export const channelShown = ({ id, name, archived, private: closed, member }: SlackChannel): Json => ({
  id,
  name,
  is_archived: archived,
  is_private: closed,
  is_member: member,
})

export const listChannels = (scene: Scene, given: Given): Said => {
  const types = String(given.types ?? 'public_channel').split(',')
  const all = [...scene.world.channels.values()].filter(
    channel =>
      types.includes(channel.private ? 'private_channel' : 'public_channel') &&
      (!channel.private || channel.member) &&
      !(given.exclude_archived === true && channel.archived),
  )
  const found = pageOf(scene, all.map(channelShown), given, 200)
  if (!('page' in found)) return found
  return { ok: { channels: found.page, response_metadata: { next_cursor: found.next } } }
}
