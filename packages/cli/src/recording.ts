import type { Author, Receipt, SessionHandle, SessionSummary } from '@sessionwire/core'
import { authorOf } from './author.ts'
import type { Context, Result, Zod } from './command.ts'
import { type Delivered, deliver, makeDeliveredSchema, sayDelivered } from './deliver.ts'
import { noSession, usage } from './failure.ts'
import { paint, showLine } from './io.ts'
import { parseSince } from './time.ts'
import { type Current, findSession } from './workspace/current.ts'
import { hereOf, isHere } from './workspace/find.ts'
import type { Opened } from './workspace/open.ts'

/** The object of a recording command. */
export type Recorded = Readonly<{
  session: Readonly<{
    id: string
    title: string
    status: string
    progress: number
    by: Current['by'] | 'start'
  }>
  recorded: boolean
  repeated: boolean
  event?: string
  delivery: Delivered
}>

/** Schema of `Recorded`, with more fields. */
export const makeRecordedShape = (z: Zod) => ({
  session: z.strictObject({
    id: z.string(),
    title: z.string(),
    status: z.string(),
    progress: z.number(),
    by: z.enum(['flag', 'environment', 'host', 'newest', 'start']),
  }),
  recorded: z.boolean(),
  repeated: z.boolean(),
  event: z.optional(z.string()),
  delivery: makeDeliveredSchema(z),
})

/** A text from the words of a command: `-` reads it from standard input. */
export const readText = ({ io }: Context, text: string): string => (text === '-' ? io.readInput() : text)

/** Key and time of the options. */
export const callOf = ({ shared }: Context): Readonly<{ key?: string; at?: Date }> => ({
  ...(shared.key === undefined ? {} : { key: shared.key }),
  ...(shared.at === undefined ? {} : { at: parseSince(shared.at, '--at', Date.now()) }),
})

/** Key, time and author of what the words of a command say. */
export const signCall = (
  context: Context,
  { config }: Opened,
): ReturnType<typeof callOf> & Readonly<{ author?: Author }> => {
  const author = authorOf(context.io, config.user)
  return { ...callOf(context), ...(author === undefined ? {} : { author }) }
}

/** The current session, or the error that there is none. */
export const mustHaveSession = async (opened: Opened): Promise<Current> => {
  const current = await opened.current()
  if (current !== undefined) return current
  const last = await findLast(opened)
  throw noSession(
    `There is no active session in ${hereOf(opened)}.`,
    last?.status === 'left'
      ? `The last one was left: ${showLine(last.title, 60)}. Go on with it by --session ${last.id}, or begin one with: sessionwire start "<goal>"`
      : 'Begin one with: sessionwire start "<goal>"',
  )
}

const LOOKED_AT = 50

/** The newest session that is not a part of another one: of this work tree, else of any other one. */
export const findLast = async (opened: Opened): Promise<SessionSummary | undefined> => {
  const all = await opened.tracker.sessions({ project: opened.config.project, limit: LOOKED_AT })
  const whole = all.filter(({ parentId }) => parentId === undefined)
  return whole.find(({ workspace }) => isHere(workspace, opened)) ?? whole[0] ?? all[0]
}

/** The id of the session that an argument names, else of the current one, else of the newest. */
export const mustChoose = async (opened: Opened, id: string | undefined): Promise<string> => {
  if (id !== undefined) return (await findSession(opened.tracker, id)).id
  const current = await opened.current()
  if (current !== undefined) return current.id
  const last = await findLast(opened)
  if (last !== undefined) return last.id
  throw noSession(`There is no session in ${hereOf(opened)}.`, 'Begin one with: sessionwire start "<goal>"')
}

/** `Fix the lock (0198…, newest)`. */
export const nameSession = ({ io }: Context, { id, title, by }: Recorded['session']): string => {
  const why = {
    flag: '--session',
    environment: 'SESSIONWIRE_SESSION',
    host: 'of this host',
    newest: 'newest',
    start: '',
  }[by]
  return `${paint(io, 'bold', showLine(title, 80))} ${paint(io, 'dim', `(${id}${why === '' ? '' : `, ${why}`})`)}`
}

/** The result of a recording call, after delivery. */
export const finish = async (
  context: Context,
  opened: Opened,
  by: Recorded['session']['by'],
  id: string,
  receipt: Receipt,
): Promise<Recorded> => {
  const { title, status, progress } = receipt.recorded
    ? receipt.session
    : await opened.tracker.session(id).load()
  if (receipt.recorded) await opened.refreshRecall()
  const delivery = await deliver(opened, context)
  return {
    session: { id, title, status, progress, by },
    recorded: receipt.recorded,
    repeated: receipt.recorded && receipt.repeated === true,
    ...(receipt.recorded ? { event: receipt.event.id } : {}),
    delivery,
  }
}

const sayLate = (adapters: readonly string[]): string =>
  `It stays on this machine: it began before ${adapters.join(', ')} was set up here. Show it with: sessionwire mirror`

/** Records on the current session. `shows`: what is recorded is something to show, so a captured session is mirrored. */
export const recordOnCurrent = async (
  context: Context,
  call: (session: SessionHandle, opened: Opened) => Promise<Receipt>,
  say: (recorded: Recorded) => string,
  shows = false,
): Promise<Result<Recorded> & Readonly<{ text: readonly string[] }>> => {
  const opened = await context.open()
  const current = await mustHaveSession(opened)
  const { adapters, late } = shows
    ? await opened.show(current.id, callOf(context).at?.getTime() ?? Date.now())
    : { adapters: [], late: [] }
  const receipt = await call(opened.tracker.session(current.id), opened)
  const data = await finish(context, opened, current.by, current.id, receipt)
  const verb = data.repeated ? 'Known already' : data.recorded ? say(data) : 'Left out by the filter'
  return {
    data,
    text: [
      `${verb}: ${nameSession(context, data.session)}`,
      ...(adapters.length === 0 ? [] : [`Mirrored from here on by ${adapters.join(', ')}`]),
      ...(late.length === 0 ? [] : [sayLate(late)]),
      ...sayDelivered(data.delivery),
    ],
  }
}

/** `adapter[.ref]=value` as refs, checked against the adapters that are there. */
export const parseLinks = (
  links: readonly string[],
  adapters: readonly Readonly<{ name: string; refs?: readonly string[] }>[],
  field = '--link',
): Readonly<Record<string, Readonly<Record<string, string>>>> => {
  const refs: Record<string, Record<string, string>> = {}
  for (const link of links) {
    const found = /^([A-Za-z][\w-]{0,63})(?:\.([A-Za-z]\w{0,63}))?=(.+)$/s.exec(link)
    const [, name = '', ref, value = ''] = found ?? []
    const adapter = adapters.find(each => each.name === name)
    if (found === null)
      throw usage(
        `${field}: invalid link; expected one such as jira=ENG-1, got ${JSON.stringify(link.slice(0, 80))}.`,
      )
    if (adapter === undefined)
      throw usage(
        `${field}: no adapter ${JSON.stringify(name)}; expected ${adapters.length === 0 ? 'none, because no adapter is configured' : `one of ${adapters.map(each => each.name).join(', ')}`}.`,
        'Configure it in sessionwire.config.json, or set its environment.',
      )
    const [first] = adapter.refs ?? []
    const wanted = ref ?? first
    if (wanted === undefined) throw usage(`${field}: ${name} links nothing.`)
    refs[name] = { ...refs[name], [wanted]: value }
  }
  return refs
}
