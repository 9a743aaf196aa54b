import { createRandom } from '@sessionwire/core/testing'

/** One recording call. `n` grows; `session` says which of the run's sessions. */
export type Step = Readonly<{
  n: number
  session: number
  kind:
    | ('start' | 'update' | 'decide' | 'block' | 'resolve' | 'entity' | 'message' | 'close')
    // A session that is left and resumed; a message that is recorded and erased; direct calls.
    | ('rest' | 'forget' | 'below' | 'apart' | 'once')
  /** The value that `update` sets. */
  progress: number
  /** Length of its longest text: long ones fill the WAL. */
  length: number
}>

const MIDDLE = [
  'update',
  'update',
  'decide',
  'decide',
  'block',
  'resolve',
  'entity',
  'message',
  'rest',
  'forget',
  'below',
  'apart',
  'once',
] as const

/** The steps of a run: a few sessions side by side, drawn from the seed. */
export const steps = (seed: number): readonly Step[] => {
  const random = createRandom(seed * 7 + 1)
  const below = (most: number): number => Math.floor(random() * most)
  const sessions = 2 + below(3)
  const isLong = random() < 0.35
  const left = Array.from({ length: sessions }, () => 4 + below(6))
  const begun = new Set<number>()
  const made: Step[] = []
  const add = (session: number, kind: Step['kind']): void => {
    const length = isLong && random() < 0.6 ? 20_000 + below(20_000) : 10 + below(60)
    made.push({ n: made.length + 1, session, kind, progress: below(101), length })
  }
  while (left.some(count => count >= 0)) {
    const open = left.flatMap((count, session) => (count >= 0 ? [session] : []))
    const session = open[below(open.length)] as number
    if (!begun.has(session)) {
      begun.add(session)
      add(session, 'start')
    } else {
      add(session, left[session] === 0 ? 'close' : (MIDDLE[below(MIDDLE.length)] as Step['kind']))
      left[session] = (left[session] as number) - 1
    }
  }
  return made
}

/** Whether so much is recorded that checkpoints are made while a run goes on. */
export const isLong = (made: readonly Step[]): boolean =>
  made.reduce((sum, { length }) => sum + length, 0) > 400_000

/** Every second step is recorded with a key, so that a later life may make the same call again. The blocker that `resolve` resolves differs. */
export const keyOf = ({ n, kind }: Pick<Step, 'n' | 'kind'>): string | undefined =>
  n % 2 === 0 && kind !== 'resolve' ? `step-${n}` : undefined

/** How often a process that makes these calls passes places that few calls lead to. */
export const passesOf = (made: readonly Step[]): Readonly<{ key: number; erase: number }> => ({
  // A start that is made again is looked for by its key.
  key: made.filter(({ kind, session }) => kind === 'start' && isKeyed(session)).length,
  // Before it erases, and after.
  erase: 2 * made.filter(({ kind }) => kind === 'forget').length,
})

/** Whether a session is begun with a key, so that a later life may begin it again. */
export const isKeyed = (session: number): boolean => session % 2 === 0

/** The sign a call carries in its texts: which step, and in which life of the process that recorded it. With a key, it is the same in all. */
export const markOf = (step: Pick<Step, 'n' | 'kind'>, life: number): string =>
  `m${step.n}x${keyOf(step) === undefined ? life : 0}`

/** The sign of a session, in its goal. */
export const goalOf = (session: number): string => `G${session}g`

/** Every sign in a text, oldest first. */
export const marksIn = (text: string): readonly string[] =>
  [...new Set(text.match(/\bm\d+x\d+\b/g) ?? [])].sort(byAge)

const parts = (mark: string): readonly [n: number, life: number] => {
  const [n = 0, life = 0] = mark.slice(1).split('x').map(Number)
  return [n, life]
}

/** Which of two signs is older: a later step, or the same step in a later life, is newer. */
export const byAge = (a: string, b: string): number => {
  const [n, life] = parts(a)
  const [otherN, otherLife] = parts(b)
  return n - otherN || life - otherLife
}
