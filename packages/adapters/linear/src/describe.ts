import type { Adapter, Descriptor, Json } from '@sessionwire/core/adapter'

type Fields = Readonly<Record<string, Json>>

const fields = (value: Json | undefined): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}

const UNITS = 80

/** A value as people read it; one that is filled in later by the name of its capture. */
const show = (value: Json | undefined): string => {
  if (typeof value !== 'string')
    return typeof fields(value).$ref === 'string' ? "the session's own" : String(value)
  const [line = ''] = value.split('\n').filter(each => each.trim() !== '' && !each.startsWith('▼'))
  return line.length > UNITS ? `${line.slice(0, UNITS - 1)}…` : line
}

/** The name that a look-up before the call seeks, such as that of a workflow state. */
const soughtBy = ({ before = [] }: Descriptor): string =>
  before
    .flatMap(({ where }) => (where !== undefined && 'equals' in where ? [show(where.equals)] : []))
    .join(', ')

const line =
  (write: (input: Fields, id: string, descriptor: Descriptor) => string) => (descriptor: Descriptor) => {
    const { input, id } = fields(
      fields(descriptor.kind === 'http' ? descriptor.payload : undefined).variables,
    )
    return write(fields(input), show(id), descriptor)
  }
const newIssue = line(({ title, parentId }) =>
  parentId === undefined
    ? `create issue "${show(title)}"`
    : `create issue "${show(title)}" below ${show(parentId)}`,
)
const comment = line(({ issueId, body }) => `comment on issue ${show(issueId)}: ${show(body)}`)
const labels = (verb: string) =>
  line((_, id, descriptor) => `${verb} issue ${id}: ${soughtBy(descriptor) || 'by UUID'}`)

/** One line for each request, for people. */
export const describe: NonNullable<Adapter['describe']> = {
  createCard: newIssue,
  createIssue: newIssue,
  createSubIssue: newIssue,
  editCard: line((_, id) => `edit the session's block in the description of issue ${id}`),
  createCardComment: comment,
  createEntry: comment,
  createComment: comment,
  editCardComment: line(({ body }) => `edit the session's comment: ${show(body)}`),
  editComment: line(({ body }, id) => `edit comment ${id}: ${show(body)}`),
  updateIssue: line((input, id) => `change ${Object.keys(input).join(', ')} of issue ${id}`),
  setStatus: line(({ stateId }, id, all) => `move issue ${id} to ${soughtBy(all) || show(stateId)}`),
  assign: line(
    ({ assigneeId }, id) => `assign issue ${id} to ${assigneeId === null ? 'nobody' : show(assigneeId)}`,
  ),
  addLabels: labels('add labels to'),
  removeLabels: labels('remove labels from'),
  createLabel: line(({ name }) => `create label "${show(name)}"`),
  addLink: line(({ issueId, url }) => `link issue ${show(issueId)} to ${show(url)}`),
  linkIssues: line(
    ({ issueId, relatedIssueId, type }) =>
      `link issue ${show(issueId)} to ${show(relatedIssueId)} (${show(type)})`,
  ),
  createProjectUpdate: line(
    ({ projectId, body }) => `post an update of project ${show(projectId)}: ${show(body)}`,
  ),
  createDocument: line(({ title }) => `create document "${show(title)}"`),
}
