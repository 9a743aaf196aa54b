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
  'packages/adapters/linear/test/tracker.test.ts',
  'packages/adapters/opsera/test/contract.test.ts',
  'packages/adapters/slack/test/contract.test.ts',
  'packages/core/test/alive.test.ts',
  'packages/adapters/otlp/test/delivery.test.ts',
  'packages/adapters/webhook/test/delivery.test.ts',
  'attack/test/callbacks.test.ts',
  'packages/otel/test/otel.test.ts',
  'packages/core/test/tracker/secrets.test.ts',
]
/** How many files that fill a processor begin between two that wait. */
const BETWEEN = 3

/**
 * The longest first, as vitest has it, but files that wait apart from each other: all at the beginning they would leave two
 * processors without work, and all others would share them afterwards.
 */
export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number =>
      WAITING.findIndex(path => moduleId.replaceAll('\\', '/').endsWith(`/${path}`))
    const sorted = await super.sort(files)
    const waiting = sorted.filter(each => placeOf(each) >= 0).sort((a, b) => placeOf(a) - placeOf(b))
    const others = sorted.filter(each => placeOf(each) < 0)
    const mixed = others.flatMap((each, n) => (n % BETWEEN === 0 ? [...waiting.splice(0, 1), each] : [each]))
    return [...mixed, ...waiting]
  }
}
