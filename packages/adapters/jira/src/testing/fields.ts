import type { Json } from '@sessionwire/core/adapter'
import { type Fields, fieldsOf, isFields, listOf, refuse, refuseField } from './answers.ts'
import { isDocument } from './document.ts'
import { issueOf, type World } from './world.ts'

/** The API's version, and the kind of Jira: both change what a field takes. */
export type Manner = Readonly<{ version: 2 | 3; cloud: boolean }>

const TOO_LONG = 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.'
/** Characters XML cannot hold; Jira's own backups break on them. */
const UNSTORABLE = /[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff]|\p{Surrogate}/u

const isStorable = (value: Json): boolean =>
  typeof value === 'string'
    ? !UNSTORABLE.test(value)
    : value === null || typeof value !== 'object' || Object.values(value).every(isStorable)

/** Rich text as this version takes it. */
export const richText = (value: Json | undefined, field: string, { version }: Manner): Json => {
  const wrong =
    field === 'comment'
      ? 'Comment body is not valid!'
      : 'Operation value must be an Atlassian Document (see the Atlassian Document Format)'
  if (version === 2 && typeof value !== 'string') refuseField(field, 'Operation value must be a string')
  if (version === 3 && !isFields(value)) refuseField(field, wrong)
  if (version === 3 && !isDocument(value)) refuse(400, 'INVALID_INPUT')
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.length > 32_767) refuseField(field, TOO_LONG)
  if (!isStorable(value as Json)) refuse(400, 'INVALID_INPUT')
  return value as Json
}

/** Jira's words for a field that the user may not set here. */
export const notOnScreen = (name: string): never =>
  refuseField(name, `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`)

type Check = (value: Json, world: World, manner: Manner) => Json

const word = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const chooseFrom = (
  field: string,
  list: readonly Readonly<{ id: string; name: string }>[],
  value: Json,
): Json => {
  const { id, name } = fieldsOf(value)
  const found = list.find(each => (word(id) === undefined ? each.name === name : each.id === id))
  return (found ?? refuseField(field, `Specify a valid '${field}' ID or name`)) as Json
}

const summary: Check = value => {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') return refuseField('summary', 'You must specify a summary of the issue.')
  if (/[\r\n]/.test(text))
    return refuseField('summary', 'The summary is invalid because it contains newline characters.')
  if (text.length >= 255) return refuseField('summary', 'Summary must be less than 255 characters.')
  return isStorable(text) ? text : refuse(400, 'INVALID_INPUT')
}

/** One label. */
const labelOf = (value: Json): string => {
  const label = word(value) ?? refuseField('labels', 'string expected at index 0')
  if (/\s/.test(label)) refuseField('labels', `The label '${label}' contains spaces which is invalid.`)
  return label.length > 255
    ? refuseField('labels', `The label '${label}' exceeds the limit of 255 characters.`)
    : label
}

/** A user, by account id on Cloud and by name on Data Center. `null` stands for no user. */
export const userOf = (value: Json, world: World, { cloud }: Manner): Json => {
  if (value === null) return null
  const given = fieldsOf(value)
  if (cloud && given.name !== undefined)
    return refuse(400, "'accountId' must be the only user identifying query parameter in GDPR strict mode.")
  const found = cloud
    ? world.users.find(each => each.accountId === (given.accountId ?? given.id))
    : world.users.find(
        each =>
          each.name ===
          (given.name ?? refuseField('assignee', "expected Object containing a 'name' property")),
      )
  return (found ?? refuseField('assignee', 'User cannot be assigned issues.')) as Json
}

const day: Check = value =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
    ? value
    : refuseField('duedate', 'Operation value must be a string in the format yyyy-MM-dd')

const FIELDS: Readonly<Record<string, Check>> = {
  summary,
  description: (value, _, manner) => (value === null ? null : richText(value, 'description', manner)),
  labels: value => listOf(value).map(labelOf),
  priority: (value, world) => chooseFrom('priority', world.priorities, value),
  issuetype: (value, world) => chooseFrom('issuetype', world.types, value),
  resolution: value =>
    chooseFrom(
      'resolution',
      [
        { id: '1', name: 'Done' },
        { id: '2', name: "Won't Do" },
      ],
      value,
    ),
  project: (value, world) => {
    const { id, key } = fieldsOf(value)
    const found = world.projects.find(each => each.id === id || each.key === key)
    return found === undefined
      ? refuseField('project', 'valid project is required')
      : { id: found.id, key: found.key }
  },
  parent: (value, world) => {
    const { id, key } = fieldsOf(value)
    const found = issueOf(world, word(id) ?? word(key) ?? '')
    return { id: found.id, key: found.key }
  },
  assignee: (value, world, manner) => userOf(value, world, manner),
  duedate: day,
  fixVersions: (value, world) =>
    listOf(value).map(each =>
      chooseFrom(
        'fixVersions',
        world.projects.flatMap(({ versions }) => versions),
        each,
      ),
    ),
  components: value => listOf(value),
  customfield_10008: (value, world, { cloud }) =>
    cloud ? notOnScreen('customfield_10008') : issueOf(world, String(value)).key,
  customfield_10016: value =>
    typeof value === 'number' ? value : refuseField('customfield_10016', 'Operation value must be a number'),
}

/** Checks fields to be set; `hidden` ones are on no screen. */
export const setFields = (
  world: World,
  manner: Manner,
  fields: Json | undefined,
  hidden: ReadonlySet<string>,
): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(fieldsOf(fields)).map(([name, value]) => {
      const check = FIELDS[name]
      if (check === undefined || hidden.has(name)) return notOnScreen(name)
      return [name, check(value ?? null, world, manner)]
    }),
  )

/** Refuses a new issue without the fields that Jira requires. */
export const assertRequired = (world: World, { cloud }: Manner, fields: Partial<Fields>): void => {
  if (fields.project === undefined) refuseField('project', 'valid project is required')
  if (fields.issuetype === undefined) refuseField('issuetype', 'Specify an issue type')
  if (fields.summary === undefined) refuseField('summary', 'You must specify a summary of the issue.')
  const type = world.types.find(({ id }) => id === fieldsOf(fields.issuetype).id)
  // On Data Center an issue other than a sub-task names its epic in a custom field.
  if (!cloud && !type?.subtask && fields.parent !== undefined) notOnScreen('parent')
  if (type?.subtask && fields.parent === undefined)
    refuse(400, 'Issue type is a sub-task but parent issue key or id not specified.')
}

/** The labels of an issue after adding and removing. */
export const changeLabels = (labels: Json | undefined, operations: Json | undefined): Json => {
  const now = new Set(listOf(labels).map(String))
  for (const operation of listOf(operations)) {
    const { add, remove } = fieldsOf(operation)
    if (add !== undefined) now.add(labelOf(add))
    else if (remove !== undefined) now.delete(String(remove))
    else refuseField('labels', 'Field does not support update')
  }
  return [...now]
}

/** Properties sent with what they belong to. */
export const readProperties = (value: Json | undefined): Map<string, Json> =>
  new Map(
    listOf(value).map(each => {
      const { key, value: kept } = fieldsOf(each)
      if (
        typeof key !== 'string' ||
        key.length > 255 ||
        kept === undefined ||
        JSON.stringify(kept).length > 32_768
      )
        return refuse(400, 'A property must have a key and a value of at most 32768 characters.')
      return [key, kept]
    }),
  )
