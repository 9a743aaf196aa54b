import { type Descriptor, type Lookup, plan, type SessionEvent } from '@sessionwire/core/adapter'
import { type Moment, type StoryOptions, story } from '@sessionwire/core/testing'
import { type TaigaOptions, taiga } from '../src/index.ts'

export const KEY = 'event/taiga/0'
/** What `KEY` is found again by. */
export const MARK = 'evt-e9766a4b-595e-4fcd-846a-bbee37236e37'
const API = 'https://api.taiga.io/api/v1'

export type Taiga = ReturnType<typeof taiga>

/** An adapter with the smallest options, and these. */
export const made = (options: Partial<TaigaOptions> = {}): Taiga =>
  taiga({ ...(options.project === undefined ? { projectId: 7 } : {}), ...options })

/** What an action makes of an input. */
export const draft = (action: string, input: object, adapter: Taiga = made()): Descriptor => {
  const found = adapter.actions[action as 'createStory'] as unknown as (
    raw: object,
  ) => (at: object) => Descriptor
  return found(input)({ key: KEY, config: adapter.config })
}

/** What a read makes of an input. */
export const look = (action: string, input: object, adapter: Taiga = made()): Lookup => {
  const { input: schema, build } = adapter.actions[action as 'whoAmI'] as unknown as {
    input: { parse: (raw: object) => object }
    build: (value: object, at: object) => Lookup
  }
  return build(schema.parse(input), { key: KEY, config: adapter.config })
}

/** A story's moments by the event's type: the first of each. */
const moment = (type: SessionEvent['type'], options: StoryOptions = {}): Moment => {
  const found = story(options).find(({ event }) => event.type === type)
  if (found === undefined) throw new Error(`no ${type} in the story`)
  return found
}

/** What is planned for the first event of a type. */
export const planned = (
  type: SessionEvent['type'],
  adapter: Taiga = made(),
  options: StoryOptions = {},
): readonly Descriptor[] => {
  const { event, session } = moment(type, options)
  return plan(adapter, event, session)
}

const AUTH = { header: 'Authorization', prefix: 'Application ', secret: 'TAIGA_TOKEN' }

/** A call as it is planned: with the application token, in English. */
export const call = (method: string, path: string, more: object = {}, whole = false): object => ({
  kind: 'http',
  method,
  endpoint: `${API}/${path}`,
  auth: AUTH,
  headers: { 'accept-language': 'en', ...(whole ? { 'x-disable-pagination': 'True' } : {}) },
  ...more,
})
