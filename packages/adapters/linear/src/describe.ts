import {
  type Adapter,
  type Descriptor,
  type Fields,
  fieldsOf,
  showValue,
  soughtBy,
} from '@sessionwire/core/adapter'

const line =
  (write: (input: Partial<Fields>, id: string, descriptor: Descriptor) => string) =>
  (descriptor: Descriptor) => {
    const { input, id } = fieldsOf(
      fieldsOf(descriptor.kind === 'http' ? descriptor.payload : undefined).variables,
    )
    return write(fieldsOf(input), showValue(id), descriptor)
  }
const newIssue = line(({ title, parentId }) =>
  parentId === undefined
    ? `create issue "${showValue(title)}"`
    : `create issue "${showValue(title)}" below ${showValue(parentId)}`,
)
const comment = line(({ issueId, body }) => `comment on issue ${showValue(issueId)}: ${showValue(body)}`)
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
  editCardComment: line(({ body }) => `edit the session's comment: ${showValue(body)}`),
  editComment: line(({ body }, id) => `edit comment ${id}: ${showValue(body)}`),
  updateIssue: line((input, id) => `change ${Object.keys(input).join(', ')} of issue ${id}`),
  setStatus: line(({ stateId }, id, all) => `move issue ${id} to ${soughtBy(all) || showValue(stateId)}`),
  assign: line(
    ({ assigneeId }, id) => `assign issue ${id} to ${assigneeId === null ? 'no one' : showValue(assigneeId)}`,
  ),
  addLabels: labels('add labels to'),
  removeLabels: labels('remove labels from'),
  createLabel: line(({ name }) => `create label "${showValue(name)}"`),
  addLink: line(({ issueId, url }) => `link issue ${showValue(issueId)} to ${showValue(url)}`),
  linkIssues: line(
    ({ issueId, relatedIssueId, type }) =>
      `link issue ${showValue(issueId)} to ${showValue(relatedIssueId)} (${showValue(type)})`,
  ),
  createProjectUpdate: line(
    ({ projectId, body }) => `post an update of project ${showValue(projectId)}: ${showValue(body)}`,
  ),
  createDocument: line(({ title }) => `create document "${showValue(title)}"`),
}
