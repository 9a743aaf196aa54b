import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that wait for clocks and services most of their time, the longest first. One that is not here is only started later. */
export const WAITING: readonly string[] = [
  'packages/adapters/files/test/disk.test.ts',
  'packages/core/test/whole-times.test.ts',
  'packages/core/test/transport.requests.test.ts',
  'packages/cli/test/json.test.ts',
  'attack/test/forget.test.ts',
  'packages/adapters/linear/test/people.test.ts',
  'packages/adapters/opsera/test/delivery.test.ts',
  'packages/adapters/slack/test/delivery.test.ts',
  'packages/adapters/github/test/delivery.test.ts',
  'packages/adapters/linear/test/tracker.test.ts',
  'packages/adapters/opsera/test/contract.test.ts',
  'packages/adapters/slack/test/contract.test.ts',
  'packages/adapters/taiga/test/delivery.test.ts',
  'packages/core/test/alive.test.ts',
  'packages/cli/test/interrupted.test.ts',
  'packages/adapters/otlp/test/delivery.test.ts',
  'packages/adapters/webhook/test/delivery.test.ts',
  'attack/test/callbacks.test.ts',
  'packages/otel/test/otel.test.ts',
  'packages/core/test/tracker/secrets.test.ts',
]
/**
 * Files that take longest of all others, the longest first. vitest knows that from earlier runs; without one, as on a fresh
 * clone, it takes the largest files for the longest, and these would begin late, when few others are left beside them.
 */
export const LONG: readonly string[] = [
  'packages/core/test/simulator.test.ts',
  'packages/server/test/stdio.test.ts',
  'packages/server/test/hand-over.test.ts',
  'attack/test/faults.test.ts',
  'packages/cli/test/told.test.ts',
  'packages/stores/postgres/test/pglite.test.ts',
  'packages/core/test/sqlite.test.ts',
  'packages/hosts/test/crash.test.ts',
  'packages/hosts/test/secrets.test.ts',
  'packages/cli/test/hosts.test.ts',
  'packages/cli/test/hindered.test.ts',
  'packages/otel/test/processes.test.ts',
  'packages/server/test/signals.test.ts',
  'packages/cli/test/traps.test.ts',
  'packages/adapters/jira/test/tracker.test.ts',
  'packages/adapters/jira/test/contract.test.ts',
  'attack/test/trust.test.ts',
  'packages/hosts/test/install.test.ts',
  'packages/hosts/test/ingest.test.ts',
  'packages/core/test/testing/adapter-common.test.ts',
  'packages/adapters/neo4j/test/statements.test.ts',
  'attack/test/long-life.test.ts',
  'packages/hosts/test/large.test.ts',
  'packages/cli/test/earlier.test.ts',
  'packages/core/test/tracker/default-store.test.ts',
  'packages/core/test/sqlite.processes.test.ts',
  'packages/hosts/test/whole.test.ts',
  'packages/cli/test/streams.test.ts',
  'packages/core/test/sqlite.locks.test.ts',
]
/** How many files that fill a processor begin between the first two that wait; each time one more, as they get shorter. */
const BETWEEN = 3

/**
 * The longest first, as vitest has it, but files that wait apart from each other: all at the beginning they would leave two
 * processors without work, and all others would share them afterwards.
 */
export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waiting = pick(sorted, WAITING)
    const long = pick(sorted, LONG)
    const others = [...long, ...sorted.filter(each => !waiting.includes(each) && !long.includes(each))]
    const mixed = waiting.flatMap((each, n) => [each, ...others.splice(0, BETWEEN + n)])
    return [...mixed, ...others]
  }
}

/** Those that are listed, in the order of the list. */
const pick = (files: readonly TestSpecification[], paths: readonly string[]): TestSpecification[] =>
  paths.flatMap(path => files.filter(({ moduleId }) => moduleId.replaceAll('\\', '/').endsWith(`/${path}`)))
