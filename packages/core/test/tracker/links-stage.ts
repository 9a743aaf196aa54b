import * as z from 'zod'
import { type CardPolicy, cardHooks } from '../../src/adapter/card-hooks.ts'
import { defineAdapter } from '../../src/adapter/define.ts'
import { httpOutcome } from '../../src/adapter/http-outcome.ts'
import { step } from '../../src/adapter/plan.ts'
import type { HttpCall } from '../../src/descriptor/descriptor.ts'
import type { Json } from '../../src/session/schema.ts'
import type { createSharedMemory } from '../../src/store/memory.ts'
import { createTracker } from '../../src/tracker.ts'
import type { Transport } from '../../src/transport/contract.ts'

type Config = Readonly<{ as: string; updates?: 'card' }>

/** What stands in each service: the text of its cards, and the links beside them. */
export type World = Record<string, { cards: Record<string, string>; links: Record<string, string> }>

export const http = { kind: 'http' as const, repeat: 'safe' as const }

/** A service with cards: `card` shows links in their text, `apart` beside them, `none` not at all. */
export const service = (as: string, how: 'card' | 'apart' | 'none', crossLinks?: boolean) => {
  const text = ({ card }: Parameters<CardPolicy<Config>['edit']>[0]) =>
    [card.title, card.progress, ...(card.links ?? []).map(({ name, url }) => `${name} ${url}`)].join(' | ')
  const base = `https://${as}.test`
  const hooks = cardHooks<Config>({
    create: context => [
      step('create', () => ({
        ...http,
        method: 'POST',
        endpoint: `${base}/cards`,
        payload: { text: text(context), id: context.event.id },
        captures: { id: '/id', url: '/url' },
      })),
    ],
    edit: context => [
      step('edit', () => ({
        ...http,
        method: 'PUT',
        endpoint: `${base}/cards/{id}`,
        payload: { text: text(context) },
      })),
    ],
    ...(how === 'card' ? { links: 'card' as const } : {}),
    ...(how === 'apart'
      ? {
          links: ({ link, former }) => [
            step('link', () => ({
              ...http,
              method: 'PUT' as const,
              endpoint: `${base}/cards/{id}/links`,
              payload: { name: link.name, url: link.url, former: former ?? null },
              // All links of a card have one name, and none may take the place of another.
              coalesce: { name: 'link' },
            })),
          ],
        }
      : {}),
  })
  return defineAdapter({
    service: as,
    options: { tag: z.string().optional() },
    secrets: {},
    actions: {},
    hooks: hooks as never,
    outcome: (reply, sent) => {
      const usual = httpOutcome(reply, sent)
      return usual.kind === 'rejected' ? { ...usual, gone: true } : usual
    },
    limits: { rates: {} },
    check: () => ({ call: { kind: 'http', method: 'GET', endpoint: base } }),
    link: ({ captured }) =>
      typeof captured.url === 'string'
        ? { name: `${as}-${String(captured.id)}`, url: captured.url }
        : undefined,
    origins: () => [base],
    removals: {
      link: ({ links = [] }) =>
        step('unlink', () => ({
          ...http,
          method: 'DELETE',
          endpoint: `${base}/cards/{id}/links`,
          payload: { url: links[0]?.url ?? '' },
        })),
    },
  })({ ...(crossLinks === undefined ? {} : { crossLinks }) })
}

/** Answers as those services would; `turn` makes a later card unlike the first. */
export const transport = (world: World, name: string, turn = { of: 1 }): Transport => ({
  send: async call => {
    const { method, endpoint, payload } = call as HttpCall
    const at = world[name] ?? { cards: {}, links: {} }
    world[name] = at
    const { pathname } = new URL(endpoint as string)
    const given = (payload ?? {}) as Record<string, string>
    const answer = (body: Json, status = 200) => ({ kind: 'answer' as const, status, headers: {}, body })
    const [, , id = '', more] = pathname.split('/')
    if (method === 'POST') {
      const made = String(turn.of)
      // A new card has nothing of the one that was deleted.
      if (at.cards[made] === undefined) at.links = {}
      at.cards[made] = given.text ?? ''
      return answer({ id: made, url: `https://${name}.test/${made}` })
    }
    if (at.cards[id] === undefined) return answer({}, 410)
    if (more === 'links') {
      delete at.links[(method === 'DELETE' ? given.url : given.former) as string]
      if (method === 'PUT') at.links[given.url as string] = given.name as string
    } else at.cards[id] = given.text ?? ''
    return answer({})
  },
})

export const world = (): World => ({})
export const opened = async (
  memory: ReturnType<typeof createSharedMemory>,
  all: World,
  adapters: readonly ReturnType<typeof service>[],
  more: object = {},
) =>
  createTracker({
    project: 'p',
    user: 'u',
    store: memory.open(),
    adapters,
    transports: Object.fromEntries(adapters.map(({ name }) => [name, transport(all, name)])),
    ...more,
  })
