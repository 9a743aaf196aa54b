import { type Descriptor, provenance } from '@sessionwire/core/adapter'
import { createRandom, HOSTILE_TEXT, type Moment } from '@sessionwire/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clean, entityId } from '../src/text.ts'
import { dump, init, newProject, open, plannedOf, shuffled, storyOf, type Wire, ways, wipe } from './real.ts'

/** Texts of a mebibyte take a server seconds each: all go over Bolt, one by HTTP. */
const textsFor = (way: string) =>
  Object.entries(HOSTILE_TEXT).filter(
    ([what, text]) => way === 'Bolt' || text.length < 100_000 || what === 'long',
  )

describe.for(ways)('a graph made over %s', ([way, uri]) => {
  const wire: Wire = open(uri, { messages: true })
  let project = ''
  const each = async (list: readonly Descriptor[]) => {
    for (const descriptor of list) await wire.deliver(descriptor)
  }
  beforeAll(() => init(wire, 'test'))
  afterAll(async () => {
    await wipe(wire, 'test')
    await wire.close()
  })
  beforeEach(() => {
    project = newProject()
  })
  afterEach(() => wipe(wire, project))

  /** The same moments with links, usage, a message in place of the export, and a blocker that concerns others. */
  const enrich = (moments: readonly Moment[], other: string): readonly Moment[] =>
    moments.map(({ event, session }) => {
      const usage = { inputTokens: event.sequence * 100, outputTokens: 7, costUsd: 1 }
      const used = { ...session, usage }
      switch (event.type) {
        case 'start': {
          const kinds = ['continues', 'depends_on'] as const
          const links = kinds.map(kind => ({ kind, sessionId: other }))
          const payload = { ...event.payload, links, workspace: '/home/ada', machine: 'laptop' }
          return { event: { ...event, payload }, session }
        }
        case 'update':
          return { event: { ...event, payload: { ...event.payload, usage } }, session: used }
        case 'close':
          return { event, session: used }
        case 'blocker': {
          const relatedUpdates = session.updates.map(({ eventId }) => eventId)
          const payload = { ...event.payload, relatedUpdates, relatedEntities: ['InvoiceLock'] }
          return { event: { ...event, payload }, session }
        }
        case 'export': {
          const payload = { role: 'assistant', content: 'Done', replyTo: `m-${project}`, usage } as const
          return { event: { ...event, type: 'message', payload }, session: used } as Moment
        }
        default:
          return { event, session }
      }
    })

  /** Three sessions that follow each other, are part of one, and touch the same things. */
  const planned = () => {
    const [one = [], two = [], three = []] = [1, 2, 3].map(number => storyOf(project, number))
    const first = one[0]?.session.id ?? ''
    const linked = [two, three].map(moments =>
      moments.map(({ event, session }) => ({
        event,
        session: { ...session, previousId: first, parentId: first },
      })),
    )
    return [one, ...linked].flatMap(moments => plannedOf(wire, enrich(moments, first)))
  }

  test('holds what one session did, and nothing else', async () => {
    const moments = storyOf(project, 1).filter(({ event }) => event.type !== 'resume')
    await each(plannedOf(wire, moments))
    const id = (kind: string, of: number) =>
      `${project.slice(-12)}-0000-7001-8000-00000000${kind}${String(of).padStart(3, '0')}`
    const lock = entityId({ project, type: 'class', name: 'InvoiceLock' })
    const session = id('a', 1)
    const { by } = provenance({ session: { id: '' }, event: { id: '' } })
    const at = (minute: number) => `2026-01-01T01:0${minute}:00Z`
    const stamp = (minute: number, of: number) => `2026-01-01T01:0${minute}:00.000Z ${id('e', of)}`
    // biome-ignore format: a graph is read one node or relation at a time
    const graph = [
      `(Decision ${id('d', 1)})-[CONCERNS {}]->(Entity ${lock})`,
      `(Decision ${id('d', 1)})-[CONSIDERED {}]->(Alternative ${id('d', 1)}:alt:0)`,
      `(Decision ${id('d', 1)})-[CONSIDERED {}]->(Alternative ${id('d', 1)}:alt:1)`,
      `(Project ${project})-[HAS_STATE {}]->(ProjectState ${project})`,
      `(Session ${session})-[CREATED_ENTITY {"at":"${at(3)}"}]->(Entity ${lock})`,
      `(Session ${session})-[ENCOUNTERED_BLOCKER {}]->(Blocker ${id('b', 1)})`,
      `(Session ${session})-[HAS_PROGRESS {}]->(Progress ${id('e', 2)})`,
      `(Session ${session})-[HAS_PROGRESS {}]->(Progress ${id('e', 7)})`,
      `(Session ${session})-[IN_PROJECT {}]->(Project ${project})`,
      `(Session ${session})-[MADE_DECISION {}]->(Decision ${id('d', 1)})`,
      `(Session ${session})-[RESOLVED {"at":"${at(5)}"}]->(Blocker ${id('b', 1)})`,
      `(Session ${session})-[UPDATES_STATE {"at":"${at(8)}","progress":100,"seq":9}]->(ProjectState ${project})`,
      `Alternative ${id('d', 1)}:alt:0 {"content":"global lock","id":"${id('d', 1)}:alt:0","place":0}`,
      `Alternative ${id('d', 1)}:alt:1 {"content":"queue of one","id":"${id('d', 1)}:alt:1","place":1}`,
      `Blocker ${id('b', 1)} {"category":"external","createdAt":"${at(4)}","description":"No staging key","id":"${id('b', 1)}","project":"${project}","resolution":"Key issued by ops","resolvedAt":"${at(5)}","resolvedSeq":6,"severity":"high","status":"resolved"}`,
      `Decision ${id('d', 1)} {"category":"architecture","content":"Lock per invoice","id":"${id('d', 1)}","impact":"One row lock more per payment","project":"${project}","rationale":"Stripe retries a webhook while the first is still running","relatedEntities":["InvoiceLock"],"timestamp":"${at(2)}"}`,
      `Entity ${lock} {"createdAt":"${at(3)}","description":"Holds one invoice at a time","descriptionStamp":"${stamp(3, 4)}","id":"${lock}","name":"InvoiceLock","path":"src/lock.ts","pathStamp":"${stamp(3, 4)}","project":"${project}","propertiesJson":"{\\"lines\\":40,\\"owner\\":\\"payments\\"}","propertiesStamp":"${stamp(3, 4)}","type":"class"}`,
      `Progress ${id('e', 2)} {"id":"${id('e', 2)}","message":"Reproduced with two parallel webhooks","nextSteps":["Lock per invoice"],"percentage":35,"seq":2,"tags":["payments"],"timestamp":"${at(1)}"}`,
      `Progress ${id('e', 7)} {"id":"${id('e', 7)}","message":"Lock in place, tests green","nextSteps":[],"percentage":90,"seq":7,"tags":[],"timestamp":"${at(6)}"}`,
      `Project ${project} {"createdAt":"${at(0)}","id":"${project}","name":"${project}"}`,
      `ProjectState ${project} {"lastSessionId":"${session}","lastUpdated":"${at(8)}","name":"${project}","progress":100,"progressAt":"${at(8)}","progressStamp":"${stamp(8, 9)}","project":"${project}","stateStamp":"${stamp(8, 9)}"}`,
      `Session ${session} {"agent":"Claude","date":"2026-01-01","duration":0.13333333333333333,"endProgress":100,"endTime":"${at(8)}","goal":"Stop double charging\\nTwo webhooks at once charge a customer twice.","id":"${session}","lastMessage":"Lock in place, tests green","lastUpdate":"${at(8)}","lifecycleSeq":9,"metadataJson":"{\\"branch\\":\\"fix/double-charge\\"}","name":"Stop double charging","progress":100,"progressSeq":9,"project":"${project}","recordedBy":"${by}","refs":[],"startProgress":20,"startTime":"${at(0)}","status":"completed","summary":"Fixed in #981","updateSeq":7,"user":"fixer"}`,
    ]
    expect(await dump(wire, project)).toEqual(graph.sort())
  })

  test('is the same when every statement comes twice', async () => {
    const list = planned()
    await each(list)
    const once = await dump(wire, project)
    const has = (text: string) => once.filter(line => line.includes(text)).length
    expect([has('-[CONTINUES '), has('-[DEPENDS_ON '), has('-[HAS_MESSAGE '), has('-[REPLIES_TO ')]).toEqual([
      ...[3, 3, 3, 3],
    ])
    // The newest event that counted is the close, the ninth of its session.
    expect([has('"inputTokens":900'), has('"costUsd":1'), has('"machine":"laptop"')]).toEqual([3, 12, 3])
    expect(once.length).toBeGreaterThan(60)
    await wipe(wire, project)
    await each(list.flatMap(descriptor => [descriptor, descriptor]))
    expect(await dump(wire, project)).toEqual(once)
  })

  test.for([1, 2, 3, 4])(
    'is the same in another order, some statements twice or late, by chance %i',
    async seed => {
      const list = planned()
      await each(list)
      const inOrder = await dump(wire, project)
      await wipe(wire, project)
      const random = createRandom(seed)
      const late = list.filter(() => random() < 0.3)
      await each([...shuffled([...list, ...list.filter(() => random() < 0.3)], random), ...late])
      expect(await dump(wire, project)).toEqual(inOrder)
    },
  )

  test('keeps what a newer event set when an older one comes again', async () => {
    const list = planned()
    await each(list)
    const before = await dump(wire, project)
    for (const descriptor of shuffled(list, createRandom(7))) {
      await wire.deliver(descriptor)
      expect(await dump(wire, project)).toEqual(before)
    }
  })

  test.for(textsFor(way))('holds hostile text as it is: %s', async ([, text]) => {
    const canary = `canary ${project}`
    await wire.rows('MERGE (:Session {id: $canary, project: $canary})', { canary })
    const moments = storyOf(project, 1, { text }).map(({ event, session }) => ({
      event,
      session: { ...session, project },
    }))
    await each(plannedOf(wire, moments))
    const same = clean(text)
    // Compared by the server: some of these texts are a mebibyte, ten times over.
    const [kept] = await wire.rows(
      `MATCH (s:Session {id: $id})
       RETURN s.user = $text AS user, s.goal = $text AS goal, s.summary = $text AS summary,
         COUNT { (s)-[:HAS_PROGRESS]->(p:Progress {message: $text}) } AS steps,
         COUNT { (s)-[:MADE_DECISION]->(d:Decision {content: $text}) WHERE d.relatedEntities = [$text] } AS decisions,
         COUNT { (s)-[:MADE_DECISION]->()-[:CONSIDERED]->(a:Alternative {content: $text}) } AS alternatives,
         COUNT { (s)-[:MADE_DECISION]->()-[:CONCERNS]->(e:Entity {name: $text, path: $text}) } AS entities,
         COUNT { (s)-[:ENCOUNTERED_BLOCKER]->(b:Blocker {description: $text, resolution: $text}) } AS blockers,
         COUNT { (n) WHERE n.project = $project } AS nodes, COUNT { (:Session {id: $canary}) } AS canaries`,
      { id: moments[0]?.event.sessionId ?? '', text: same, project, canary },
    )
    expect(kept).toEqual({
      ...{ user: true, goal: true, summary: true, steps: 2, decisions: 1, alternatives: 2 },
      // Session, decision, entity, blocker and the state of the project.
      ...{ entities: 1, blockers: 1, nodes: 5, canaries: 1 },
    })
    await wipe(wire, canary)
  })
})
