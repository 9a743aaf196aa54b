import type { Json } from '@sessionwire/core/adapter'
import { fieldsOf, listOf, refuse } from './answers.ts'
import { type StoredIssue, showIssue, type World } from './world.ts'

type Term = Readonly<{ field: string; equal: boolean; value: string }>

const TERM = /\s*([\w[\]]+)\s*(!=|=)\s*("(?:[^"\\]|\\.)*"|[\w-]+(?:\(\))?)\s*/y

const unquote = (value: string) =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value

/** Terms joined by AND in alternatives joined by OR; refuses other queries as Jira refuses wrong ones. */
const parse = (jql: string): readonly (readonly Term[])[] => {
  const [condition = ''] = jql.split(/\border by\b/i)
  if (condition.trim() === '')
    return refuse(
      400,
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    )
  const alternatives: Term[][] = []
  let terms: Term[] = []
  TERM.lastIndex = 0
  for (;;) {
    const found = TERM.exec(condition)
    if (found === null) return refuse(400, `Error in the JQL Query: ${condition}`)
    terms.push({
      field: (found[1] ?? '').toLowerCase(),
      equal: found[2] === '=',
      value: unquote(found[3] ?? ''),
    })
    const at = TERM.lastIndex
    if (at === condition.length) return [...alternatives, terms]
    const [joined, word] = /^(AND|OR)\s/i.exec(condition.slice(at)) ?? []
    if (joined === undefined) return refuse(400, `Error in the JQL Query near ${condition.slice(at)}`)
    if (word?.toUpperCase() === 'OR') {
      alternatives.push(terms)
      terms = []
    }
    TERM.lastIndex = at + joined.length
  }
}

const VALUES: Readonly<
  Record<
    string,
    (issue: StoredIssue, fields: Partial<Readonly<Record<string, Json>>>, me: string) => readonly string[]
  >
> = {
  labels: (_, fields) => listOf(fields.labels).map(String),
  project: (_, fields) => [String(fieldsOf(fields.project).key)],
  issuetype: (_, fields) => [String(fieldsOf(fields.issuetype).name)],
  status: (_, fields) => [String(fieldsOf(fields.status).name)],
  statuscategory: (_, fields) => [String(fieldsOf(fieldsOf(fields.status).statusCategory).name)],
  parent: (_, fields) => [String(fieldsOf(fields.parent).key)],
  'cf[10008]': (_, fields) => [String(fields.customfield_10008)],
  assignee: (_, fields, me) => [fieldsOf(fields.assignee).accountId === me ? 'currentUser()' : ''],
  issue: issue => [issue.key, issue.id, ...issue.formerKeys],
  key: issue => [issue.key, issue.id, ...issue.formerKeys],
}

/** The issues of an index that a query finds, oldest first. */
export const findIssues = (
  world: World,
  index: readonly StoredIssue[],
  jql: string,
  me: string,
): readonly StoredIssue[] => {
  const alternatives = parse(jql)
  for (const { field, value } of alternatives.flat()) {
    if (VALUES[field] === undefined)
      refuse(400, `Field '${field}' does not exist or you do not have permission to view it.`)
    if (field === 'project' && !world.projects.some(({ key }) => key === value))
      refuse(400, `The value '${value}' does not exist for the field 'project'.`)
    if (
      (field === 'issue' || field === 'key') &&
      !world.issues.some(each => VALUES.issue?.(each, {}, me).includes(value))
    )
      refuse(400, `An issue with key '${value}' does not exist for field '${field}'.`)
  }
  return index.filter(issue => {
    const fields = fieldsOf(fieldsOf(showIssue(world, issue, ['*all'])).fields)
    return alternatives.some(terms =>
      terms.every(
        ({ field, equal, value }) =>
          (VALUES[field]?.(issue, fields, me) ?? []).some(
            each => each.toLowerCase() === value.toLowerCase(),
          ) === equal,
      ),
    )
  })
}

/** The index of the search: it has each change after `lag` more searches. */
export const createIndex = (issues: () => readonly StoredIssue[], lag: number) => {
  const due = new Map<string, number>()
  const known = new Map<string, StoredIssue>()
  const settle = (ready: (left: number) => boolean) => {
    for (const issue of issues()) {
      if (!ready(due.get(issue.id) ?? Number.POSITIVE_INFINITY)) continue
      known.set(issue.id, structuredClone(issue))
      due.delete(issue.id)
    }
  }
  return {
    changed: ({ id }: StoredIssue) => void due.set(id, lag),
    all: () => settle(left => left < Number.POSITIVE_INFINITY),
    removed: (id: string) => void known.delete(id),
    issues: () => [...known.values()],
    search: () => {
      settle(left => left <= 0)
      const now = [...known.values()]
      for (const [id, left] of due) due.set(id, left - 1)
      return now
    },
  }
}
