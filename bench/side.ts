import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { type Cost, compareCost } from './measure.ts'

type Work = (...given: never[]) => Promise<unknown>
type Answer<Result> = Readonly<{ result: Result } | { problem: string }>

/** One side of a comparison, in a process of its own that waits between its rounds. */
export type Side<Result> = Readonly<{ round: () => Promise<Result>; close: () => Promise<void> }>

/**
 * Starts a process that calls the function `name` of the module `file` once a round, always with `given`. Node's options are
 * those of this process. It ends with this process, or when it is closed.
 */
export const startSide = <Called extends Work>(
  file: URL,
  name: string,
  ...given: Parameters<Called>
): Side<Awaited<ReturnType<Called>>> => {
  type Result = Awaited<ReturnType<Called>>
  const child = fork(fileURLToPath(import.meta.url), [file.href, name], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const end = new Promise<string>(resolve =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
  )
  // The end of the process says more than a message that did not get through.
  const send = (message: 'round' | typeof given): void => void child.send(message, () => undefined)
  send(given)
  return {
    round: async (): Promise<Result> => {
      const answered = new Promise<Answer<Result>>(resolve =>
        child.once('message', message => resolve(message as Answer<Result>)),
      )
      send('round')
      const ended = end.then(how => ({ problem: `the process of ${name} ended with ${how}` }))
      const answer: Answer<Result> = await Promise.race([answered, ended])
      if ('problem' in answer) throw new Error(answer.problem)
      return answer.result
    },
    close: async () => {
      if (child.connected) child.disconnect()
      await end
    },
  }
}

/** Rounds that do not count: until then the engine compiles what runs often. */
const WARM = 5

/**
 * Compares two sides, each in its process, and ends them. No collection of garbage is forced: each side pays for its own alone, and
 * a forced one throws compiled code away, which is made again in the next round.
 */
export const compareSides = async (rounds: number, ours: Side<Cost>, floor: Side<Cost>) => {
  try {
    // The comparison itself begins with one more.
    for (let round = 1; round < WARM; round++) {
      await ours.round()
      await floor.round()
    }
    return await compareCost(rounds, ours.round, floor.round)
  } finally {
    await Promise.all([ours.close(), floor.close()])
  }
}

/** The process of a side: it does nothing but wait until it is asked for a round. */
const serve = (file: string, name: string): void => {
  let given: Parameters<Work> | undefined
  const run = async (): Promise<Answer<unknown>> => {
    try {
      const { [name]: work } = (await import(file)) as Readonly<Record<string, Work>>
      return { result: await (work as Work)(...(given ?? [])) }
    } catch (thrown) {
      return { problem: inspect(thrown, { depth: null }) }
    }
  }
  process.on('disconnect', () => process.exit())
  process.on('message', async message => {
    if (message === 'round') process.send?.(await run())
    else given = message as Parameters<Work>
  })
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url))
  serve(process.argv[2] ?? '', process.argv[3] ?? '')
