import { type Descriptor, type HttpCall, plan, type SessionEvent } from '@sessionwire/core/adapter'
import { type Moment, type StoryOptions, story } from '@sessionwire/core/testing'
import { type OpseraAdapter, type OpseraOptions, opsera } from '../src/index.ts'

export const BASE = 'https://app.opsera.io'
export const KEY = 'event/opsera/0'
/** The beginning of what `uuidFrom` makes of KEY: it names what is made. */
export const SHORT = '92a321db'
/** The session of every story. */
export const SESSION = '01990000-0000-7001-8000-00000000a001'

/** An adapter with the smallest options, and these. */
export const made = (options: Partial<OpseraOptions> = {}): OpseraAdapter =>
  opsera({ baseUrl: BASE, ...options })

/** A story's moments by the event's type: the first of each. */
export const moment = (type: SessionEvent['type'], options: StoryOptions = {}): Moment => {
  const found = story(options).find(({ event }) => event.type === type)
  if (found === undefined) throw new Error(`no ${type} in the story`)
  return found
}

/** What is planned for the first event of a type. */
export const planned = (
  type: SessionEvent['type'],
  adapter: OpseraAdapter = made(),
  options: StoryOptions = {},
): readonly (Descriptor & HttpCall)[] => {
  const { event, session } = moment(type, options)
  return plan(adapter, event, session) as readonly (Descriptor & HttpCall)[]
}

/** A call as it is planned, with the token in its usual place. */
export const call = (method: string, path: string, more: object = {}): object => ({
  kind: 'http',
  method,
  endpoint: `${BASE}/api/v2/${path}`,
  auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'OPSERA_API_KEY' },
  limit: 'requests',
  ...more,
})

/** How a project is looked for. */
export const inList = (projectId: string, captures: object): object => ({
  call: call('GET', 'data/projects'),
  list: '/data',
  where: { pointer: '/projectId', equals: projectId },
  captures,
})

export const CREATE_UNSEEN =
  'Opsera documents neither its answer to a new projectId nor to one it knows; each is looked for in the list of projects first.'
export const UPDATE_UNSEEN =
  "Opsera documents neither the path of a project's update nor whether it replaces or merges; what we own is sent whole."
