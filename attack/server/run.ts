import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Called, type Client, createClient } from './client.ts'
import { serve } from './served.ts'

/** How much is sent. */
export type LoadOptions = Readonly<{ requests: number; atOnce: number; rounds: number; kills: number }>

/** One round of requests. */
type Round = Readonly<{
  requests: number
  seconds: number
  medianMs: number
  worstMs: number
  memoryMb: number
}>

/** The result. */
export type LoadReport = Readonly<{
  rounds: readonly Round[]
  killed: Readonly<{ kills: number; answered: number; sentAgain: number; recorded: number }>
  problems: readonly string[]
}>

/** Sessions that the calls of a round are spread over. */
const SESSIONS = 16
/** Growth of the memory after the second round that is not taken for noise, MB: heap grows and shrinks by less. */
const GROWTH_MB = 48

/**
 * A port that is free, and stays so while the server is down between a kill and its next start: none of those from 32,768 on,
 * which a system gives to whoever asks for any.
 */
const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
      .once('error', () => resolve(freePort()))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })

/** Runs calls, so many at once. */
const spread = async (
  count: number,
  atOnce: number,
  call: (place: number) => Promise<Called>,
): Promise<readonly (Called | Error)[]> => {
  const results: (Called | Error)[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let place = next++; place < count; place = next++)
      results[place] = await call(place).catch((thrown: Error) => thrown)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return results
}

const startSessions = async (client: Client, name: string): Promise<readonly string[]> => {
  const started = await spread(SESSIONS, SESSIONS, place =>
    client.record('/api/sessions', { goal: `${name} ${place}`, user: 'ada', key: `${name}/${place}` }),
  )
  return started.map(each => {
    if (each instanceof Error) throw each
    return each.eventId
  })
}

const updateIn = (client: Client, ids: readonly string[], name: string) => (place: number) =>
  client.record(`/api/sessions/${ids[place % ids.length]}/updates`, {
    description: `${name} step ${place}`,
    progress: place % 100,
    key: `${name}/step/${place}`,
  })

type Shown = Readonly<{
  session: Readonly<{ updates: readonly Readonly<{ eventId: string; description: string }>[] }>
}>

/** Compares the events that are stored with those that the answers named. */
const compare = async (
  client: Client,
  ids: readonly string[],
  results: readonly (Called | Error)[],
  name: string,
): Promise<Readonly<{ recorded: number; problems: readonly string[] }>> => {
  const stored = new Map<string, string[]>()
  for (const id of ids) {
    const { session } = (await client.look(`/api/sessions/${id}`)) as unknown as Shown
    for (const { eventId, description } of session.updates)
      stored.set(description, [...(stored.get(description) ?? []), eventId])
  }
  const problems = results.flatMap((result, place) => {
    const events = stored.get(`${name} step ${place}`) ?? []
    if (result instanceof Error) return [`${name} step ${place}: ${result.message}`]
    return events.length === 1 && events[0] === result.eventId
      ? []
      : [
          `${name} step ${place}: answered as ${result.eventId}, recorded as ${events.join(' and ') || 'nothing'}`,
        ]
  })
  return { recorded: [...stored.values()].flat().length, problems }
}

const runRound = async (client: Client, { requests, atOnce }: LoadOptions, name: string) => {
  const ids = await startSessions(client, name)
  const began = performance.now()
  const results = await spread(requests, atOnce, updateIn(client, ids, name))
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const times = results.flatMap(each => (each instanceof Error ? [] : [each.ms])).sort((a, b) => a - b)
  const { problems } = await compare(client, ids, results, name)
  const again = results.filter(each => !(each instanceof Error) && each.again > 0).length
  return {
    problems: [...problems, ...(again > 0 ? [`${name}: ${again} connections broke`] : [])],
    round: {
      ...{ requests, seconds },
      medianMs: Math.round(times[times.length >> 1] ?? 0),
      worstMs: Math.round(times.at(-1) ?? 0),
    },
  }
}

/** Many requests at once, round after round; then kills in the middle of more of them. */
export const runServerLoad = async (options: LoadOptions): Promise<LoadReport> => {
  const folder = await mkdtemp(join(tmpdir(), 'served-'))
  const port = await freePort()
  const client = createClient(port)
  const problems: string[] = []
  const rounds: Round[] = []
  try {
    let server = await serve(folder, port)
    for (let number = 1; number <= options.rounds; number++) {
      const { round, problems: found } = await runRound(client, options, `round ${number}`)
      problems.push(...found)
      rounds.push({ ...round, memoryMb: server.memoryMb() })
    }
    const [second, last] = [rounds[1]?.memoryMb ?? 0, rounds.at(-1)?.memoryMb ?? 0]
    if (last - second > GROWTH_MB) problems.push(`memory grew from ${second} MB to ${last} MB`)

    const ids = await startSessions(client, 'killed')
    const call = updateIn(client, ids, 'killed')
    let answered = 0
    let restarting = Promise.resolve()
    const every = Math.ceil(options.requests / (options.kills + 1))
    const restart = async (): Promise<void> => {
      await server.end('SIGKILL')
      server = await serve(folder, port)
    }
    const results = await spread(options.requests, options.atOnce, async place => {
      const called = await call(place)
      answered++
      // The kill comes while as many others are under way as there are lanes.
      if (answered % every === 0 && answered < options.requests) restarting = restarting.then(restart)
      return called
    })
    await restarting
    const { recorded, problems: found } = await compare(client, ids, results, 'killed')
    problems.push(...found)
    if (recorded !== options.requests)
      problems.push(`${options.requests} calls were answered, ${recorded} recorded`)
    const sentAgain = results.filter(each => !(each instanceof Error) && each.again > 0).length
    if (options.kills > 0 && sentAgain === 0) problems.push('no call was under way at a kill')

    const endings = spread(options.atOnce, options.atOnce, updateIn(client, ids, 'ending'))
    const code = await server.end('SIGTERM')
    if (code !== 0) problems.push(`SIGTERM: ended with ${code}`)
    server = await serve(folder, port)
    const after = await compare(client, ids, await endings, 'ending')
    problems.push(...after.problems)
    await server.end('SIGTERM')
    return { rounds, problems, killed: { kills: options.kills, answered, sentAgain, recorded } }
  } finally {
    client.close()
    await rm(folder, { recursive: true })
  }
}
