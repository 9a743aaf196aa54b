import { taiga } from '@sessionwire/taiga'
import { type HostileTaiga, hostileTaiga } from '@sessionwire/taiga/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ACCESS, KEY, openStage, type Stage } from '../http/stage.ts'

let service: HostileTaiga
let stage: Stage
beforeEach(async () => {
  service = await hostileTaiga()
  stage = await openStage({
    adapters: [
      taiga({ as: 'board', project: 'billing', baseUrl: service.baseUrl }),
      taiga({ as: 'later', project: 'billing', baseUrl: service.baseUrl, mode: 'preview' }),
    ],
    secrets: { TAIGA_TOKEN: 'app-token' },
  })
})
afterEach(async () => {
  await stage.end()
  await service[Symbol.asyncDispose]()
})

test('actions are listed with their effect and the schema of their input', async () => {
  const { status, json } = await stage.send('/actions')
  expect([status, json.adapters.map(({ name, mode }: never) => [name, mode])]).toEqual([
    200,
    [
      ['board', 'execute'],
      ['later', 'preview'],
    ],
  ])
  const byName = Object.fromEntries(
    json.adapters[0].actions.map((each: { name: string }) => [each.name, each]),
  )
  expect(byName.deleteEpic).toEqual({
    name: 'deleteEpic',
    effect: 'destructive',
    about: 'Deletes an epic; its user stories stay.',
    allowed: false,
    input: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { issue: { type: 'integer', exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER } },
      required: ['issue'],
      additionalProperties: false,
    },
  })
})

test('a read is asked for by GET, its values read as its schema takes them, or by POST', async () => {
  const { ref } = service.add('userstory', { subject: 'Charge once', tags: ['money'] })
  const rows = [{ ref, subject: 'Charge once' }]
  const shown = ({ status, json }: Awaited<ReturnType<Stage['send']>>) => [
    status,
    json.result.map(({ ref: each, subject }: never) => ({ ref: each, subject })),
  ]
  const byGet = await stage.send('/actions/board/listStories?labels=money,other&isClosed=false&page=1')
  const byPost = await stage.send('/actions/board/listStories', {
    body: { labels: ['money'], isClosed: false },
  })
  expect([shown(byGet), shown(byPost)]).toEqual([
    [200, rows],
    [200, rows],
  ])
})

test('a write is delivered, once for each key of its caller', async () => {
  const write = () =>
    stage.send('/actions/board/createStory', {
      body: { title: 'Charge an invoice once' },
      headers: { 'idempotency-key': 'k-1' },
    })
  const first = await write()
  const id = service.items('userstory')[0]?.id
  const expected = {
    ...{ key: 'key:default/k-1', state: 'delivered' },
    captures: { [Object.keys(first.json.captures)[0] ?? '']: id },
  }
  expect([first.status, first.json]).toEqual([200, expected])
  const second = await write()
  expect([second.status, second.json]).toEqual([200, { ...expected, repeated: true }])
  expect(service.items('userstory')).toHaveLength(1)
})

test('what is not sent is said so', async () => {
  const planned = await stage.send('/actions/later/createStory', {
    body: { title: 'Later' },
    headers: { 'idempotency-key': 'k-2' },
  })
  expect([planned.status, planned.json]).toEqual([
    202,
    { key: 'key:default/k-2', state: 'planned', captures: {} },
  ])
  const refused = await stage.send('/actions/board/createStory', {
    body: { title: 'Now', status: 'nope' },
    headers: { 'idempotency-key': 'k-3' },
  })
  expect([refused.status, refused.json]).toEqual([
    502,
    {
      error:
        'board.createStory is dead: no status "nope"; there is: New, Ready, In progress, Ready for test, Done, Archived. Its delivery is key:default/k-3.',
    },
  ])
})

test.for([
  ['GET /actions/nope/getStory', 404, 'adapter: no adapter "nope" is set up here. GET /actions lists them.'],
  ['GET /actions/board/nope', 404, 'action: board has no action "nope". GET /actions lists them.'],
  ['GET /actions/board/toString', 404, 'action: board has no action "toString". GET /actions lists them.'],
  ['GET /actions/board/createStory', 405, 'board.createStory writes: send it by POST.'],
  [
    'POST /actions/board/deleteStory',
    403,
    'scope: destructive is missing. Ask for a credential that has this scope.',
  ],
  ['POST /actions/board/createStory', 400, expect.stringMatching(/^createStory\.title: missing/)],
] as const)('%s is refused with %s', async ([asked, status, error]) => {
  const [method = '', path = ''] = asked.split(' ')
  const got = await stage.send(path, method === 'POST' ? { body: {} } : {})
  expect([got.status, got.json]).toEqual([status, { error }])
})

test('with the scope, a destructive action still needs the server and the adapter to allow it', async () => {
  const access = { ...ACCESS, apiKey: { value: KEY, scopes: ['act', 'destructive'] as const } }
  const { id } = service.add('userstory', {})
  const tell = async (allowDestructive: boolean, allows: boolean) => {
    const adapter = taiga({ project: 'billing', baseUrl: service.baseUrl, allowDestructive: allows })
    const one = await openStage({
      ...{ adapters: [adapter], secrets: { TAIGA_TOKEN: 'app-token' }, access, allowDestructive },
    })
    const { status, json } = await one.send('/actions/taiga/deleteStory', { body: { issue: id } })
    await one.end()
    return [status, json.error]
  }
  expect([await tell(false, true), await tell(true, false), await tell(true, true)]).toEqual([
    [403, 'Actions that delete are refused here. Start the server with --allow-destructive to allow them.'],
    [
      400,
      'act.action: "deleteStory" of taiga is destructive. Set allowDestructive: true in the adapter\'s options.',
    ],
    [200, undefined],
  ])
  expect(service.items('userstory')).toEqual([])
})
