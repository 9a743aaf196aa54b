/**
 * Whether every test runs (`npm run test:all`, and CI) or the slow files run a sample. A sample leaves out repetitions:
 * every rule, check, fault and service occurs in it.
 */
export const RUNS_ALL: boolean = process.env.SESSIONWIRE_TESTS === 'all'

/** How many random values a property is tried with: a tenth of `all` in a sample, since each run draws others. */
export const runsOf = (all: number): number => (RUNS_ALL ? all : Math.ceil(all / 10))

/** Every `step`th item from `offset` on, or all of them. */
export const sample = <T>(items: readonly T[], step: number, offset = 0): readonly T[] =>
  RUNS_ALL ? items : items.filter((_, place) => place % step === offset % step)

/**
 * The same checks run in several variants of one adapter. In a sample each check runs in one of the variants that have
 * it, in turn.
 */
export const spread = <T extends Readonly<{ name: string }>>(
  variants: readonly (readonly T[])[],
): readonly (readonly T[])[] => {
  if (RUNS_ALL) return variants
  const names = [...new Set(variants.flatMap(checks => checks.map(({ name }) => name)))]
  const home = new Map(
    names.map((name, place) => {
      const holders = variants.flatMap((checks, n) => (checks.some(each => each.name === name) ? [n] : []))
      return [name, holders[place % holders.length]]
    }),
  )
  return variants.map((checks, n) => checks.filter(({ name }) => home.get(name) === n))
}

/** Adapters in the order in which they share checks; one that is not listed runs what the first does. */
const ADAPTERS = ['files', 'github', 'jira', 'linear', 'neo4j', 'opsera', 'otlp', 'slack', 'taiga', 'webhook']
/** Checks that differ in nothing but the text they use. */
const TEXTS = [
  /^survives .* in every text/,
  /^takes at most 2\.5 times as long/,
  /^sends .* in every text of a session/,
]

/** In a sample each check of a text runs with one of the ten adapters, and all other checks run with each. */
export const thin = <T extends Readonly<{ name: string }>>(
  checks: readonly T[],
  adapter: string,
): readonly T[] => {
  if (RUNS_ALL) return checks
  const offset = Math.max(0, ADAPTERS.indexOf(adapter))
  return checks.filter(check => {
    const kind = TEXTS.find(each => each.test(check.name))
    if (kind === undefined) return true
    const place = checks.filter(({ name }) => kind.test(name)).indexOf(check)
    return place % ADAPTERS.length === offset
  })
}
