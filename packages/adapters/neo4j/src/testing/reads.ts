import type { Json } from '@sessionwire/core/adapter'
import type { Applied, Given, Graph, SessionNode } from './graph.ts'

type Row = Readonly<Record<string, Json>>
type Reading = (graph: Graph, given: Given) => readonly Row[]

/** A moment as `toString` of Cypher writes it: without the zeros at the end of a fraction. */
const moment = (value: Json | undefined): string | null =>
  typeof value === 'string' ? new Date(value).toISOString().replace(/0+Z$/, 'Z').replace('.Z', 'Z') : null

const within = (time: Json | undefined, { since, until }: Given): boolean =>
  (typeof since !== 'string' || String(time) >= since) && (typeof until !== 'string' || String(time) < until)

const matches = (wanted: Json | undefined, value: Json | undefined): boolean =>
  wanted === null || wanted === value

const takeLimit = <T>(list: readonly T[], { limit }: Given): readonly T[] =>
  typeof limit === 'number' ? list.slice(0, limit) : list

const byTime = (left: Applied, right: Applied): number =>
  String(left.given.at) < String(right.given.at) ? 1 : String(left.given.at) > String(right.given.at) ? -1 : 0

const rowOf = ({ start = {}, ...node }: SessionNode): Row => ({
  id: node.id,
  name: start.name ?? null,
  goal: start.goal ?? null,
  user: start.user ?? null,
  agent: start.agent ?? null,
  project: node.project,
  url: start.url ?? null,
  workspace: start.workspace ?? null,
  machine: start.machine ?? null,
  inputTokens: node.total?.inputTokens ?? null,
  outputTokens: node.total?.outputTokens ?? null,
  costUsd: node.total?.costUsd ?? null,
  status: node.status,
  progress: node.progress,
  startProgress: start.progress ?? null,
  summary: node.summary,
  lastMessage: node.lastMessage,
  duration: node.hours,
  startTime: moment(start.at),
  endTime: moment(node.endTime),
  lastUpdate: moment(node.lastUpdate),
})

/** Sessions that have started, newest first. */
const listStarted = (graph: Graph): readonly SessionNode[] =>
  graph
    .sessions()
    .filter(({ start }) => start !== undefined)
    .sort((left, right) => (String(left.start?.at) < String(right.start?.at) ? 1 : -1))

const counts = (graph: Graph, id: string): Row => ({
  updates: graph.ofSession(id, 'recordProgress').length,
  decisions: graph.ofSession(id, 'recordDecision').length,
  entities: new Set(graph.ofSession(id, 'recordEntity').map(({ given }) => given.entityId)).size,
  blockers: graph.ofSession(id, 'openBlocker').length,
})

const blockerRow = (graph: Graph, { given }: Applied): Row => ({
  id: given.blockerId ?? null,
  description: given.description ?? null,
  category: given.category ?? null,
  severity: given.severity ?? null,
  status: graph.resolution(given.blockerId) === undefined ? 'active' : 'resolved',
  resolution: graph.resolution(given.blockerId)?.resolution ?? null,
  at: moment(given.at),
  resolvedAt: moment(graph.resolution(given.blockerId)?.at),
})

const alternativesOf = (given: Given): readonly Json[] =>
  (given.alternatives as readonly Readonly<{ content: string }>[]).map(({ content }) => content)

const decisionRow = ({ given }: Applied): Row => ({
  id: given.decisionId ?? null,
  content: given.content ?? null,
  rationale: given.rationale ?? null,
  impact: given.impact ?? null,
  category: given.category ?? null,
  relatedEntities: given.relatedEntities ?? [],
  at: moment(given.at),
  alternatives: alternativesOf(given),
})

const progressRow = ({ given }: Applied): Row => ({
  id: given.eventId ?? null,
  seq: given.seq ?? null,
  percentage: given.progress ?? null,
  message: given.message ?? null,
  tags: given.tags ?? [],
  nextSteps: given.nextSteps ?? [],
  at: moment(given.at),
})

const entityRow = (graph: Graph, { given }: Applied): Row => ({
  id: given.entityId ?? null,
  name: given.name ?? null,
  type: given.type ?? null,
  path: given.path ?? null,
  description: given.description ?? null,
  propertiesJson: given.propertiesJson ?? null,
  observations: graph
    .all('addObservation')
    .filter(each => each.given.entityId === given.entityId)
    .map(each => each.given.content ?? null),
})

const messageRow = ({ given }: Applied): Row => ({
  id: given.eventId ?? null,
  seq: given.seq ?? null,
  role: given.role ?? null,
  name: given.name ?? null,
  model: given.model ?? null,
  content: given.content ?? null,
  at: moment(given.at),
})

const linksOf = (start: Given = {}): readonly Row[] =>
  (
    [
      ['continues', 'continuedIds'],
      ['depends_on', 'neededIds'],
      ['references', 'referencedIds'],
    ] as const
  ).flatMap(([kind, ids]) =>
    [...((start[ids] ?? []) as readonly string[])].sort().map(sessionId => ({ kind, sessionId })),
  )

const exportSession = (graph: Graph, id: string): Row => {
  const node = graph.session(id)
  const bySeq = (left: Applied, right: Applied) => Number(left.given.seq) - Number(right.given.seq)
  const [previous = null] = (node.start?.previousIds ?? []) as readonly string[]
  const [parent = null] = (node.start?.parentIds ?? []) as readonly string[]
  return {
    session: {
      ...rowOf(node),
      metadataJson: node.start?.metadataJson ?? null,
      refs: node.start?.refs ?? null,
      follows: previous,
      partOf: parent,
      links: linksOf(node.start),
    },
    messages: graph.ofSession(id, 'recordMessage').toSorted(bySeq).map(messageRow),
    progress: graph.ofSession(id, 'recordProgress').toSorted(bySeq).map(progressRow),
    decisions: graph.ofSession(id, 'recordDecision').toSorted(byTime).reverse().map(decisionRow),
    entities: graph.ofSession(id, 'recordEntity').map(each => entityRow(graph, each)),
    blockers: graph
      .ofSession(id, 'openBlocker')
      .toSorted(byTime)
      .reverse()
      .map(each => blockerRow(graph, each)),
  }
}

const stateOf = (graph: Graph, project: Json | undefined): readonly Row[] => {
  const ofProject = (...actions: readonly string[]) =>
    graph.all(...actions).filter(({ given }) => given.project === project)
  const latest = (list: readonly Applied[], field: string) =>
    list
      .filter(({ given }) => given[field] !== null && given[field] !== undefined)
      .toSorted((left, right) => (String(left.given.stamp) < String(right.given.stamp) ? 1 : -1))[0]?.given
  const ends = ofProject('endSession')
  const sets = ofProject('setProjectState')
  const registered = ofProject('registerProject').length > 0
  if (!registered && ends.length + sets.length === 0) return []
  const moved = latest([...ends, ...sets], 'progress')
  const last = latest(ends, 'at')
  return [
    {
      project: project ?? null,
      progress: moved?.progress ?? (registered ? 0 : null),
      phase: latest(sets, 'phase')?.phase ?? (registered ? 'Initialization' : null),
      note: latest(sets, 'note')?.note ?? null,
      lastSessionId: last?.sessionId ?? null,
      lastUpdated: moment(last?.at),
      progressAt: moment(moved?.at),
    },
  ]
}

/** The reads the hostile server answers from its graph, as the real one does; others have no rows. */
export const READS: Readonly<Record<string, Reading>> = {
  listSessions: (graph, given) =>
    takeLimit(
      listStarted(graph).filter(
        ({ project, status, start }) =>
          project === given.project &&
          matches(given.user, start?.user) &&
          matches(given.status, status) &&
          within(start?.at, given),
      ),
      given,
    ).map(node => ({ ...rowOf(node), ...counts(graph, node.id) })),
  getLastSession: (graph, given) =>
    listStarted(graph)
      .filter(({ project, start }) => project === given.project && matches(given.user, start?.user))
      .slice(0, 1)
      .map(rowOf),
  listActiveSessions: (graph, given) =>
    takeLimit(
      listStarted(graph)
        .filter(({ status }) => status === 'active')
        .filter(({ project, start }) => matches(given.project, project) && matches(given.user, start?.user))
        .sort((left, right) => (String(left.lastUpdate) < String(right.lastUpdate) ? 1 : -1)),
      given,
    ).map(rowOf),
  listOpenBlockers: (graph, given) =>
    takeLimit(
      graph
        .all('openBlocker')
        .filter(each => each.given.project === given.project)
        .filter(each => graph.resolution(each.given.blockerId) === undefined)
        .toSorted(byTime),
      given,
    ).map(
      ({
        given: {
          blockerId = null,
          description = null,
          category = null,
          severity = null,
          at,
          sessionId = null,
        },
      }) => ({
        id: blockerId,
        description,
        category,
        severity,
        createdAt: moment(at),
        sessions: [sessionId],
      }),
    ),
  listDecisions: (graph, given) =>
    takeLimit(
      graph
        .all('recordDecision')
        .filter(each => each.given.project === given.project && matches(given.category, each.given.category))
        .filter(each => within(each.given.at, given))
        .toSorted(byTime),
      given,
    ).map(each => ({
      ...decisionRow(each),
      sessionId: each.given.sessionId ?? null,
      supersededBy:
        graph
          .all('recordDecision')
          .find(other =>
            (other.given.supersededIds as readonly Json[]).includes(each.given.decisionId ?? null),
          )?.given.decisionId ?? null,
    })),
  listProgress: (graph, given) =>
    takeLimit(
      graph
        .all('recordProgress')
        .filter(each => each.given.project === given.project && each.given.progress !== null)
        .filter(each => within(each.given.at, given))
        .toSorted(byTime),
      given,
    )
      .toReversed()
      .map(each => ({
        at: moment(each.given.at),
        percentage: each.given.progress ?? null,
        message: each.given.message ?? null,
        sessionId: each.given.sessionId ?? null,
      })),
  getSession: (graph, { sessionId }) =>
    graph.sessions().some(({ id }) => id === sessionId) ? [exportSession(graph, String(sessionId))] : [],
  getProjectState: (graph, { project }) => stateOf(graph, project),
}
