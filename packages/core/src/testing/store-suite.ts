import type { SuiteCheck } from './adapter-suite.ts'
import { claimingCases } from './store-suite-claiming.ts'
import { runGenerated } from './store-suite-generated.ts'
import { type Cases, onGround, type StoreFactory } from './store-suite-ground.ts'
import { keepingCases } from './store-suite-keeping.ts'
import { leaseCases } from './store-suite-leases.ts'
import { messageCases } from './store-suite-messages.ts'
import { owedCases } from './store-suite-owed.ts'
import { placingCases } from './store-suite-placing.ts'
import { rateCases } from './store-suite-rates.ts'
import { recordingCases } from './store-suite-recording.ts'
import { searchCases } from './store-suite-search.ts'
import { settlingCases } from './store-suite-settling.ts'
import { sharingCases } from './store-suite-sharing.ts'
import { textCases } from './store-suite-text.ts'

export type { StoreBench, StoreFactory } from './store-suite-ground.ts'

const SUBJECTS: Readonly<Record<string, Cases>> = {
  recording: recordingCases,
  messages: messageCases,
  search: searchCases,
  placing: placingCases,
  claiming: claimingCases,
  rates: rateCases,
  sharing: sharingCases,
  leases: leaseCases,
  settling: settlingCases,
  owed: owedCases,
  keeping: keepingCases,
  text: textCases,
}

/** How far the runs of chance go. */
export type StoreSuiteOptions = Readonly<{
  /** Runs of chance, each with its own seed. Default 20. */
  runs?: number
  /** Steps of a run. Default 80. */
  steps?: number
}>

/**
 * Everything a store must do, as checks for any test framework: each throws a plain `Error` that says what is wrong. The
 * factory is called once for each check. The last ones make random runs and compare each step with the memory store.
 */
export const storeSuite = (
  factory: StoreFactory,
  { runs = 20, steps = 80 }: StoreSuiteOptions = {},
): readonly SuiteCheck[] => [
  ...Object.entries(SUBJECTS).flatMap(([subject, cases]) =>
    Object.entries(cases).map(([name, run]) => ({
      name: `${subject}: ${name}`,
      run: () => onGround(factory, run),
    })),
  ),
  ...Array.from({ length: runs }, (_, n) => ({
    name: `chance: does what the memory store does, seed ${n + 1}`,
    run: () => runGenerated(factory, n + 1, steps),
  })),
]
