import type { Json } from '@sessionwire/core/adapter'

/** A message as Slack keeps it. */
export type SlackMessage = Readonly<{
  /** Its id within the channel: seconds since 1970 with six decimals, as text. */
  ts: string
  /** Id of the channel. */
  channel: string
  /** With Slack's markup; what notifications show where there are blocks. */
  text: string
  /** As they came; absent for none. */
  blocks?: Json
  /** Root of its thread, when it is a reply. */
  thread?: string
  /** Shown in the channel too. */
  broadcast: boolean
  /** As it came; absent for none. */
  metadata?: Readonly<{
    /** A word of the sender's. */
    event_type: string
    /** Fields of the sender's; the adapter's key is one. */
    event_payload: Readonly<Record<string, Json>>
  }>
  /** How often it was edited. */
  edits: number
  /** Names of emoji, in the order they came. */
  reactions: readonly string[]
  /** Whether it is pinned to the channel. */
  pinned: boolean
  /** Accepted, and shown to no person: its `thread_ts` was a number. */
  invisible?: true
  /** In no thread a person looks at: its `thread_ts` was that of a reply. */
  misplaced?: true
  /** Deleted, while its replies are still there. */
  deleted?: true
  /** Its author. */
  by: 'bot' | 'webhook' | 'person'
}>

/** A channel as Slack keeps it. */
export type SlackChannel = Readonly<{
  /** As in `C0123456789`. */
  id: string
  /** Without `#`. */
  name: string
  /** Whether only its members see it. */
  private: boolean
  /** Whether nothing can be written to it any more. */
  archived: boolean
  /** Whether the bot is in it. */
  member: boolean
}>

/** The data of the hostile Slack. */
export interface World {
  readonly channels: Map<string, SlackChannel>
  readonly messages: Map<string, SlackMessage>
  readonly bookmarks: { channel: string; title: string; link: string }[]
  /** The next `ts`: unique, growing, six digits after the point. */
  nextTs(): string
  message(channel: string, ts: string): SlackMessage | undefined
  put(message: SlackMessage): void
  /** Takes a message away; a root with replies leaves a stone behind. */
  remove(message: SlackMessage): void
  /** Root messages of a channel, and replies that were broadcast. */
  rootsOf(channel: string): readonly SlackMessage[]
  repliesOf(channel: string, ts: string): readonly SlackMessage[]
}

const key = (channel: string, ts: string) => `${channel} ${ts}`
const byTs = (a: SlackMessage, b: SlackMessage) => (a.ts < b.ts ? -1 : 1)

/** An empty workspace with these channels. */
export const world = (channels: readonly SlackChannel[], now: () => number): World => {
  const messages = new Map<string, SlackMessage>()
  let last = 0
  const repliesOf = (channel: string, ts: string) =>
    [...messages.values()]
      .filter(each => each.channel === channel && each.thread === ts && !each.invisible && !each.misplaced)
      .sort(byTs)
  return {
    channels: new Map(channels.map(channel => [channel.id, channel])),
    messages,
    bookmarks: [],
    nextTs: () => {
      last = Math.max(last + 1, Math.floor(now() * 1_000))
      return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`
    },
    message: (channel, ts) => messages.get(key(channel, ts)),
    put: message => void messages.set(key(message.channel, message.ts), message),
    remove: message => {
      const place = key(message.channel, message.ts)
      if (repliesOf(message.channel, message.ts).length === 0) messages.delete(place)
      else messages.set(place, { ...message, text: '', deleted: true })
    },
    rootsOf: channel =>
      [...messages.values()]
        .filter(
          each =>
            each.channel === channel && (each.thread === undefined || each.broadcast) && !each.invisible,
        )
        .sort(byTs),
    repliesOf,
  }
}
