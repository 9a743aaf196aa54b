import type { Json } from '@sessionwire/core/adapter'
import { documentFault, invalid } from './faults.ts'

type Fields = Readonly<Record<string, Json>>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

const text = (value: Json) => typeof value === 'string'
const uuid = (value: Json) => typeof value === 'string' && UUID.test(value)
const whole = (value: Json) => Number.isInteger(value)
const object = (value: Json) => value !== null && typeof value === 'object' && !Array.isArray(value)
const every = (fits: (value: Json) => boolean) => (value: Json) => Array.isArray(value) && value.every(fits)
const oneOf =
  (...words: readonly string[]) =>
  (value: Json) =>
    words.includes(value as string)

type Kind = readonly [says: string, fits: (value: Json) => boolean]

/** Kinds of values, and the messages of Linear for others. Some messages are guesses. */
const KINDS = {
  text: ['must be a string.', text],
  id: ['must be a UUID.', (value: Json) => text(value) && UUID_4.test(String(value))],
  uuid: ['must be a UUID.', uuid],
  uuids: ['must be an array of UUIDs.', every(uuid)],
  texts: ['must be an array of strings.', every(text)],
  /** A UUID or an identifier; the mutation looks it up. */
  issue: ['must be a string.', text],
  whole: ['must be an integer number.', whole],
  priority: [
    'must not be greater than 4.',
    (value: Json) => whole(value) && Number(value) >= 0 && Number(value) <= 4,
  ],
  flag: ['must be a boolean value.', (value: Json) => typeof value === 'boolean'],
  number: ['must be a number.', (value: Json) => typeof value === 'number'],
  day: ['must be a date.', (value: Json) => text(value) && /^\d{4}-\d{2}-\d{2}$/.test(String(value))],
  time: ['must be a date.', (value: Json) => text(value) && !Number.isNaN(Date.parse(String(value)))],
  object: ['must be an object.', object],
  color: [
    'must be a hexadecimal color.',
    (value: Json) => text(value) && /^#[0-9a-f]{6}$/i.test(String(value)),
  ],
  health: ['must be a health.', oneOf('onTrack', 'atRisk', 'offTrack')],
  relation: ['must be a relation type.', oneOf('blocks', 'duplicate', 'related', 'similar')],
} as const satisfies Readonly<Record<string, Kind>>

type Form = Readonly<Record<string, keyof typeof KINDS>>

const actor: Form = { createAsUser: 'text', displayIconUrl: 'text' }
const issue: Form = {
  title: 'text',
  description: 'text',
  assigneeId: 'uuid',
  delegateId: 'uuid',
  cycleId: 'uuid',
  dueDate: 'day',
  estimate: 'whole',
  labelIds: 'uuids',
  parentId: 'issue',
  priority: 'priority',
  prioritySortOrder: 'number',
  projectId: 'uuid',
  projectMilestoneId: 'uuid',
  sortOrder: 'number',
  stateId: 'uuid',
  subIssueSortOrder: 'number',
  subscriberIds: 'uuids',
  teamId: 'uuid',
}

/** Fields of the input types of the mutations this service has, and which are required. */
const FORMS: Readonly<Record<string, Readonly<{ fields: Form; needs: readonly string[] }>>> = {
  issueCreate: {
    fields: {
      ...issue,
      ...actor,
      id: 'id',
      completedAt: 'time',
      createdAt: 'time',
      preserveSortOrderOnCreate: 'flag',
      sourceCommentId: 'uuid',
      templateId: 'uuid',
      useDefaultTemplate: 'flag',
    },
    needs: ['teamId'],
  },
  issueUpdate: {
    fields: {
      ...issue,
      addedLabelIds: 'uuids',
      removedLabelIds: 'uuids',
      trashed: 'flag',
      snoozedUntilAt: 'time',
    },
    needs: [],
  },
  commentCreate: {
    fields: {
      ...actor,
      id: 'id',
      body: 'text',
      createdAt: 'time',
      doNotSubscribeToIssue: 'flag',
      issueId: 'issue',
      parentId: 'uuid',
      projectUpdateId: 'uuid',
      documentContentId: 'uuid',
      quotedText: 'text',
    },
    needs: [],
  },
  commentUpdate: { fields: { body: 'text', quotedText: 'text' }, needs: [] },
  attachmentCreate: {
    fields: {
      ...actor,
      id: 'id',
      issueId: 'issue',
      url: 'text',
      title: 'text',
      subtitle: 'text',
      iconUrl: 'text',
      groupBySource: 'flag',
      commentBody: 'text',
      metadata: 'object',
    },
    needs: ['issueId', 'url', 'title'],
  },
  issueLabelCreate: {
    fields: {
      id: 'id',
      name: 'text',
      color: 'color',
      description: 'text',
      isGroup: 'flag',
      parentId: 'uuid',
      teamId: 'uuid',
    },
    needs: ['name'],
  },
  issueRelationCreate: {
    fields: { id: 'id', issueId: 'issue', relatedIssueId: 'issue', type: 'relation' },
    needs: ['issueId', 'relatedIssueId', 'type'],
  },
  projectUpdateCreate: {
    fields: { id: 'uuid', body: 'text', health: 'health', isDiffHidden: 'flag', projectId: 'uuid' },
    needs: ['projectId'],
  },
  documentCreate: {
    fields: {
      id: 'id',
      title: 'text',
      content: 'text',
      color: 'color',
      icon: 'text',
      issueId: 'issue',
      projectId: 'uuid',
      sortOrder: 'number',
    },
    needs: ['title'],
  },
}

/** Checks the input of a mutation as Linear does. Throws a fault naming the field. */
export const checkInput = (mutation: string, given: Json | undefined): Fields => {
  const form = FORMS[mutation]
  if (form === undefined) throw documentFault(`Cannot query field "${mutation}" on type "Mutation".`)
  if (given === undefined || !object(given))
    throw documentFault('Variable "$input" of non-null type was not provided.')
  const input = given as Fields
  for (const name of form.needs)
    if (input[name] === undefined || input[name] === null)
      throw documentFault(`Variable "$input" got invalid value; Field "${name}" was not provided.`)
  for (const [name, value] of Object.entries(input)) {
    const kind = form.fields[name]
    if (kind === undefined)
      throw documentFault(`Variable "$input" got invalid value; Field "${name}" is not defined.`)
    const [says, fits] = KINDS[kind]
    if (value !== null && !fits(value)) throw invalid(`${name} ${says}`)
  }
  return input
}

/** Whether a text is a UUID of any version. */
export const isUuid = (value: Json | undefined): value is string => value !== undefined && uuid(value)
