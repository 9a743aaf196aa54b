import { defineCommand } from '../command.ts'
import { findLast } from '../recording.ts'
import {
  adapterLine,
  adapterSchema,
  durationOf,
  sessionBlock,
  sessionLine,
  sessionSchema,
  summarySchema,
} from '../shown.ts'
import { type Told, tell } from '../told.ts'

export const status = defineCommand({
  name: 'status',
  group: 'Look',
  about: 'Shows the current session and how each adapter stands',
  uses: 'session',
  json: z =>
    z.strictObject({
      session: z.nullable(z.extend(sessionSchema(z), { durationMs: z.number(), by: z.string() })),
      last: z.nullable(summarySchema(z)),
      store: z.string(),
      trust: z.string(),
      adapters: z.array(adapterSchema(z)),
      problems: z.array(
        z.strictObject({
          adapter: z.string(),
          message: z.string(),
          todo: z.optional(z.string()),
          option: z.optional(z.string()),
        }),
      ),
      held: z.array(z.string()),
      unheard: z.array(z.strictObject({ host: z.string(), session: z.string(), todo: z.string() })),
    }),
  run: async context => {
    const { io } = context
    const opened = await context.open({ tolerant: true })
    const now = Date.now()
    const current = await opened.current()
    const session = current === undefined ? undefined : await opened.tracker.session(current.id).load()
    const last = session === undefined ? await findLast(opened) : undefined
    const { adapters, store } = await opened.tracker.status()
    const shown = session ?? last
    const told: Told =
      shown === undefined ? { next: [] } : await tell(opened.tracker, shown, opened.config.user)
    const { problems, trust, data } = opened
    const { hereOf } = (await import('../engine.ts')).finding
    const { findHindrances, sayHindrance } = (await import('../engine.ts')).hindering
    const held: string[] = []
    for (const adapter of adapters)
      for (const each of await findHindrances(opened, adapter)) held.push(sayHindrance(adapter.name, each))
    const { findOff, listUnheard } = (await import('../engine.ts')).hostFindings
    const off = findOff(data, hereOf(opened))
    const unheard = listUnheard(data, hereOf(opened), io.env).map(({ host, session: id, todo }) => ({
      ...{ host, session: id, todo },
    }))
    const found =
      session === undefined || current === undefined
        ? null
        : { ...session, durationMs: durationOf(session, now), by: current.by }
    return {
      data: { session: found, last: last ?? null, store, trust, adapters, problems, held, unheard },
      text: [
        ...(session === undefined
          ? [
              'No active session. Begin one with: sessionwire start "<goal>"',
              ...(last === undefined ? [] : [`The last one: ${sessionLine(io, last, now, told.began)}`]),
            ]
          : sessionBlock(io, session, now, told)),
        ...(off === undefined ? [] : [`Agent hosts are not captured in ${off}: sessionwire on`]),
        ...adapters.map(adapter => adapterLine(io, adapter)),
        ...held,
        ...(adapters.some(({ states }) => (states.planned ?? 0) > 0)
          ? ['Planned requests wait for you: sessionwire preview --all, then sessionwire release --all']
          : []),
        ...problems.map(({ adapter, message, todo = '' }) => `${adapter}: ${message} ${todo}`.trim()),
        ...unheard.map(
          each =>
            `${each.host}: the hook wrote nothing of its newest session (${each.session}). ${each.todo}`,
        ),
      ],
    }
  },
})
