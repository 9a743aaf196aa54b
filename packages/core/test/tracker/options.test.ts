import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sqliteStore } from '../../src/sqlite.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { TrackerOptions } from '../../src/tracker/options.ts'
import { checkOptions } from '../../src/tracker/options.ts'
import { createTracker } from '../../src/tracker.ts'
import { refusal, tool } from '../recorder/tool.ts'

const check = async (options: unknown) => checkOptions(options as TrackerOptions)

// biome-ignore format: a table is read one line at a time
test.for([
  [undefined, 'options', 'options: missing; expected an object of options with at least a project.'],
  [{}, 'project', 'project: missing; expected one line of 1 to 256 characters that is not blank.'],
  [{ project: 'a\nb' }, 'project', 'project: invalid format; expected one line of 1 to 256 characters that is not blank.'],
  [{ project: ' ' }, 'project', 'project: invalid format; expected one line of 1 to 256 characters that is not blank.'],
  [{ project: 'p', adapter: [] }, 'adapter', 'adapter: unknown option (did you mean "adapters"?); expected one of project, user, store, adapters, deliver, crossLinks, onError, filter, redact, machine, secrets, policy, concurrency, pollMs, crashAfterMs, idleAfterMs, drainOnClose, transports, logger, newId, now, monotonic, random.'],
  [{ project: 'p', toString: 1 }, 'toString', 'toString: unknown option; expected one of project, user, store, adapters, deliver, crossLinks, onError, filter, redact, machine, secrets, policy, concurrency, pollMs, crashAfterMs, idleAfterMs, drainOnClose, transports, logger, newId, now, monotonic, random.'],
  [{ project: 'p', user: 3 }, 'user', 'user: invalid type; expected one line of 1 to 256 characters that is not blank, got the number 3.'],
  [{ project: 'p', store: 'sessions.db' }, 'store', 'store: invalid value; expected a store such as sqliteStore("sessions.db") or memoryStore(), got the string "sessions.db".'],
  [{ project: 'p', adapters: tool() }, 'adapters', 'adapters: invalid type; expected an array of adapters, got an object.'],
  [{ project: 'p', adapters: [tool] }, 'adapters[0]', 'adapters[0]: invalid adapter; expected an adapter, got a function. Call it with its options.'],
  [{ project: 'p', adapters: [Promise.resolve(tool())] }, 'adapters[0]', 'adapters[0]: invalid adapter; expected an adapter, got a promise. Await it.'],
  [{ project: 'p', adapters: [undefined, {}] }, 'adapters[1]', 'adapters[1]: invalid adapter; expected an adapter, got an object.'],
  [
    { project: 'p', adapters: [{ name: 'tool', mode: 'execute', hooks: {}, config: {}, secrets: [], limits: {} }] },
    'adapters[0]',
    'adapters[0]: incomplete adapter; missing: actions, check, outcome.',
  ],
  [
    { project: 'p', adapters: [{ mode: 'execute', actions: {}, check: { call: {} }, outcome: () => undefined, limits: { rates: {} } }] },
    'adapters[0]',
    'adapters[0]: incomplete adapter; missing: name, config, hooks, secrets.',
  ],
  [{ project: 'p', adapters: ['tool'] }, 'adapters[0]', 'adapters[0]: invalid adapter; expected an adapter, got the string "tool".'],
  [{ project: 'p', adapters: [tool({ name: 'a/b' })] }, 'adapters[0].name', 'adapters[0].name: invalid format; expected a letter, then up to 63 letters, digits, "_" or "-".'],
  [{ project: 'p', adapters: [tool({ mode: 'dry' as never })] }, 'adapters[0].mode', 'adapters[0].mode: unknown value; expected "execute", "preview" or "handoff", got the string "dry".'],
  [{ project: 'p', adapters: [{ ...tool(), hooks: { desicion: () => [] } }] }, 'adapters[0].hooks.desicion', 'adapters[0].hooks.desicion: unknown hook "desicion" (did you mean "decision"?); expected one of init, start, update, message, decision, entity, blocker, resolve, close, resume, export.'],
  [{ project: 'p', adapters: [{ ...tool(), hooks: { block: () => [] } }] }, 'adapters[0].hooks.block', 'adapters[0].hooks.block: unknown hook "block" (did you mean "blocker"?); expected one of init, start, update, message, decision, entity, blocker, resolve, close, resume, export.'],
  [{ project: 'p', adapters: [{ ...tool(), hooks: { decide: () => [] } }] }, 'adapters[0].hooks.decide', 'adapters[0].hooks.decide: unknown hook "decide" (did you mean "decision"?); expected one of init, start, update, message, decision, entity, blocker, resolve, close, resume, export.'],
  ...[() => undefined, {}, null, { effect: 'read' }].map(q => [
    { project: 'p', adapters: [{ ...tool(), actions: { q } }] }, 'adapters[0].actions.q', 'adapters[0].actions.q: invalid action; expected one made by action() or read().',
  ] as const),
  ...([
    [5, '', 'invalid type; expected { count, perMs }, got the number 5'],
    [{ count: 0, perMs: 1_000 }, '.count', 'out of range; expected a whole number from 1, got the number 0'],
    [{ count: 5 }, '.perMs', 'missing; expected a number of milliseconds from 1 to 3153600000000 (100 years)'],
    [{ count: 5, perMs: 0 }, '.perMs', 'out of range; expected a number of milliseconds from 1 to 3153600000000 (100 years), got the number 0'],
    [{ count: '5', perMs: 1_000 }, '.count', 'invalid type; expected a whole number from 1, got the string "5"'],
  ] as const).map(([x, below, problem]) => [
    { project: 'p', adapters: [{ ...tool(), limits: { rates: { x } } }] },
    `adapters[0].limits.rates.x${below}`,
    `adapters[0].limits.rates.x${below}: ${problem}.`,
  ] as const),
  ...([
    [-1, 'out of range', 'the number -1'],
    [0, 'out of range', 'the number 0'],
    [Number.NaN, 'out of range', 'the number NaN'],
    [Number.POSITIVE_INFINITY, 'out of range', 'the number Infinity'],
    [1.5, 'invalid value', 'the number 1.5'],
    ['4', 'invalid type', 'the string "4"'],
    [null, 'invalid type', 'null'],
  ] as const).map(([concurrency, problem, got]) => [
    { project: 'p', adapters: [{ ...tool(), limits: { concurrency, rates: {} } }] },
    'adapters[0].limits.concurrency',
    `adapters[0].limits.concurrency: ${problem}; expected a whole number from 1, got ${got}.`,
  ] as const),
  [{ project: 'p', adapters: [{ ...tool(), hooks: { update: [] } }] }, 'adapters[0].hooks.update', 'adapters[0].hooks.update: invalid value; expected a function (payload, session) => steps, got an array of 0.'],
  [{ project: 'p', adapters: [tool(), tool()] }, 'adapters[1]', 'adapters[1]: two adapters are named "tool". Give one another name with `as`.'],
  [{ project: 'p', deliver: 'no' }, 'deliver', 'deliver: invalid type; expected true or false, got the string "no".'],
  [{ project: 'p', onError: 'ignore' }, 'onError', 'onError: unknown value; expected "throw" or "report", got the string "ignore".'],
  [{ project: 'p', filter: {} }, 'filter', 'filter: invalid value; expected a function, got an object.'],
  [{ project: 'p', secrets: {} }, 'secrets', 'secrets: invalid value; expected a function such as (name) => values[name], got an object.'],
  [{ project: 'p', policy: { retries: 3 } }, 'policy.retries', 'policy.retries: unknown option; expected one of backoffMs, backoffMaxMs, giveUpAfterMs, giveUpAttempts, afterMs, timeoutMs, readTimeoutMs, leaseMarginMs, downAfter, deniedCheckMs, unreportedMax.'],
  [{ project: 'p', policy: { backoffMs: -1 } }, 'policy.backoffMs', 'policy.backoffMs: out of range; expected a number of milliseconds from 0 to 86400000, got the number -1.'],
  [{ project: 'p', concurrency: 0 }, 'concurrency', 'concurrency: out of range; expected a whole number from 1 to 10000, got the number 0.'],
  [{ project: 'p', crashAfterMs: '10m' }, 'crashAfterMs', 'crashAfterMs: invalid type; expected a number of milliseconds from 0 to 3153600000000 (100 years), got the string "10m".'],
  [{ project: 'p', transports: { tool: {} } }, 'transports.tool', 'transports.tool: invalid value; expected a transport: an object with the function send, got an object.'],
  [{ project: 'p', adapters: [tool()], transports: { tol: {} } }, 'transports.tol', 'transports.tol: invalid value; expected a transport: an object with the function send, got an object.'],
  [{ project: 'p', logger: console.log }, 'logger', 'logger: invalid value; expected an object with the functions warn and error, got a function.'],
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

const DAY = 86_400_000
const given = (field: string, value: number) => {
  const [first = '', second] = field.split('.')
  return { project: 'p', [first]: second === undefined ? value : { [second]: value } }
}

// biome-ignore format: a table is read one line at a time
test.for([
  ['pollMs', [1, 5_000, DAY], [0, DAY + 1]],
  ['crashAfterMs', [0, 2 ** 31, 365 * DAY], [4e12]],
  ['idleAfterMs', [0, 2 ** 31, 365 * DAY], [4e12]],
  ['drainOnClose', [0, 2 ** 31, DAY], [4e12]],
  ['concurrency', [1, 10_000], [0, 1.5, 10_001, 2 ** 31]],
  ['policy.giveUpAfterMs', [0, 2 ** 31, 365 * DAY], [4e12]],
  ['policy.backoffMs', [0, DAY], [DAY + 1, 2 ** 31]],
  ['policy.backoffMaxMs', [0, DAY], [DAY + 1]],
  ['policy.afterMs', [0, DAY], [DAY + 1]],
  ['policy.deniedCheckMs', [0, DAY], [DAY + 1]],
  ['policy.timeoutMs', [1, 3_600_000], [0, 2 ** 31]],
  ['policy.readTimeoutMs', [1, 3_600_000], [0, 2 ** 31]],
  ['policy.leaseMarginMs', [0, 3_600_000], [2 ** 31]],
  ['policy.giveUpAttempts', [0, 5], [1.5]],
  ['policy.downAfter', [1, 5], [0, 1.5]],
  ['policy.unreportedMax', [1, 3], [0, 1.5]],
] as const)('takes numbers of %s that work, and refuses the others by its name', async ([field, good, bad]) => {
  for (const value of good) expect(await check(given(field, value))).toEqual([])
  for (const value of [...bad, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300])
    expect([value, (await refusal(check(given(field, value))) as readonly unknown[]).slice(0, 2)]).toEqual([
      value,
      ['CONFIG', field],
    ])
})

test('a session of a century ago is not looked for by a date that does not exist', async () => {
  const CENTURY = 3_153_600_000_000
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    store: sqliteStore(join(mkdtempSync(join(tmpdir(), 'century-')), 's.db')),
    crashAfterMs: CENTURY,
    idleAfterMs: CENTURY,
  })
  expect(await tracker.sweep()).toEqual([])
  expect(await tracker.prune({ olderThanMs: CENTURY, keepMs: CENTURY })).toEqual({
    sessions: 0,
    deliveries: 0,
    messages: 0,
  })
  expect(await tracker.drain({ timeoutMs: Number.POSITIVE_INFINITY })).toEqual({ done: true, left: {} })
  await tracker.close()
})

test('a backup is a store of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  const tracker = await createTracker({ project: 'p', user: 'u', store: sqliteStore(join(folder, 's.db')) })
  const { id } = await tracker.start({ goal: 'x' })
  await tracker.backup(join(folder, 'copy.db'))
  await tracker.close()
  const copy = await createTracker({ project: 'p', user: 'u', store: sqliteStore(join(folder, 'copy.db')) })
  expect((await copy.sessions()).map(each => each.id)).toEqual([id])
  await copy.close()
  const bare = await createTracker({ project: 'p', user: 'u' })
  expect(await refusal(bare.backup(join(folder, 'other.db')))).toEqual([
    'CONFIG',
    'store',
    'store: the store in memory makes no backup. Pass sqliteStore() as `store`, or back it up by its own means.',
  ])
  await bare.close()
})
