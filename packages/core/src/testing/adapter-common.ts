import assert from 'node:assert/strict'
import type { AnyAdapter } from '../adapter/contract.ts'
import { destinationOf, guardTransport, misdirection } from '../delivery/secrets.ts'
import { soughtBy } from '../descriptor/captures.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Call, Descriptor, Lookup } from '../descriptor/descriptor.ts'
import { needs, secretsIn } from '../descriptor/refs.ts'
import { memoryStore } from '../store/memory.ts'
import { createTracker } from '../tracker.ts'
import { actionsOf, build, planStory, refuses } from './adapter-checks.ts'
import { growthChecks } from './adapter-growth.ts'
import { pages } from './adapter-replies.ts'
import type { ServiceUnderTest } from './adapter-session.ts'
import type { AdapterSuiteOptions, SuiteCheck } from './adapter-suite.ts'
import { createHostileServer } from './hostile-server.ts'
import { plainSender } from './plain-sender.ts'
import { story } from './story.ts'

type Run = () => void | Promise<void>
const check = (name: string, run: Run): SuiteCheck => ({ name, run: async () => run() })

/** Every call that an adapter may send: what the hooks of a story and every action plan, its reads and its check. */
const callsOf = (adapter: AnyAdapter): readonly Call[] => {
  const readsOf = ({ before = [], instead, repeat }: Descriptor) => [
    ...before.map(({ call }) => call),
    ...(typeof repeat === 'object' ? [repeat.call] : []),
    ...(instead === undefined ? [] : [instead.find.call, instead.edit, instead.create]),
  ]
  const acted = Object.values(actionsOf(adapter)).map(action => build(adapter, action, action.example))
  const planned = [
    ...planStory(adapter, story()),
    ...acted.filter((each): each is Descriptor => 'key' in each),
  ]
  const lookups = [
    ...acted.filter((each): each is Lookup => 'call' in each),
    ...(adapter.cardLookups ?? []),
    ...(adapter.probes ?? []).map(({ lookup }) => lookup),
    adapter.check,
  ]
  return [...planned, ...planned.flatMap(readsOf), ...lookups.map(({ call }) => call)]
}

const updatesPlanned = (adapter: AnyAdapter): readonly Descriptor[] =>
  planStory(
    adapter,
    story().filter(({ event }) => event.type === 'update'),
  )

const textOf = (value: unknown): string => JSON.stringify(value)

const optionChecks = ({ make, secrets, updates }: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const adapter = make()
  const whole = planStory(adapter, story())
  const names = Object.keys(secrets)
  const renamed = Object.fromEntries(names.map(name => [name, `OTHER_${name}`]))
  return [
    check('option `as` names the adapter', () => assert.equal(make({ as: 'other' }).name, 'other')),
    check('option `mode` is the mode of the adapter', () => {
      for (const mode of ['execute', 'preview', 'handoff']) assert.equal(make({ mode }).mode, mode)
    }),
    check('option `secrets` renames them everywhere', () => {
      const other = make({ secrets: renamed })
      const used = new Set(callsOf(other).flatMap(secretsIn))
      for (const name of [...used, ...other.secrets])
        assert.ok(Object.values(renamed).includes(name), `it still uses the secret ${name}`)
    }),
    check('option `sessionUrl` links the session, and nothing else does', () => {
      const linked = textOf(planStory(make({ sessionUrl: 'https://sessions.example/s/{id}' }), story()))
      const [first] = story()
      assert.ok(
        linked.includes(`https://sessions.example/s/${first?.session.id}`),
        'the link is in no request',
      )
      assert.ok(!textOf(whole).includes('sessions.example'))
    }),
    check('option `transform` changes or leaves out what is planned', () => {
      assert.deepEqual(planStory(make({ transform: () => undefined }), story()), [])
      const changed = planStory(
        make({ transform: (each: Descriptor) => ({ ...each, asterisk: 'changed' }) }),
        story(),
      )
      assert.equal(changed.length, whole.length)
      for (const each of changed) assert.equal(each.asterisk, 'changed')
      const moved = make({ transform: (each: Descriptor) => ({ ...each, key: 'other' }) })
      assert.ok(
        refuses(() => planStory(moved, story()), ['ADAPTER']),
        'a changed key is not refused',
      )
    }),
    check("option `onDoubt: 'repeat'` marks what cannot be looked up, and it stays valid", () => {
      const unsafe = whole.filter(({ repeat }) => repeat === 'unsafe')
      const repeated = planStory(make({ onDoubt: 'repeat' }), story()).filter(
        each => each.onDoubt === 'repeat',
      )
      assert.equal(repeated.length, unsafe.length)
      for (const each of repeated) checkDescriptor(each)
    }),
    check('option `headers` is kept, and never takes a credential', () => {
      assert.deepEqual(make({ headers: { 'x-suite': 'a' } }).headers, { 'x-suite': 'a' })
      for (const name of ['Authorization', 'cookie', 'X-Api-Key', 'content-type'])
        assert.ok(
          refuses(() => make({ headers: { [name]: 'x' } }), ['CONFIG']),
          `${name} is accepted`,
        )
    }),
    ...((updates ?? ['card', 'each', 'off']).length < 3
      ? []
      : [
          check('option `updates` edits the card, adds entries too, or does nothing', () => {
            const [card, each, off] = ['card', 'each', 'off'].map(value =>
              updatesPlanned(make({ updates: value })),
            )
            assert.ok((card?.length ?? 0) > 0, "updates: 'card' plans nothing for an update")
            assert.ok((each?.length ?? 0) >= (card?.length ?? 0), "updates: 'each' plans less than 'card'")
            assert.notDeepEqual(each, card, "updates: 'each' plans what 'card' does")
            assert.deepEqual(off, [], "updates: 'off' plans something for an update")
          }),
        ]),
  ]
}

const ownChecks = ({ make }: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const adapter = make()
  const to = destinationOf(adapter)
  const withSecret = callsOf(adapter).filter(call => secretsIn(call).length > 0)
  return [
    check('holds the lane until what later calls need is made', () => {
      const planned = planStory(adapter, story())
      const needed = new Set(planned.flatMap(needs))
      for (const { action, captures = {}, holds } of planned)
        for (const name of Object.keys(captures).filter(each => needed.has(each)))
          assert.ok(holds, `${action} captures ${name}, which later calls need, and does not hold the lane`)
    }),
    check('goes on as one and the same comment where people removed the block of a card', () => {
      const all = planStory(adapter, story()).flatMap(({ instead }) => instead ?? [])
      for (const { find, edit, create } of all) {
        assert.deepEqual(find, all[0]?.find, 'two edits of one session look for different comments')
        const { where } = find
        if (where === undefined) continue
        const mark = textOf(soughtBy(where)).slice(1, -1)
        assert.ok(textOf(create).includes(mark), `the comment is made without ${mark}, by which it is found`)
        if ('contains' in where)
          assert.ok(
            textOf(edit).includes(mark),
            `an edit of the comment removes ${mark}, by which it is found`,
          )
      }
    }),
    check('sends its secrets to its own origins only', () => {
      for (const call of callsOf(adapter)) assert.equal(misdirection(call, to), undefined, textOf(call))
    }),
    check('sends no secret where a planted descriptor points', async () => {
      const stranger = await createHostileServer({
        name: 'stranger',
        handle: () => ({ status: 200, body: {} }),
      })
      try {
        const values = Object.fromEntries(adapter.secrets.map(name => [name, 'planted']))
        const { send } = guardTransport(
          plainSender(values, adapter.signers === undefined ? {} : { signers: adapter.signers }),
          to,
        )
        for (const call of withSecret.filter(({ endpoint }) => typeof endpoint === 'string')) {
          const planted = { ...call, endpoint: `${stranger.url}/stolen` } as Call
          const reply = await send(planted, { timeoutMs: 1_000 })
          assert.equal(reply.kind, 'failure', 'a planted descriptor was sent')
          assert.match(reply.kind === 'failure' ? reply.reason : '', /127\.0\.0\.1/)
        }
        assert.deepEqual(stranger.requests(), [], 'a stranger was asked')
      } finally {
        await stranger.close()
      }
    }),
    ...(adapter.isOwn === undefined
      ? []
      : [
          check("does not take the page of a proxy for the service's own answer", () => {
            for (const page of pages)
              if (page.kind === 'answer')
                assert.equal(adapter.isOwn?.(page), false, `isOwn takes a page of HTML with ${page.status}`)
          }),
        ]),
  ]
}

const doubtChecks = ({ make, service, secrets }: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const unsafe = Object.values(actionsOf(make())).find(
    action => action.effect === 'write' && action.guarantee(make().config).guarantee === 'at-most-once',
  )
  if (service === undefined || unsafe === undefined) return []
  const endOf = async (started: ServiceUnderTest, onDoubt: 'hold' | 'repeat') => {
    const adapter = make({ ...started.options, mode: 'execute', onDoubt })
    const values = { ...secrets, ...started.secrets }
    await using tracker = await createTracker({
      project: 'suite',
      user: 'suite',
      store: memoryStore(),
      adapters: [{ ...adapter, limits: { rates: {} } }],
      drainOnClose: 0,
      secrets: name => values[name],
      policy: { backoffMs: 1, backoffMaxMs: 5, timeoutMs: 2_000, afterMs: 0, downAfter: 1_000 },
    })
    started.server.fail({
      ...(started.isCall === undefined ? {} : { when: started.isCall }),
      failure: { kind: 'reset', applied: true },
    })
    const act = tracker.act as (...given: readonly unknown[]) => Promise<Readonly<{ key: string }>>
    const { key } = await act(adapter.name, unsafe.action, unsafe.example)
    const { state } = await tracker.settled(key, { timeoutMs: 20_000 })
    return state
  }
  return [
    check(
      "option `onDoubt`: 'hold' keeps a call in doubt for a person, 'repeat' sends it again",
      async () => {
        for (const [onDoubt, state] of [
          ['hold', 'dead'],
          ['repeat', 'delivered'],
        ] as const) {
          const started = await service()
          try {
            assert.equal(await endOf(started, onDoubt), state, `onDoubt: '${onDoubt}'`)
          } finally {
            await started.server.close()
          }
        }
      },
    ),
  ]
}

const headerChecks = ({ make, service, secrets }: AdapterSuiteOptions): readonly SuiteCheck[] =>
  service === undefined
    ? []
    : [
        check('option `headers` reaches the service with every call', async () => {
          const started = await service()
          try {
            const adapter = make({ ...started.options, mode: 'execute', headers: { 'x-suite': 'a' } })
            const values = { ...secrets, ...started.secrets }
            await using tracker = await createTracker({
              project: 'suite',
              user: 'suite',
              store: memoryStore(),
              adapters: [adapter],
              drainOnClose: 0,
              secrets: name => values[name],
            })
            await tracker.start({ goal: 'Follow the headers' })
            await tracker.drain({ timeoutMs: 20_000 })
            const calls = started.server.requests().filter(request => started.isCall?.(request) !== false)
            assert.ok(calls.length > 0, 'nothing was sent')
            for (const { headers, method, path } of calls)
              assert.equal(headers['x-suite'], 'a', `${method} ${path} has no such header`)
          } finally {
            await started.server.close()
          }
        }),
      ]

/** Checks that follow each promise of `defineAdapter` to its effect. */
export const commonChecks = (options: AdapterSuiteOptions): readonly SuiteCheck[] =>
  // Adapters that are assembled by hand have their own options, and their own tests of them.
  options.make().publicSecrets === undefined
    ? []
    : [
        ...optionChecks(options),
        ...ownChecks(options),
        ...growthChecks(options),
        ...doubtChecks(options),
        ...headerChecks(options),
      ]
