import {
  type Adapter,
  type Descriptor,
  type Fields,
  fieldsOf,
  showValue,
  soughtBy,
  writeLine,
} from '@sessionwire/core/adapter'
import { KINDS } from './actions/call.ts'

const NOUNS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(KINDS).flatMap(([kind, { path, noun }]) => [
    [kind, noun],
    [path, noun],
  ]),
)

/** The item that a call changes: `user story 4711`, `the session's task`, `issue #42 in billing`. */
const targetOf = (endpoint: string, { before }: Descriptor): string => {
  const [, path = '', id = ''] = /\/api\/v1\/(?:history\/)?(\w+)\/?([^/]*)/.exec(endpoint) ?? []
  const noun = NOUNS[path] ?? path
  if (id === '{target}') return before?.[0]?.noun ?? noun
  return id.startsWith('{') ? `the session's ${noun}` : `${noun} ${id}`
}

const line = (write: (target: string, payload: Partial<Fields>, descriptor: Descriptor) => string) =>
  writeLine((payload, address, descriptor) => write(targetOf(address, descriptor), payload, descriptor))

const createItem = line((target, { subject }) => `create ${target.trim()} "${showValue(subject)}"`)
const updateItem = line(
  (target, { version: _, ...changed }) => `change ${Object.keys(changed).join(', ')} of ${target}`,
)
const deleteItem = line(target => `delete ${target}`)
const comment = line((target, { comment }) => `comment on ${target}: ${showValue(comment)}`)

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
      ? `mark ${target} as blocked: ${showValue(blocked_note)}`
      : `mark ${target} as not blocked`,
  ),
  linkCard: line(target => `read ${target}`),
  createCardComment: comment,
  findCardComment: line(target => `find the session's comment at ${target}`),
  editCardComment: line((_, { comment }) => `edit the session's comment: ${showValue(comment)}`),
  createComment: comment,
  setStatus: line((target, { status }, all) => `move ${target} to ${soughtBy(all) || showValue(status)}`),
  assign: line(
    (target, { assigned_to }, all) =>
      `assign ${target} to ${soughtBy(all) || (assigned_to === null ? 'no one' : showValue(assigned_to))}`,
  ),
  addLabels: line((target, { tags }) => {
    const names = [fieldsOf(tags).with].flat(2).filter(each => each !== null)
    return `add tags to ${target}: ${names.join(', ')}`
  }),
  addStoryToEpic: line(
    (target, { user_story }) =>
      `add ${typeof user_story === 'number' ? `user story ${user_story}` : "the session's user story"} to ${target}`,
  ),
  removeStoryFromEpic: line(target => `remove a user story from ${target}`),
  setCustomAttributes: line(
    (_, { attributes_values }) =>
      `set custom attributes ${Object.keys(fieldsOf(fieldsOf(attributes_values).with)).join(', ')}`,
  ),
  createDocument: line((_, { slug }) => `create wiki page ${showValue(slug)}`),
  editDocument: line((_, { content }) => `edit a wiki page: ${showValue(content)}`),
}
