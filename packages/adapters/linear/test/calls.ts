import { type Call, type Descriptor, type Json, type Lookup, plan } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { type LinearOptions, linear } from '../src/index.ts'

/** A GraphQL request of ours, wherever it stands in a descriptor. */
export type Request = Readonly<{
  from: string
  query: string
  variables: Readonly<Record<string, Json>>
}>

const TEAM = '9cfb482a-81e3-4154-b5b9-2c805e70a02d'
const PROJECT = '5c1f2e3d-1111-4222-8333-444455556666'

const request = (from: string, call: Call): Request => {
  if (call.kind !== 'http') throw new Error(`${from} is not HTTP`)
  const { query, variables } = call.payload as Readonly<{ query: string; variables: Request['variables'] }>
  return { from, query, variables }
}

const ofLookup = (from: string, { call, next }: Lookup): readonly Request[] => {
  const first = request(from, call)
  // A later page has a cursor.
  return next === undefined
    ? [first]
    : [first, { ...first, from: `${from}, next page`, variables: { ...first.variables, after: 'cursor' } }]
}

const ofDescriptor = (descriptor: Descriptor): readonly Request[] => [
  request(descriptor.action, descriptor),
  ...(descriptor.before ?? []).flatMap((each, place) =>
    ofLookup(`${descriptor.action}, before ${place}`, each),
  ),
  ...(typeof descriptor.repeat === 'string'
    ? []
    : ofLookup(`${descriptor.action}, look-up`, descriptor.repeat as Lookup)),
]

const OPTIONS: readonly LinearOptions[] = [
  { teamId: TEAM },
  {
    teamId: 'BIL',
    projectId: PROJECT,
    labels: ['Bug'],
    priority: 2,
    statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
    sessionUrl: 'https://example.com/sessions/{id}',
    updates: 'each',
    auth: 'oauth',
  },
]

/** More inputs than the examples have, so that every field is sent once. */
const INPUTS: Readonly<Record<string, Json>> = {
  createIssue: {
    title: 'Lock',
    body: { markdown: '**bold**' },
    team: 'OPS',
    status: 'Todo',
    labels: ['Bug', '5c1f2e3d-1111-4222-8333-444455556667'],
    assignee: '5c1f2e3d-1111-4222-8333-444455556668',
    projectId: PROJECT,
    priority: 1,
    estimate: 3,
    dueDate: '2026-02-01',
    parent: 'BIL-1',
  },
  updateIssue: {
    issue: 'BIL-1',
    title: 'Lock',
    body: 'text',
    status: 'Todo',
    assignee: null,
    projectId: null,
    priority: 0,
    estimate: null,
    dueDate: null,
    parent: null,
  },
  createComment: { issue: 'BIL-1', body: 'yes', parent: '5c1f2e3d-1111-4222-8333-444455556669' },
  createLabel: { name: 'agent', team: null, color: '#5E6AD2', description: 'by an agent' },
  addLink: {
    issue: 'BIL-1',
    url: 'https://example.com/1',
    title: 'One',
    subtitle: 'passed',
    iconUrl: 'https://example.com/1.png',
    metadata: { run: 1 },
  },
  createDocument: { title: 'One', body: 'text', issue: 'BIL-1' },
  search: { query: 'lock', team: 'BIL', limit: 10, cursor: 'c' },
  listLabels: { all: true },
  findUsers: { email: 'ada@example.com', name: 'ada' },
}

/** Every request this adapter can make: by hooks, by actions with little and with much, by look-ups, by the check. */
const requests = (): readonly Request[] =>
  OPTIONS.flatMap(options => {
    const adapter = linear(options)
    const at = { key: 'act/linear/0', config: adapter.config }
    const moments = [story(), story({ refs: { linear: { issue: 'BIL-212' } } })].flat()
    const hooks = moments.flatMap(({ event, session }) => plan(adapter, event, session)).flatMap(ofDescriptor)
    const actions = Object.values(adapter.actions).flatMap(action =>
      [action.example, INPUTS[action.action]].flatMap(input => {
        if (input === undefined) return []
        if (action.effect !== 'read')
          return ofDescriptor((action as (raw: unknown) => (at: unknown) => Descriptor)(input)(at))
        return ofLookup(
          action.action,
          (action.build as (value: unknown, at: unknown) => Lookup)(action.input.parse(input), at),
        )
      }),
    )
    const lookups = [
      ...(adapter.cardLookups ?? []),
      ...(adapter.probes ?? []).map(({ lookup }) => lookup),
    ].flatMap(lookup => ofLookup('look-up', lookup))
    return [...hooks, ...actions, ...ofLookup('check', adapter.check), ...lookups]
  })

/** Each document once, with all variables it was sent with. */
export const documents = (): ReadonlyMap<string, readonly Request[]> =>
  Map.groupBy(requests(), ({ query }) => query)
