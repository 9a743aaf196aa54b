import assert from 'node:assert/strict'
import type { AnyAdapter } from '../adapter/contract.ts'
import type { Environment } from '../adapter/environment.ts'
import type { Descriptor, Lookup } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { isTrackerError } from '../session/errors.ts'
import { HOOKS } from '../session/events.ts'
import { LONG_BYTES } from '../session/text.ts'
import {
  actionsOf,
  assertAction,
  assertDescriptor,
  assertLookup,
  assertPlain,
  assertPlans,
  build,
  planStory,
  refuses,
  skeleton,
  textsIn,
  withText,
} from './adapter-checks.ts'
import { commonChecks } from './adapter-common.ts'
import { outcomeChecks } from './adapter-outcomes.ts'
import {
  carrierOf,
  carrySession,
  type ServiceUnderTest,
  sendExamples,
  type Trouble,
} from './adapter-session.ts'
import { sendOnce } from './carry.ts'
import { HOSTILE_TEXT } from './hostile-text.ts'
import { type Moment, story } from './story.ts'

/** One thing to prove. */
export type SuiteCheck = Readonly<{
  /** As a test runner shows it. */
  name: string
  /** Rejects when it is not so. */
  run: () => Promise<void>
}>

/** Options of the suite for one adapter. */
export type AdapterSuiteOptions = Readonly<{
  /** Makes the adapter as a user would, with these options over the smallest valid ones. Throws what the factory throws. */
  make: (options?: Readonly<Record<string, unknown>>) => AnyAdapter
  /** Values of its secrets by name. They must be found nowhere in what it makes. */
  secrets: Readonly<Record<string, string>>
  /** Its `fromEnv`, and the settings that it needs in addition to `secrets`. Default: `fromEnv` is not checked. */
  fromEnv?: Readonly<{
    /** Makes the adapter from an environment, or none. */
    make: (env: Environment) => AnyAdapter | undefined
    /** Variables that are not secrets, by name. */
    settings: Environment
  }>
  /** Wrong options over the smallest valid ones, and the field the error must name, as in `linear.teamId`. */
  wrong: readonly Readonly<{ options: Readonly<Record<string, unknown>>; field: string }>[]
  /** Refs that `start` accepts for it, by bare name: a story is planned with them as well. Default: none. */
  refs?: Readonly<Record<string, string>>
  /** Replies that report a failure in this service's own form. Default: none. */
  failures?: readonly Reply[]
  /** Values of `updates`. Default all three; empty where there is no such option. */
  updates?: readonly string[]
  /** Starts the hostile service, to which whole sessions are sent. Default: nothing is sent. */
  service?: () => Promise<ServiceUnderTest>
  /** How many entries the suite's story leaves below its card. Default 4: a decision, a blocker, its end, the summary. */
  entries?: number
  /** How many cards the suite's story makes. Default 1. */
  cards?: number
}>

const check = (name: string, run: () => void | Promise<void>): SuiteCheck => ({
  name,
  run: async () => run(),
})

/** The story as it is sent: to its close. */
const whole = (options: Parameters<typeof story>[0] = {}): readonly Moment[] =>
  story({ ...options, hooks: HOOKS.filter(hook => hook !== 'resume' && hook !== 'export') })

const underName = (name: string, refs: Readonly<Record<string, string>>) => ({ [name]: refs })

const shapeChecks = (options: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const { make, refs = {}, updates: updatings = ['card', 'each', 'off'] } = options
  const adapter = make()
  const given = Object.keys(refs)
  return [
    check('says what it is', () => {
      assert.match(adapter.name, /^[a-z][a-z0-9-]*$/, 'name must be small letters, digits and -')
      assert.ok(['execute', 'preview', 'handoff'].includes(adapter.mode), 'mode: execute, preview or handoff')
      assert.ok(!adapter.secrets.includes(''), 'secrets are names, and one is empty')
      for (const [name, { count, perMs }] of Object.entries(adapter.limits.rates))
        assert.ok(count >= 1 && perMs >= 1, `the rate of ${name} lets nothing pass`)
      assert.ok((adapter.limits.concurrency ?? 1) >= 1)
      assertPlain(JSON.parse(JSON.stringify(adapter.config)), 'config')
      assertLookup(adapter, adapter.check, 'check')
    }),
    ...Object.entries(actionsOf(adapter)).map(([name, action]) =>
      check(`action ${name} keeps the rules of an action`, () => {
        assert.equal(action.action, name)
        assertAction(adapter, action)
      }),
    ),
    check(
      'plans the same twice, with the keys of the contract, and what one call needs another captured',
      () => assertPlans(adapter, story(), []),
    ),
    ...updatings.map(updates =>
      check(`plans well under another name with updates: '${updates}'`, () =>
        assertPlans(make({ as: 'other', updates }), story(), []),
      ),
    ),
    ...(given.length === 0
      ? []
      : [
          check('takes up what refs name, and captures under other names', () =>
            assertPlans(adapter, story({ refs: underName(adapter.name, refs) }), given),
          ),
          check('does not take up what refs of another adapter name', () =>
            assertPlans(adapter, story({ refs: underName('stranger', refs) }), []),
          ),
        ]),
    check('plans nothing for what `when` leaves out', () => {
      const why =
        'take an option `when`, a function, and hand it on as `when` of the adapter: users leave events out by it'
      assert.doesNotThrow(() => make({ when: () => false }), why)
      assert.equal(planStory(make({ when: () => false }), story()).length, 0, why)
    }),
  ]
}

const configChecks = ({ make, wrong, secrets, fromEnv }: AdapterSuiteOptions): readonly SuiteCheck[] => [
  ...[...wrong, { options: { unheardOf: 1 }, field: 'unheardOf' }].map(({ options, field }) =>
    check(`refuses ${JSON.stringify(options)}, naming ${field}`, () => {
      assert.throws(
        () => make(options),
        (error: unknown) => {
          assert.ok(isTrackerError(error) && error.code === 'CONFIG', `not a CONFIG error: ${error}`)
          assert.ok(error.message.includes(field), `the message does not name ${field}: ${error.message}`)
          if (error.field !== undefined)
            assert.ok(
              error.message.startsWith(error.field),
              `\`field\` is ${error.field}, not that of the message: ${error.message}`,
            )
          return true
        },
      )
    }),
  ),
  check('keeps every secret value out of what it makes', () => {
    const adapters = [make(), fromEnv?.make({ ...fromEnv.settings, ...secrets })]
    const made = adapters.flatMap(adapter =>
      adapter === undefined
        ? []
        : [
            [adapter.config, adapter.check, adapter.limits, adapter.secrets],
            planStory(adapter, story()),
            Object.values(actionsOf(adapter)).map(action => build(adapter, action, action.example)),
          ],
    )
    const text = JSON.stringify(made)
    for (const [name, value] of Object.entries(secrets))
      assert.ok(!text.includes(value), `the value of ${name} is in it`)
  }),
  ...(fromEnv === undefined
    ? []
    : [
        check('comes from the environment when its secrets are set, and only then', () => {
          const env = { ...fromEnv.settings, ...secrets }
          const adapter = fromEnv.make(env)
          assert.ok(adapter, 'no adapter although everything is set')
          const enabled = `${adapter.name.toUpperCase()}_ENABLED`
          assert.equal(fromEnv.make({}), undefined)
          assert.equal(fromEnv.make({ ...env, [enabled]: 'false' }), undefined)
          assert.ok(
            refuses(() => fromEnv.make({ [enabled]: 'true' }), ['CONFIG']),
            `${enabled} alone does not throw CONFIG`,
          )
          assert.ok(refuses(() => fromEnv.make({ ...env, [enabled]: 'maybe' }), ['CONFIG']))
        }),
      ]),
]

const textChecks = ({ make }: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const adapter = make()
  const benign = skeleton(planStory(adapter, story({ text: 'text' })))
  return Object.entries(HOSTILE_TEXT).map(([what, text]) =>
    check(`survives ${what} in every text of a session and of every action`, () => {
      const planned = planStory(adapter, story({ text }))
      for (const descriptor of planned) assertDescriptor(adapter, descriptor)
      assert.deepEqual(skeleton(planned), benign, 'the text changed which calls there are')
      for (const action of Object.values(actionsOf(adapter)))
        for (const place of textsIn(action.example))
          refuses(() => {
            const built = build(adapter, action, withText(action.example, place, text))
            if (action.effect === 'read') assertLookup(adapter, built as Lookup, action.action)
            else assertDescriptor(adapter, built as Descriptor)
          })
    }),
  )
}

const serviceChecks = (options: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const { service, make, secrets, cards = 1, entries = 4 } = options
  if (service === undefined) return []
  const valid = (started: ServiceUnderTest) => ({ ...secrets, ...started.secrets })
  const at = async (use: (service: ServiceUnderTest, adapter: AnyAdapter) => Promise<void>) => {
    const started = await service()
    try {
      await use(started, make(started.options))
    } finally {
      await started.server.close()
    }
  }
  const sendWhole = (name: string, trouble: Trouble) =>
    check(name, () =>
      at(async (started, adapter) => {
        await carrySession(carrierOf(adapter, started, valid(started)), started, whole(), trouble)
        assert.deepEqual(started.inspect(), { cards, entries })
        assert.equal(started.server.counts().doubled, 0, 'something was done twice')
      }),
    )
  return [
    sendWhole('sends a whole session that the service accepts', 'none'),
    sendWhole('finds again what was applied when every first answer is lost', 'answer lost'),
    sendWhole('sends again what never arrived when every first request is lost', 'request lost'),
    ...Object.entries(HOSTILE_TEXT).map(([what, long]) =>
      check(`sends ${what} in every text of a session, and the service accepts it`, () =>
        at(async (started, adapter) => {
          // Longer text is never recorded; that hooks survive it is held above.
          const text = long.slice(0, LONG_BYTES)
          await carrySession(carrierOf(adapter, started, valid(started)), started, whole({ text }))
          assert.equal(started.server.counts().refusedRepeats, 0)
        }),
      ),
    ),
    check('sends what every action makes of its example, and the service accepts it', () =>
      at(async (started, adapter) => {
        const carrier = carrierOf(adapter, started, valid(started))
        const refused = await sendExamples(carrier, started, whole().slice(0, 1))
        assert.deepEqual(
          refused,
          [],
          'an example that names something the service does not have needs `inputOf` of `service`',
        )
      }),
    ),
    check('checks its credential', () =>
      at(async (started, adapter) => {
        const wrong =
          started.wrongSecrets ?? Object.fromEntries(Object.keys(secrets).map(name => [name, 'wrong']))
        const askWith = async (values: Readonly<Record<string, string>>) => {
          const carrier = carrierOf(adapter, started, values)
          const sending = { action: 'check', role: 'check' } as const
          return (await sendOnce(carrier, adapter.check.call, {}, carrier.now(), sending)).outcome.kind
        }
        const meant = `${await askWith(valid(started))}, ${await askWith(wrong)}`
        assert.equal(
          meant,
          'delivered, denied',
          `with a right and with a wrong credential, \`check\` meant ${meant}: it must need the credential, and outcome must answer denied where it is refused`,
        )
      }),
    ),
  ]
}

/** Everything an adapter promises, as checks that need no test framework. Run each in a test of its own. */
export const adapterSuite = (options: AdapterSuiteOptions): readonly SuiteCheck[] => [
  ...shapeChecks(options),
  ...configChecks(options),
  ...textChecks(options),
  ...commonChecks(options),
  ...outcomeChecks(options.make(), options.failures ?? []).map(([name, run]) => check(name, run)),
  ...serviceChecks(options),
]
