import type { Given } from './arguments.ts'
import { channelShown, history, listChannels, replies } from './reads.ts'
import { channelOf, mine, no, type Said, type Scene } from './scene.ts'
import { addBookmark, addPin, addReaction, deleteMessage, postMessage, updateMessage } from './writes.ts'

/** The members of the workspace, by e-mail address. */
const PEOPLE: ReadonlyMap<string, string> = new Map([['ada@example.com', 'U012AB3CD']])

type Method = Readonly<{ scope?: string; run: (scene: Scene, given: Given) => Said }>

/** The methods of the hostile Slack, and the scope each asks for. */
export const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': {
    run: () => ({
      ok: {
        url: 'https://work.example/',
        team: 'Work',
        user: 'bot',
        team_id: 'T012AB3CD',
        user_id: 'U999AB3CD',
        bot_id: 'B012AB3CD',
      },
    }),
  },
  'chat.postMessage': { scope: 'chat:write', run: postMessage },
  'chat.update': { scope: 'chat:write', run: updateMessage },
  'chat.delete': { scope: 'chat:write', run: deleteMessage },
  'chat.getPermalink': {
    run: (scene, given) => {
      const message = mine(scene, given, given.message_ts)
      if (!('ts' in message)) return message
      const permalink = `https://work.example/archives/${message.channel}/p${message.ts.replace('.', '')}`
      return { ok: { channel: message.channel, permalink } }
    },
  },
  'reactions.add': { scope: 'reactions:write', run: addReaction },
  'pins.add': { scope: 'pins:write', run: addPin },
  'bookmarks.add': { scope: 'bookmarks:write', run: addBookmark },
  'conversations.history': { scope: 'channels:history', run: history },
  'conversations.replies': { scope: 'channels:history', run: replies },
  'conversations.list': { scope: 'channels:read', run: listChannels },
  'conversations.info': {
    scope: 'channels:read',
    run: (scene, given) => {
      const channel = channelOf(scene, given.channel)
      return 'id' in channel ? { ok: { channel: channelShown(channel) } } : channel
    },
  },
  'users.lookupByEmail': {
    scope: 'users:read.email',
    run: (_, given) => {
      const id = PEOPLE.get(String(given.email))
      return id === undefined ? no('users_not_found') : { ok: { user: { id, name: 'ada' } } }
    },
  },
}
