import { type Adapter, type Descriptor, type Json, shorten } from '@sessionwire/core/adapter'
import { KINDS } from './actions/call.ts'

type Fields = Readonly<Record<string, Json>>
const UNITS = 80

const NOUNS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(KINDS).flatMap(([kind, { path, noun }]) => [
    [kind, noun],
    [path, noun],
  ]),
)

const fields = (value: Json | undefined): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}

/** The first line of a text that says something; a value that a read finds later by what it seeks. */
const show = (value: Json | undefined): string => {
  if (typeof value !== 'string') return String(value)
  const [line = ''] = value.split('\n').filter(each => each.trim() !== '' && !each.startsWith('▼'))
  return shorten(line, UNITS)
}

/** The item that a call changes: `user story 4711`, `the session's task`, `issue #42 in billing`. */
const targetOf = (endpoint: string, { before }: Descriptor): string => {
  const [, path = '', id = ''] = /\/api\/v1\/(?:history\/)?(\w+)\/?([^/]*)/.exec(endpoint) ?? []
  const noun = NOUNS[path] ?? path
  if (id === '{target}') return before?.[0]?.noun ?? noun
  return id.startsWith('{') ? `the session's ${noun}` : `${noun} ${id}`
}

const soughtBy = ({ before = [] }: Descriptor): string =>
  before
    .flatMap(({ list, where }) =>
      list !== undefined && where !== undefined && 'equals' in where ? [show(where.equals)] : [],
    )
    .join(', ')

const line =
  (write: (target: string, payload: Fields, descriptor: Descriptor) => string) => (descriptor: Descriptor) =>
    descriptor.kind === 'http' && typeof descriptor.endpoint === 'string'
      ? write(targetOf(descriptor.endpoint, descriptor), fields(descriptor.payload), descriptor)
      : descriptor.action

const createItem = line((target, { subject }) => `create ${target.trim()} "${show(subject)}"`)
const updateItem = line(
  (target, { version: _, ...changed }) => `change ${Object.keys(changed).join(', ')} of ${target}`,
)
const deleteItem = line(target => `delete ${target}`)
const comment = line((target, { comment }) => `comment on ${target}: ${show(comment)}`)

const byKind = (verb: string, write: (descriptor: Descriptor) => string) =>
  Object.fromEntries(['Story', 'Task', 'Issue', 'Epic'].map(noun => [`${verb}${noun}`, write]))

/** One line for each request, for people. */
export const describe: NonNullable<Adapter['describe']> = {
  ...byKind('create', createItem),
  ...byKind('update', updateItem),
  ...byKind('delete', deleteItem),
  createCard: createItem,
  editCard: line(target => `edit the session's block in the description of ${target}`),
  setBlocked: line((target, { is_blocked, blocked_note }) =>
    is_blocked === true
      ? `mark ${target} as blocked: ${show(blocked_note)}`
      : `mark ${target} as not blocked`,
  ),
  linkCard: line(target => `read ${target}`),
  createCardComment: comment,
  findCardComment: line(target => `find the session's comment at ${target}`),
  editCardComment: line((_, { comment }) => `edit the session's comment: ${show(comment)}`),
  createComment: comment,
  setStatus: line((target, { status }, all) => `move ${target} to ${soughtBy(all) || show(status)}`),
  assign: line(
    (target, { assigned_to }, all) =>
      `assign ${target} to ${soughtBy(all) || (assigned_to === null ? 'no one' : show(assigned_to))}`,
  ),
  addLabels: line(
    (target, { tags }) =>
      `add tags to ${target}: ${[fields(tags).with]
        .flat(2)
        .filter(each => each !== null)
        .join(', ')}`,
  ),
  addStoryToEpic: line(
    (target, { user_story }) =>
      `add ${typeof user_story === 'number' ? `user story ${user_story}` : "the session's user story"} to ${target}`,
  ),
  removeStoryFromEpic: line(target => `remove a user story from ${target}`),
  setCustomAttributes: line(
    (_, { attributes_values }) =>
      `set custom attributes ${Object.keys(fields(fields(attributes_values).with)).join(', ')}`,
  ),
  createDocument: line((_, { slug }) => `create wiki page ${show(slug)}`),
  editDocument: line((_, { content }) => `edit a wiki page: ${show(content)}`),
}
