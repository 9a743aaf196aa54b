import { type WebhookOptions, webhook } from '@sessionwire/webhook'
import { hostileReceiver } from '@sessionwire/webhook/testing'
import type { Target } from './target.ts'

type Data = Readonly<{
  session?: Readonly<{ id: string; progress: number; revision: number }>
  event?: unknown
  link?: Readonly<{ adapter: string; url: string }>
}>

/** Events that stand below a session's card in other services. */
const ENTRIES = /\.(decision|blocker|resolve|close|resume)$/

/** A receiver of signed events: nothing is looked up, each event is sent until it is answered, and repeats are dropped. */
export const receiverTarget: Target = {
  name: 'receiver',
  secrets: {
    SESSIONWIRE_WEBHOOK_URL: 'http://127.0.0.1:9/hooks/canary-receiver-6c0f',
    SESSIONWIRE_WEBHOOK_SECRET: 'whsec_Y2FuYXJ5LXJlY2VpdmVyLTEyMzQ1Njc4OTA=',
  },
  make: options => webhook({ as: 'receiver', ...options } as WebhookOptions),
  serve: async ({ seed, now, secrets = receiverTarget.secrets }) => {
    const secret = secrets.SESSIONWIRE_WEBHOOK_SECRET ?? ''
    // Clocks are set here and there: a receiver with a tolerance refuses every signature until the clock is right again.
    const server = await hostileReceiver({
      seed,
      now,
      secrets: [secret],
      toleranceMs: Number.POSITIVE_INFINITY,
    })
    const listSessions = () => {
      const sessions = new Map<
        string,
        { card: string; entries: string[]; links: Map<string, string>; revision: number }
      >()
      for (const { type, data } of server.events()) {
        const { session, event, link } = data as Data
        if (session === undefined) continue
        const known = sessions.get(session.id)
        const { entries = [], links = new Map<string, string>() } = known ?? {}
        if (link !== undefined) links.set(link.adapter, link.url)
        if (ENTRIES.test(type)) entries.push(JSON.stringify(event))
        const newer = { card: `${JSON.stringify(session)} ${session.progress} %`, revision: session.revision }
        // An event that was dead and is retried comes late; its revision says so.
        const shown = known !== undefined && known.revision > newer.revision ? known : newer
        sessions.set(session.id, { ...shown, entries, links })
      }
      return [...sessions.values()].map(each => ({ ...each, links: [...each.links.values()] }))
    }
    return {
      server,
      options: {},
      secrets: { SESSIONWIRE_WEBHOOK_URL: server.address, SESSIONWIRE_WEBHOOK_SECRET: secret },
      listCards: listSessions,
      listMade: () =>
        server.events().flatMap(({ type, data }) => (type === 'attack' ? [JSON.stringify(data)] : [])),
    }
  },
  trusting: true,
  unordered: true,
  below: [],
  apart: [n => ({ action: 'sendEvent', input: { type: 'attack', data: { text: `apart ${n}` } } })],
  isWrite: ({ raw }) => !raw.includes('sessionwire.ping'),
}
