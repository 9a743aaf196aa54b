import {
  type Adapter,
  type Descriptor,
  type Fields,
  fieldsOf,
  type Json,
  showValue,
  soughtBy,
  writeLine,
} from '@sessionwire/core/adapter'

const line = (write: (input: Partial<Fields>, issue: string, descriptor: Descriptor, id: string) => string) =>
  writeLine(({ variables }, _, descriptor) => {
    const { input, id } = fieldsOf(variables)
    return write(fieldsOf(input), issueOf(id), descriptor, showValue(id))
  })
/** An issue for people: of a placeholder only the session knows which it is. */
const issueOf = (id: Json | undefined): string =>
  typeof id === 'string' ? `issue ${id}` : "the session's issue"
const newIssue = line(({ title, parentId }) =>
  parentId === undefined
    ? `create issue "${showValue(title)}"`
    : `create issue "${showValue(title)}" below ${issueOf(parentId)}`,
)
const comment = line(({ issueId, body }) => `comment on ${issueOf(issueId)}: ${showValue(body)}`)
const labels = (verb: string) =>
  line((_, issue, descriptor) => `${verb} ${issue}: ${soughtBy(descriptor) || 'by UUID'}`)

/** One line for each request, for people. */
export const describe: NonNullable<Adapter['describe']> = {
  createCard: newIssue,
  createIssue: newIssue,
  createSubIssue: newIssue,
  editCard: line((_, issue) => `edit the session's block in the description of ${issue}`),
  createCardComment: comment,
  createEntry: comment,
  createComment: comment,
  editCardComment: line(({ body }) => `edit the session's comment: ${showValue(body)}`),
  editComment: line(({ body }, _, __, id) => `edit comment ${id}: ${showValue(body)}`),
  renameCard: line(({ title }, issue) => `rename ${issue} to "${showValue(title)}"`),
  removeComment: line((_, __, ___, id) => `delete comment ${id}`),
  updateIssue: line((input, issue) => `change ${Object.keys(input).join(', ')} of ${issue}`),
  setStatus: line(({ stateId }, issue, all) => `move ${issue} to ${soughtBy(all) || showValue(stateId)}`),
  assign: line(
    ({ assigneeId }, issue) => `assign ${issue} to ${assigneeId === null ? 'no one' : showValue(assigneeId)}`,
  ),
  addLabels: labels('add labels to'),
  removeLabels: labels('remove labels from'),
  createLabel: line(({ name }) => `create label "${showValue(name)}"`),
  addLink: line(({ issueId, url }) => `link ${issueOf(issueId)} to ${showValue(url)}`),
  linkCard: line(({ issueId, url }) => `link ${issueOf(issueId)} to ${showValue(url)}`),
  removeLink: line(() => "remove a link from the session's issue"),
  linkIssues: line(
    ({ issueId, relatedIssueId, type }) =>
      `link ${issueOf(issueId)} to ${issueOf(relatedIssueId)} (${showValue(type)})`,
  ),
  createProjectUpdate: line(
    ({ projectId, body }) => `post an update of project ${showValue(projectId)}: ${showValue(body)}`,
  ),
  createDocument: line(({ title }) => `create document "${showValue(title)}"`),
}
