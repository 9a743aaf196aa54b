import { type HostileLinear, hostileLinear } from '@sessionwire/linear/testing'
import { expect, test } from 'vitest'
import { useStage } from './stage.ts'

/** What a person is told who sets a service up wrongly, and what becomes of it when that is mended. */
const stage = useStage<HostileLinear>({ adapters: ['linear'], here: true, serve: hostileLinear })

const RIGHT = { LINEAR_API_KEY: 'lin_api_test' }
const WRONG = { LINEAR_API_KEY: 'lin_api_wrong' }

type Env = Readonly<Record<string, string>>
type Status = Readonly<{ held: readonly string[]; adapters: readonly Readonly<{ states: object }>[] }>
type Doctor = Readonly<{
  findings: readonly Readonly<{ about: string; state: string; text: string; todo?: string }>[]
}>

const configure = (settings: object): void => {
  stage.place.write(
    'sessionwire.config.json',
    JSON.stringify({ project: 'billing', adapters: { linear: { baseUrl: stage.server.url, ...settings } } }),
  )
}
const trust = async (settings: object, env: Env = {}): Promise<readonly string[]> => {
  configure(settings)
  return (await stage.place.json<{ hindered: readonly string[] }>(['trust'], { env })).hindered
}
const held = async (env: Env = {}): Promise<readonly string[]> =>
  (await stage.place.json<Status>(['status'], { env })).held
const run = async (words: readonly string[], env: Env = {}): Promise<string> =>
  (await stage.place.run([...words, '--wait', '5s'], { env })).out
const examine = async (words: readonly string[], env: Env = {}) => {
  const { code, out } = await stage.place.run(['doctor', '--json', ...words], { env })
  const { findings } = JSON.parse(out) as Doctor
  const about = findings.filter(each => /^(adapter|configuration)/.test(each.about))
  return [code, about.map(({ state, text, todo }) => [state, text, ...(todo === undefined ? [] : [todo])])]
}
const trusted = (): readonly string[] => ['ok', `${stage.place.folder}/sessionwire.config.json is trusted`]

test('options of an adapter that are wrong are named at once, and the file is not trusted', async () => {
  configure({ teamID: 'BIL', lables: [] })
  const { code, err } = await stage.place.run(['trust'])
  expect([code, err.split('. ').filter(each => each.includes('linear.'))]).toEqual([
    3,
    [
      expect.stringMatching(/linear\.teamID: unknown option \(did you mean "teamId"\?\); expected one of /),
      'linear.lables: unknown option (did you mean "labels"?).\nFix it, then run: sessionwire trust\n',
    ],
  ])
  expect((await stage.place.run(['status'])).err).toContain('sessionwire.config.json is not trusted')
})

test('an adapter that there is not is refused by trust, and one that cannot be made yet mirrors nothing', async () => {
  configure({})
  stage.place.write('sessionwire.config.json', '{ "adapters": { "liner": { "teamId": "BIL" } } }')
  const { code, err } = await stage.place.run(['trust'])
  expect([code, err]).toEqual([
    3,
    expect.stringMatching(
      /sessionwire\.config\.json: adapters\.liner: unknown adapter; expected one of linear, .*\nFix it, then run: sessionwire trust\n$/,
    ),
  ])
  configure({})
  const { out } = await stage.place.run(['trust'])
  expect(out).not.toContain('are mirrored by')
  expect((await stage.place.run(['start', 'Lock'])).err).toBe(
    'CONFIG: linear.teamId: missing; expected the UUID of a team, or its key, such as BIL.\nFix it where `sessionwire config` shows it, then run: sessionwire doctor\n',
  )
})

test('what the environment may still give does not stop trust', async () => {
  expect(await trust({})).toEqual([
    'linear: linear.teamId: missing; expected the UUID of a team, or its key, such as BIL.',
  ])
})

test('a file that is broken is called broken, wherever it is met', async () => {
  await trust({ teamId: 'BIL' })
  const file = stage.place.write('sessionwire.config.json', '{\n  "project": \n')
  const broken = `${file}: not valid JSON`
  expect((await stage.place.run(['trust'])).err).toContain(`CONFIG: ${broken}`)
  const { err } = await stage.place.run(['status'])
  expect(err).toContain(`note: ${broken}`)
  expect(err).not.toContain('trusted')
  expect(await examine([])).toEqual([
    3,
    [['error', expect.stringContaining(broken), 'Fix it, then run: sessionwire trust']],
  ])
})

test('a key that is not set is named by trust, status, doctor and what records', async () => {
  const todo = `Set it in ${stage.place.folder}/.env and run \`sessionwire trust\` again, or in the environment of what delivers.`
  const line = `linear: LINEAR_API_KEY is not set. ${todo}`
  expect(await trust({ teamId: 'BIL' })).toEqual([line])
  expect(await held()).toEqual([line])
  for (const words of [[], ['--live']])
    expect(await examine(words)).toEqual([4, [trusted(), ['error', 'LINEAR_API_KEY is not set', todo]]])
  expect(await run(['start', 'Lock'])).toMatch(/\n1 request waits\nlinear: LINEAR_API_KEY is not set\. .*\n$/)
})

test('a preview without its key is a warning, and one that is left to a host needs none', async () => {
  const [preview = ''] = await trust({ teamId: 'BIL', mode: 'preview' })
  expect(preview).toContain('not set; planned requests can be looked at, and none is sent. Set it in ')
  expect(await examine([])).toEqual([0, [trusted(), ['warning', expect.any(String), expect.any(String)]]])
  expect(await trust({ teamId: 'BIL', mode: 'handoff' })).toEqual([])
  expect(await held()).toEqual([])
})

const REFUSED = expect.stringMatching(
  /^linear: refused the credential: 401 .*[^.]\. Set it right in \.env or the environment, then run: sessionwire doctor --live$/,
)

test('a refused key is said with what to do, and its pause ends with the next request that is accepted', async () => {
  await trust({ teamId: 'BIL' })
  await run(['start', 'Lock'], WRONG)
  await run(['update', 'One'], WRONG)
  expect(await held(RIGHT)).toEqual([REFUSED])
  expect(await run(['update', 'Two'], RIGHT)).not.toContain('wait')
  expect(await held(RIGHT)).toEqual([])
  expect(stage.server.issues().map(({ title }) => title)).toContain('Lock')
})

test('a key that several processes were refused with is said once', async () => {
  await trust({ teamId: 'BIL' })
  await run(['start', 'Lock'], WRONG)
  await Promise.all(['One', 'Two', 'Three'].map(text => run(['update', text], WRONG)))
  expect(await held(RIGHT)).toEqual([REFUSED])
  expect(
    (await stage.place.run(['status'], { env: RIGHT })).out.match(/refused the credential/g),
  ).toHaveLength(1)
})

test('a card that a person deleted is told with the command that makes a new one', async () => {
  await trust({ teamId: 'BIL' })
  await run(['start', 'Lock the deleted'], RIGHT)
  stage.server.remove(stage.server.issues().find(({ title }) => title === 'Lock the deleted')?.id ?? '')
  await run(['update', 'One more'], RIGHT)
  expect((await stage.place.run(['status'], { env: RIGHT })).out).toContain(
    '1 card deleted by a person (sessionwire recreate-card linear)',
  )
  const { session } = await stage.place.json<{ session: { id: string } }>(['status'])
  const deleted = [
    'warning',
    `1 card was deleted by a person (open requests: session ${session.id}), and nothing more of its session is sent`,
    `Make a new one: sessionwire recreate-card linear ${session.id}.`,
  ]
  expect(await examine([], RIGHT)).toEqual([
    0,
    [
      trusted(),
      deleted,
      [
        'warning',
        '1 request failed for good',
        'See `sessionwire deliveries --state dead`. Make the new card first: what failed for the deleted one fails again.',
      ],
      ['ok', 'execute, set up; ask the service with --live'],
    ],
  ])
  // Which of the sessions with open requests has lost its card, the store does not tell.
  await run(['start', 'Another'], WRONG)
  expect((await examine([], RIGHT))[1]).toContainEqual([
    'warning',
    '1 card was deleted by a person, and nothing more of its session is sent',
    'Make a new one: sessionwire recreate-card linear <session>.',
  ])
  await run(['recreate-card', 'linear', session.id], RIGHT)
  expect(JSON.stringify(await examine([], RIGHT))).not.toContain('deleted')
})

test('doctor --live ends the pause of a key that was mended, and none that a person asked for', async () => {
  await trust({ teamId: 'BIL' })
  await run(['start', 'Lock'], WRONG)
  await stage.place.run(['pause', 'linear', '--reason', 'Migration'], { env: RIGHT })
  const asked = 'linear: paused by a person: Migration. Run: sessionwire unpause linear'
  expect(await held(RIGHT)).toEqual([asked, REFUSED])
  expect(await examine(['--live'], RIGHT)).toEqual([
    0,
    [
      trusted(),
      ['ok', 'execute; address, credential and 1 target are fine'],
      ['ok', 'was paused (denied); that is over'],
      ['warning', 'paused by a person: Migration', 'Run: sessionwire unpause linear'],
    ],
  ])
  expect(await held(RIGHT)).toEqual([asked])
})

test('a session of a team that is configured no more is named, and gets its card where the adapter points now', async () => {
  await trust({ teamId: 'ENG' })
  await run(['start', 'Lock'], RIGHT)
  expect(await examine([], RIGHT)).toMatchObject({
    1: [{}, ['warning', '1 request failed for good', {}], {}],
  })
  const { session } = await stage.place.json<{ session: { id: string } }>(['status'])
  const moved = [
    `requests were planned for another account or place than the one that is configured now (session ${session.id}), and are not sent`,
    `Make a card where it points now: sessionwire recreate-card linear ${session.id}; or set the options back and run \`sessionwire trust\`.`,
  ] as const
  expect(await trust({ teamId: 'BIL' }, RIGHT)).toEqual([
    `linear: ${moved[0]}. ${moved[1]}`,
    'linear: 1 request failed for good. See `sessionwire deliveries --state dead`. Recreate the card first: what failed for the old place fails there again.',
  ])
  // Trying again does no harm: it waits then, and the advice stays.
  expect(await run(['retry'], RIGHT)).toContain(`\nlinear: 1 request was planned for another account`)
  expect(await examine([], RIGHT)).toMatchObject([
    0,
    [{}, ['warning', expect.stringMatching(/^1 request was planned/), moved[1]], {}],
  ])
  expect(await run(['recreate-card', 'linear'], RIGHT)).toBe('Planned: 1 request\n')
  expect(stage.server.issues().map(({ title }) => title)).toContain('Lock')
  expect(await held(RIGHT)).toEqual([])
})

test('drain says when what is left can be sent', async () => {
  await trust({ teamId: 'BIL' }, RIGHT)
  stage.server.fail({ failure: { kind: 'throttle', waitSeconds: 600 } })
  await run(['start', 'Stop double charging'], RIGHT)
  expect((await stage.place.run(['drain'], { env: RIGHT })).out).toMatch(
    /^Left: 1 waiting; the next can be sent in (9|10) min\n/,
  )
})
