import * as z from 'zod'
import { isEnabled } from '../../src/adapter/environment.ts'
import {
  type AnyAdapter,
  action,
  card,
  type Descriptor,
  type Environment,
  entry,
  type HttpCall,
  httpOutcome,
  type Json,
  originOf,
  type Reply,
  read,
  refOf,
  type Session,
  type SessionEvent,
  type Step,
  TrackerError,
} from '../../src/adapter.ts'

/** What one row of the table of defects may put wrong. */
export type Defect =
  | 'none'
  | 'random key'
  | 'random content'
  | 'undefined in a plan'
  | 'half a character'
  | 'reads a secret'
  | 'no look-up list'
  | 'another capture'
  | 'the same capture twice'
  | 'an undeclared limit'
  | 'an undeclared secret'
  | 'text in the address'
  | 'an open input'
  | 'a wrong word for a guarantee'
  | 'crashes on odd replies'
  | 'believes every answer'
  | 'no reason'
  | 'silent options'
  | 'the wrong field'
  | 'its own name in refs'
  | 'adopts nothing'
  | 'ignores when'
  | 'always from the environment'
  | 'a look-up that finds nothing'
  | 'a look-up that finds anything'
  | 'a card for each update'
  | 'text too long for the service'
  | 'a check without a credential'
  | 'an action that the service refuses'
  | 'a read of another shape'
  | 'a read of another list'
  | 'a pointer that no read has'

type Config = Readonly<{ as: string; baseUrl: string; defect: Defect; secretValue?: string }>
type Options = Readonly<Record<string, unknown>>

const clean = (text: string, most = 1_000) =>
  [...text.slice(0, most).replace(/\0|\p{Surrogate}/gu, '')].slice(0, most).join('') || '-'

/** Changes with every call, as nothing in a plan may. */
let calls = 0
const chance = () => {
  calls += 1
  return calls
}

const proof = ({ defect }: Config) =>
  ({
    header: 'authorization',
    prefix: 'Bearer ',
    secret: defect === 'an undeclared secret' ? 'OTHER' : 'NOTES_TOKEN',
  }) as const

const post = (config: Config, path: string, payload: Json): HttpCall => ({
  kind: 'http',
  method: 'POST',
  endpoint: `${config.baseUrl}${path}`,
  auth: proof(config),
  limit: config.defect === 'an undeclared limit' ? 'other' : 'all',
  payload,
})

type Note = Readonly<{ key: string; text: string; under?: Json }>

const noting = (config: Config, { key, text, under }: Note, name: string) => {
  const { defect } = config
  const path = defect === 'text in the address' ? `/notes/${text.replace(/[{}#\\\s]/g, '')}` : '/notes'
  const body = {
    key: defect === 'random content' ? `${key}${chance()}` : key,
    text: defect === 'half a character' ? `${text}\ud800` : text,
    ...(under === undefined ? {} : { under }),
    ...(defect === 'undefined in a plan' ? { more: undefined as unknown as Json } : {}),
    ...(defect === 'reads a secret' ? { by: config.secretValue ?? null } : {}),
  }
  return {
    ...post(config, path, body),
    captures: { [name]: '/id' },
    repeat: {
      by: 'mark' as const,
      call: {
        kind: 'http',
        method: 'GET',
        endpoint: `${config.baseUrl}/notes`,
        auth: proof(config),
      } as const,
      ...(defect === 'no look-up list' ? {} : { list: '/notes' }),
      where: {
        pointer: defect === 'a look-up that finds anything' ? '/kind' : '/key',
        equals:
          defect === 'a look-up that finds anything'
            ? 'note'
            : defect === 'a look-up that finds nothing'
              ? 'x'
              : key,
      },
      captures: { [defect === 'another capture' ? 'other' : name]: '/id' },
    },
  }
}

const step =
  (name: string, build: (key: string, config: Config) => object): Step<Config> =>
  at => {
    const key = at.config.defect === 'random key' ? `${at.key}${chance()}` : at.key
    return { key, action: name, ...build(at.key, at.config) } as Descriptor
  }

const room = (config: Config) => (config.defect === 'text too long for the service' ? 100_000 : 1_000)

const begin = (text: string, adopted: boolean): readonly Step<Config>[] => [
  step('note', (key, config) =>
    adopted
      ? noting(config, { key, text: clean(text, room(config)), under: { $ref: 'root' } }, 'card')
      : noting(config, { key, text: clean(text, room(config)) }, 'root'),
  ),
]
const edit = (text: string, adopted: boolean): readonly Step<Config>[] => [
  step('edit', (key, config) =>
    config.defect === 'a card for each update'
      ? noting(config, { key, text: clean(text) }, `c.${key.slice(-12).replace(/\W/g, '')}`)
      : {
          ...post(config, '/edits', {
            id: { $ref: adopted ? 'card' : 'root' },
            text: clean(text, room(config)),
          }),
          repeat: 'safe',
          coalesce: { name: 'card' },
        },
  ),
]
const below = (event: SessionEvent, text: string): readonly Step<Config>[] => [
  step('note', (key, config) =>
    noting(
      config,
      {
        key,
        text: clean(text, room(config)),
        under: { $ref: config.defect === 'its own name in refs' ? 'notes.root' : 'root' },
      },
      config.defect === 'the same capture twice' ? 'entry' : `entry.${event.sequence}`,
    ),
  ),
]

type Hooked = (
  payload: unknown,
  session: Session,
  event: SessionEvent,
  config: Config,
) => readonly Step<Config>[]

const OPTIONS = new Set(['as', 'baseUrl', 'updates', 'when', 'defect', 'secretValue'])

const checkOptions = (options: Options, defect: Defect): void => {
  if (defect === 'silent options') return
  const unknown = Object.keys(options).find(name => !OPTIONS.has(name))
  const field = unknown ?? (typeof (options.baseUrl ?? '') === 'string' ? undefined : 'baseUrl')
  if (field !== undefined)
    throw new TrackerError('CONFIG', `notes.${defect === 'the wrong field' ? 'option' : field}: wrong`, {
      field: `notes.${defect === 'the wrong field' ? 'option' : field}`,
    })
}

/** An adapter for a service that keeps notes, with one defect or none. */
export const notes = (options: Options, defect: Defect = 'none'): AnyAdapter => {
  checkOptions(options, defect)
  const config: Config = {
    as: String(options.as ?? 'notes'),
    baseUrl: String(options.baseUrl ?? 'http://127.0.0.1:9'),
    defect,
    ...(defect === 'reads a secret' && typeof options.secretValue === 'string'
      ? { secretValue: options.secretValue }
      : {}),
  }
  const words = z.string().transform(text => clean(text))
  const shape = { text: words }
  const note = action(
    'note',
    (defect === 'an open input' ? z.looseObject(shape) : z.strictObject(shape)) as z.ZodType<{
      text: string
    }>,
    ({ text }, { key, config }: { key: string; config: Config }) =>
      noting(
        config,
        { key, text: defect === 'an action that the service refuses' ? text.repeat(300) : text },
        'note',
      ),
    { about: 'Writes a note.', example: { text: 'hello' } },
  )
  const told: Hooked = (_, session, event) => {
    const found = entry(event, session)
    const adopted = refOf(session, config.as, 'root') !== undefined
    return [...(found === undefined ? [] : below(event, found.text)), ...edit(card(session).title, adopted)]
  }
  const hooks = {
    start: (_: unknown, session: Session) =>
      begin(
        card(session).title,
        defect !== 'adopts nothing' && refOf(session, config.as, 'root') !== undefined,
      ),
    update: (_: unknown, session: Session) =>
      edit(card(session).title, refOf(session, config.as, 'root') !== undefined),
    decision: told,
    blocker: told,
    resolve: told,
    close: told,
  }
  const when = options.when as AnyAdapter['when']
  return {
    name: config.as,
    config,
    mode: 'execute',
    hooks: hooks as unknown as AnyAdapter['hooks'],
    actions: {
      note:
        defect === 'a wrong word for a guarantee'
          ? Object.assign(note, { guarantee: () => ({ guarantee: 'native' }) })
          : note,
      list: read(
        'list',
        z.strictObject({ of: z.string() }),
        z.array(
          z.looseObject({
            id: z.string(),
            ...(defect === 'a read of another shape' ? { name: z.string() } : {}),
          }),
        ),
        () => ({
          ...(defect === 'a pointer that no read has' ? { item: '/notes' } : {}),
          call: { kind: 'http', method: 'GET', endpoint: `${config.baseUrl}/notes`, auth: proof(config) },
          list: defect === 'a read of another list' ? '/items' : '/notes',
        }),
        { about: 'Lists notes.', example: { of: 'me' } },
      ),
    },
    limits: { rates: { all: { count: 10, perMs: 1_000 } } },
    check: {
      call: {
        kind: 'http',
        method: 'GET',
        endpoint: `${config.baseUrl}/notes`,
        ...(defect === 'a check without a credential' ? {} : { auth: proof(config) }),
      },
    },
    outcome: judged(defect),
    secrets: ['NOTES_TOKEN'],
    origins: [originOf(config.baseUrl)],
    ...(when === undefined || defect === 'ignores when' ? {} : { when }),
  }
}

const judged =
  (defect: Defect): AnyAdapter['outcome'] =>
  (reply: Reply, sent) => {
    if (defect === 'believes every answer' && reply.kind === 'answer') return { kind: 'delivered' }
    if (defect === 'crashes on odd replies' && reply.kind === 'answer')
      return { kind: 'rejected', reason: (reply.body as { error: { message: string } }).error.message }
    const outcome = httpOutcome(reply, sent)
    if (defect === 'no reason' && outcome.kind === 'rejected') return { kind: 'rejected', reason: '' }
    const html = reply.kind === 'answer' && typeof reply.body === 'string'
    return outcome.kind === 'delivered' && !outcome.empty && html
      ? { kind: 'unknown', reason: 'no answer of the service' }
      : outcome
  }

/** Its `fromEnv`. */
export const notesFromEnv = (defect: Defect) => (env: Environment) =>
  defect === 'always from the environment' ||
  isEnabled(env, 'notes', env.NOTES_TOKEN === undefined ? ['NOTES_TOKEN'] : [], [])
    ? notes({ ...(env.NOTES_TOKEN === undefined ? {} : { secretValue: env.NOTES_TOKEN }) }, defect)
    : undefined
