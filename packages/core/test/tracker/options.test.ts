import { expect, test } from 'vitest'
import { memoryStore } from '../../src/store/memory.ts'
import type { TrackerOptions } from '../../src/tracker/options.ts'
import { checkOptions } from '../../src/tracker/options.ts'
import { refusal, tool } from '../recorder/tool.ts'

const check = (options: unknown) => checkOptions(options as TrackerOptions)

// biome-ignore format: a table is read one line at a time
test.for([
  [undefined, 'options', 'options: give an object with at least a project.'],
  [{}, 'project', 'project: say what the sessions belong to.'],
  [{ project: ' ' }, 'project', 'project: give a text of 1 to 256 characters.'],
  [{ project: 'p', adapter: [] }, 'adapter', 'adapter: it is not known: did you mean "adapters"? There is project, user, store, adapters, deliver, onError, filter, secrets, policy, concurrency, pollMs, crashAfterMs, idleAfterMs, drainOnClose, transports, logger, newId, now, monotonic, random.'],
  [{ project: 'p', toString: 1 }, 'toString', 'toString: it is not known: use project, user, store, adapters, deliver, onError, filter, secrets, policy, concurrency, pollMs, crashAfterMs, idleAfterMs, drainOnClose, transports, logger, newId, now, monotonic, random.'],
  [{ project: 'p', user: 3 }, 'user', 'user: give a text of 1 to 256 characters.'],
  [{ project: 'p', store: 'sessions.db' }, 'store', 'store: give a store, as in sqliteStore("sessions.db") or memoryStore().'],
  [{ project: 'p', adapters: tool() }, 'adapters', 'adapters: give a list of adapters.'],
  [{ project: 'p', adapters: [tool] }, 'adapters[0]', 'adapters[0]: it is a function: call it with its options.'],
  [{ project: 'p', adapters: [Promise.resolve(tool())] }, 'adapters[0]', 'adapters[0]: it is a promise: await it.'],
  [{ project: 'p', adapters: [undefined, {}] }, 'adapters[1]', 'adapters[1]: it is no adapter.'],
  [
    { project: 'p', adapters: [{ name: 'tool', mode: 'execute', hooks: {}, config: {}, secrets: [], limits: {} }] },
    'adapters[0]',
    'adapters[0]: it is no whole adapter: it must have actions, an object of what action() and read() made; limits, { rates: {} }; check, { call } of a cheap read; outcome, a function (reply, sent) => Outcome.',
  ],
  [
    { project: 'p', adapters: [{ mode: 'execute', actions: {}, check: { call: {} }, outcome: () => undefined, limits: { rates: {} } }] },
    'adapters[0]',
    'adapters[0]: it is no whole adapter: it must have name, a text; config, what actions and hooks are given, such as {}; hooks, an object of functions (payload, session) => steps; secrets, a list of names.',
  ],
  [{ project: 'p', adapters: ['tool'] }, 'adapters[0]', 'adapters[0]: it is no adapter.'],
  [{ project: 'p', adapters: [tool({ name: 'a/b' })] }, 'adapters[0]', 'adapters[0]: its name "a/b" must be letters, digits, "_" and "-".'],
  [{ project: 'p', adapters: [tool({ mode: 'dry' as never })] }, 'adapters[0]', 'adapters[0]: its mode "dry" must be execute, preview or handoff.'],
  [{ project: 'p', adapters: [{ ...tool(), hooks: { desicion: () => [] } }] }, 'adapters[0]', 'adapters[0]: there is no hook "desicion": did you mean "decision"? There is init, start, update, decision, entity, blocker, resolve, close, resume, export.'],
  [{ project: 'p', adapters: [{ ...tool(), hooks: { block: () => [] } }] }, 'adapters[0]', 'adapters[0]: there is no hook "block": did you mean "blocker"? There is init, start, update, decision, entity, blocker, resolve, close, resume, export.'],
  [{ project: 'p', adapters: [{ ...tool(), hooks: { decide: () => [] } }] }, 'adapters[0]', 'adapters[0]: there is no hook "decide": did you mean "decision"? There is init, start, update, decision, entity, blocker, resolve, close, resume, export.'],
  ...[() => undefined, {}, null, { effect: 'read' }].map(q => [
    { project: 'p', adapters: [{ ...tool(), actions: { q } }] }, 'adapters[0]', 'adapters[0]: its action "q" is none: make it with action() or read().',
  ] as const),
  ...[5, { count: 0, perMs: 1_000 }, { count: 5 }, { count: 5, perMs: 0 }, { count: '5', perMs: 1_000 }].map(x => [
    { project: 'p', adapters: [{ ...tool(), limits: { rates: { x } } }] }, 'adapters[0]', 'adapters[0]: its rate "x" must be { count, perMs }, numbers from 1: so many calls in so many milliseconds.',
  ] as const),
  [{ project: 'p', adapters: [{ ...tool(), hooks: { update: [] } }] }, 'adapters[0]', 'adapters[0]: its hook "update" is no function.'],
  [{ project: 'p', adapters: [tool(), tool()] }, 'adapters[1]', 'adapters[1]: two adapters are named "tool": give one another name with `as`.'],
  [{ project: 'p', deliver: 'no' }, 'deliver', 'deliver: give true or false.'],
  [{ project: 'p', onError: 'ignore' }, 'onError', 'onError: give "throw" or "report".'],
  [{ project: 'p', filter: {} }, 'filter', 'filter: give a function.'],
  [{ project: 'p', secrets: {} }, 'secrets', 'secrets: give a function from the name of a secret to its value.'],
  [{ project: 'p', policy: { retries: 3 } }, 'policy.retries', 'policy.retries: it is not known: use backoffMs, backoffMaxMs, giveUpAfterMs, giveUpAttempts, afterMs, timeoutMs, readTimeoutMs, leaseMarginMs, downAfter, deniedCheckMs, unreportedMax.'],
  [{ project: 'p', policy: { backoffMs: -1 } }, 'policy.backoffMs', 'policy.backoffMs: give a number from 0.'],
  [{ project: 'p', concurrency: 0 }, 'concurrency', 'concurrency: give a whole number from 1.'],
  [{ project: 'p', crashAfterMs: '10m' }, 'crashAfterMs', 'crashAfterMs: give a number of milliseconds from 0.'],
  [{ project: 'p', transports: { tool: {} } }, 'transports.tool', 'transports.tool: there is no adapter of this name: there is none.'],
  [{ project: 'p', adapters: [tool()], transports: { tol: {} } }, 'transports.tol', 'transports.tol: there is no adapter of this name: did you mean "tool"? There is tool.'],
  [{ project: 'p', logger: console.log }, 'logger', 'logger: give warn and error.'],
] as const)('refuses wrong options %#', async ([options, field, message]) => {
  expect(await refusal(check(options))).toEqual(['CONFIG', field, message])
})

test('passes over adapters that the environment does not ask for', async () => {
  const [one, two] = [tool(), tool({ name: 'two' })]
  expect(await checkOptions({ project: 'p', adapters: [undefined, one, false, null, two] })).toEqual([
    one,
    two,
  ])
})

test('takes undefined for left out', async () => {
  expect(
    await checkOptions({
      project: 'p',
      user: undefined,
      store: memoryStore(),
      policy: undefined,
      adapters: undefined,
    }),
  ).toEqual([])
})
