import { type OtlpOptions, otlp } from '@sessionwire/otlp'
import { attributeOf, hostileCollector } from '@sessionwire/otlp/testing'
import type { Target } from './target.ts'

/** Events that stand below a session's card in other services. */
const ENTRIES = /\.(decision|blocker|resolve|close|resume)$/

/** OpenTelemetry: every request may be repeated, and a success may say that nothing was taken. */
export const otlpTarget: Target = {
  name: 'otlp',
  secrets: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=canary-otlp-5d2b70f1' },
  make: options =>
    otlp({ endpoint: 'http://127.0.0.1:9', auth: 'headers', content: true, ...options } as OtlpOptions),
  serve: async ({ seed, now, secrets = otlpTarget.secrets }) => {
    const given = secrets.OTEL_EXPORTER_OTLP_HEADERS ?? ''
    const server = await hostileCollector({
      seed,
      now,
      headers: { 'api-key': given.replace('api-key=', '') },
    })
    return {
      server,
      options: { endpoint: server.url },
      secrets: { OTEL_EXPORTER_OTLP_HEADERS: given },
      listCards: () => {
        const sessions = new Map<
          string,
          { card: string; entries: string[]; links: Map<string, string>; sequence: number }
        >()
        for (const log of server.logs()) {
          const id = attributeOf(log, 'sessionwire.session.id')
          if (id === undefined) continue
          const known = sessions.get(id)
          const { entries = [], links = new Map<string, string>() } = known ?? {}
          const from = attributeOf(log, 'sessionwire.link.adapter')
          if (from !== undefined) links.set(String(from), String(attributeOf(log, 'sessionwire.link.url')))
          if (ENTRIES.test(String(log.eventName))) entries.push(JSON.stringify(log.body ?? null))
          const progress = attributeOf(log, 'sessionwire.session.progress')
          // A link has no place in the order of events.
          const sequence = Number(attributeOf(log, 'sessionwire.event.sequence') ?? -1)
          // An event that was dead and is retried comes late; its sequence says so.
          const newer = { card: `${JSON.stringify(log.attributes)} ${progress} %`, sequence }
          sessions.set(id, {
            ...(known !== undefined && known.sequence > sequence ? known : newer),
            ...{ entries, links },
          })
        }
        return [...sessions.values()].map(each => ({ ...each, links: [...each.links.values()] }))
      },
      listMade: () =>
        server.logs().flatMap(log => (log.eventName === 'attack' ? [JSON.stringify(log.attributes)] : [])),
    }
  },
  // `{}` is OTLP's answer to everything.
  trusting: true,
  strict: true,
  unordered: true,
  below: [],
  apart: [
    n => ({
      action: 'sendEvent',
      input: { name: 'attack', attributes: { text: `apart ${n}` }, at: 1_767_323_045_000 },
    }),
  ],
  isWrite: ({ raw }) => raw !== '{"resourceSpans":[]}',
}
