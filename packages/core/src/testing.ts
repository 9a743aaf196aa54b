/**
 * Proof for adapters, stores and hosts: suites that need no test framework, and the base of hostile services.
 * @module testing
 */
export { createSharedMemory, type SharedMemory } from './store/memory.ts'
export type { ServiceUnderTest } from './testing/adapter-session.ts'
export { type AdapterSuiteOptions, adapterSuite, type SuiteCheck } from './testing/adapter-suite.ts'
export { createRandom, type FakeClock, fakeClock } from './testing/fakes.ts'
export type { Answer, Failure, Received, Voice } from './testing/hostile-failures.ts'
export type { Host, ServiceEffect } from './testing/hostile-host.ts'
export { type Handler, routes, segments } from './testing/hostile-request.ts'
export type { FailureRule } from './testing/hostile-rules.ts'
export {
  createHostileServer,
  type HostileOptions,
  type HostileServer,
  type Logged,
} from './testing/hostile-server.ts'
export { HOSTILE_TEXT } from './testing/hostile-text.ts'
export { plainSender } from './testing/plain-sender.ts'
export { createFastClock, createStage, type FastClock, type Stage } from './testing/stage.ts'
export {
  type StoreBench,
  type StoreFactory,
  type StoreSuiteOptions,
  storeSuite,
} from './testing/store-suite.ts'
export { type Moment, type StoryOptions, story } from './testing/story.ts'
