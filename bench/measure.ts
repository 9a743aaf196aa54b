import { cpus, loadavg, totalmem } from 'node:os'

/** One line of the report: ours against a floor measured in the same run. */
export type Row = Readonly<{
  what: string
  /** The unit of `ours` and `floor`. */
  unit: string
  ours: number
  floor?: number
  ratio?: number
  /** The promise: `ratio >= 0.6`, `ours < 50`. */
  bound: string
  holds: boolean
  /** Processor time of ours and of the floor, ms, and the floor's over ours: all threads, and the main thread alone. */
  cpu?: Readonly<{ ours: number; floor: number; ratio: number }>
  thread?: Readonly<{ ours: number; floor: number; ratio: number }>
  /** Half the spread of the middle half of the rounds, as a share of the median; of ours and of the floor. */
  noise?: string
  note?: string
}>

const sort = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

/** The middle value. */
export const median = (values: readonly number[]): number => {
  const all = sort(values)
  const middle = Math.floor(all.length / 2)
  return all.length % 2 === 1 ? (all[middle] ?? 0) : ((all[middle - 1] ?? 0) + (all[middle] ?? 0)) / 2
}

/** The value below which `share` of all lie. */
export const percentile = (values: readonly number[], share: number): number => {
  const all = sort(values)
  return all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0
}

const spread = (values: readonly number[]): string => {
  const half = (percentile(values, 0.75) - percentile(values, 0.25)) / 2
  return `±${Math.round((100 * half) / median(values))} %`
}

/** Milliseconds that a piece of work takes. */
export const measureMs = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * The cost of a piece of work, ms: time, processor in all threads of this process (that of compiling and of collecting garbage
 * too), and processor in the main thread alone.
 */
export type Cost = Readonly<{ ms: number; cpuMs: number; threadMs: number }>

/** Measures time and processor of a piece of work. Other load on the machine changes the second much less. */
export const measureCost = async (work: () => unknown): Promise<Cost> => {
  const before = process.cpuUsage()
  const thread = process.threadCpuUsage()
  const ms = await measureMs(work)
  const sum = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000
  return {
    ms,
    cpuMs: sum(process.cpuUsage(before)),
    threadMs: sum(process.threadCpuUsage(thread)),
  }
}

type Compared = Readonly<{ ours: number; floor: number; ratio: number; noise: string }>

/** Runs ours and the floor in turn, changing which goes first, after one round each that does not count. */
const inTurns = async <R>(rounds: number, ours: () => Promise<R>, floor: () => Promise<R>) => {
  const mine: R[] = []
  const theirs: R[] = []
  await ours()
  await floor()
  for (let round = 0; round < rounds; round++) {
    const turns = round % 2 === 0 ? [0, 1] : [1, 0]
    for (const turn of turns) {
      globalThis.gc?.()
      if (turn === 0) mine.push(await ours())
      else theirs.push(await floor())
    }
  }
  return { mine, theirs }
}

const compareValues = (mine: readonly number[], theirs: readonly number[]): Compared => {
  const result = { ours: median(mine), floor: median(theirs) }
  return { ...result, ratio: result.floor / result.ours, noise: `${spread(mine)}, ${spread(theirs)}` }
}

/**
 * Compares times in milliseconds: the ratio is the floor's median over ours: 1 is as fast, 0.5 takes twice as long.
 */
export const compare = async (
  rounds: number,
  ours: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<Compared> => {
  const { mine, theirs } = await inTurns(rounds, ours, floor)
  return compareValues(mine, theirs)
}

/** Compares times, and also processor times, which depend less on what else the machine does. */
export const compareCost = async (
  rounds: number,
  ours: () => Promise<Cost>,
  floor: () => Promise<Cost>,
): Promise<Compared & Readonly<{ cpu: Compared; thread: Compared }>> => {
  const { mine, theirs } = await inTurns(rounds, ours, floor)
  const of = (costs: readonly Cost[], name: keyof Cost) => costs.map(cost => cost[name])
  return {
    ...compareValues(of(mine, 'ms'), of(theirs, 'ms')),
    cpu: compareValues(of(mine, 'cpuMs'), of(theirs, 'cpuMs')),
    thread: compareValues(of(mine, 'threadMs'), of(theirs, 'threadMs')),
  }
}

/** The machine that this was measured on. */
export const machine = (): string => {
  const [cpu] = cpus()
  const load = (loadavg()[0] ?? 0).toFixed(2)
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, SQLite ${process.versions.sqlite ?? '?'}, load ${load}`
}

const number = (value: number | undefined): string =>
  value === undefined
    ? ''
    : value >= 100
      ? value.toFixed(0)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(4)

const ratioOf = (of: Row['cpu']): string =>
  of === undefined ? '' : `${number(of.ours)} ms, ${number(of.floor)} ms: ${number(of.ratio)}`

/** The report as a Markdown table. */
export const report = (rows: readonly Row[]): string => {
  const lines = rows.map(
    row =>
      `| ${[row.what, `${number(row.ours)} ${row.unit}`, row.floor === undefined ? '' : `${number(row.floor)} ${row.unit}`, number(row.ratio), row.bound, row.holds ? 'met' : '**not met**', row.noise ?? '', ratioOf(row.cpu), ratioOf(row.thread), row.note ?? ''].join(' | ')} |`,
  )
  const head =
    '| what | ours | floor | floor ÷ ours | promised | | noise (ours, floor) | processor, all threads | processor, main thread | |'
  return [head, '|---|---|---|---|---|---|---|---|---|---|', ...lines].join('\n')
}
