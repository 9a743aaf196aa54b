import type { Json } from '@sessionwire/core/adapter'
import { fakeClock } from '@sessionwire/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type HostileLinear, type HostileLinearOptions, hostileLinear } from '../src/testing.ts'

let server: HostileLinear
afterEach(() => server.close())

const start = async (options: HostileLinearOptions = {}) => {
  server = await hostileLinear(options)
  const ask = async (query: string, variables: object = {}, authorization = 'lin_api_test') => {
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    })
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Json }
  }
  const messages = async (query: string, variables: object = {}) => {
    const { status, body } = await ask(query, variables)
    const { errors = [] } = body as Readonly<{ errors?: readonly Readonly<{ message: string }>[] }>
    return [status, ...errors.map(({ message }) => message)]
  }
  return { ask, messages }
}

const CREATE = 'mutation A($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id } } }'
const UPDATE =
  'mutation A($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }'

describe('a hostile Linear', () => {
  test('takes a key bare and a token as Bearer, and nothing else', async () => {
    const { ask } = await start()
    const query = 'query A { viewer { name } }'
    expect((await ask(query)).body).toEqual({ data: { viewer: { name: 'Ada Fixer' } } })
    expect((await ask(query, {}, 'Bearer lin_oauth_test')).status).toBe(200)
    for (const wrong of ['Bearer lin_api_test', 'lin_oauth_test', 'lin_api_other', ''])
      expect((await ask(query, {}, wrong)).status).toBe(401)
  })

  test('shows what was selected, under the name it was asked for, and no more', async () => {
    const { ask } = await start()
    const query = `query A($id: String!) { i: issue(id: $id) { ...F team { key } labels(first: 1) { nodes { id } } parent { id } } }
      fragment F on Issue { __typename identifier ... on Node { title } } # a comment`
    expect((await ask(query, { id: 'BIL-212' })).body).toEqual({
      data: {
        i: {
          __typename: 'Issue',
          identifier: 'BIL-212',
          title: 'Double charging',
          team: { key: 'BIL' },
          labels: { nodes: [] },
          parent: null,
        },
      },
    })
  })

  test.for([
    ['query A { viewer { nothing } }', {}, [400, 'Cannot query field "nothing" on type "User".']],
    ['query A { viewer }', {}, [400, 'An object must have a selection of subfields.']],
    ['query A { nothing }', {}, [400, 'Cannot query field "nothing" on type "Query".']],
    ['query A { viewer { id }', {}, [400, 'Syntax Error: Expected "a token", found <EOF>.']],
    ['query A { viewer { id } } query B { viewer { id } }', {}, [400, 'Must provide exactly one operation.']],
    ['query A { viewer { ...F } }', {}, [400, 'Unknown fragment "F".']],
    [
      'query A($id: String!) { issue(id: $id) { id } }',
      {},
      [400, 'Variable "$id" of required type was not provided.'],
    ],
    [
      'query A { issues(first: 251) { nodes { id } } }',
      {},
      [200, 'Argument Validation Error - first must be between 1 and 250.'],
    ],
    [
      'query A { issues(filter: { id: { eq: "BIL-212" } }) { nodes { id } } }',
      {},
      [200, 'Argument Validation Error - filter.id.eq must be a UUID.'],
    ],
    [
      'query A { issues(filter: { colour: { eq: 1 } }) { nodes { id } } }',
      {},
      [200, 'Argument Validation Error - Unknown filter field "colour"'],
    ],
    [
      'query A { teams { nodes { states { nodes { team { labels { nodes { id } } } } } } } }',
      {},
      [400, 'Query too complex'],
    ],
    [
      CREATE,
      { input: { title: 'x' } },
      [400, 'Variable "$input" got invalid value; Field "teamId" was not provided.'],
    ],
    [CREATE, { input: { teamId: 'BIL' } }, [200, 'Argument Validation Error - teamId must be a UUID.']],
    [
      CREATE,
      {
        input: { teamId: '1a2b3c4d-0000-4000-8000-000000000001', id: '1a2b3c4d-0000-5000-8000-000000000001' },
      },
      [200, 'Argument Validation Error - id must be a UUID.'],
    ],
    [CREATE, { input: { teamId: '1a2b3c4d-0000-4000-8000-000000000001' } }, [200, 'Entity not found: Team']],
    [
      UPDATE,
      { id: 'BIL-212', input: { stateId: 'Done' } },
      [200, 'Argument Validation Error - stateId must be a UUID.'],
    ],
    [
      UPDATE,
      { id: 'BIL-212', input: { priority: 5 } },
      [200, 'Argument Validation Error - priority must not be greater than 4.'],
    ],
    [
      UPDATE,
      { id: 'BIL-212', input: { state: 'Done' } },
      [400, 'Variable "$input" got invalid value; Field "state" is not defined.'],
    ],
    [UPDATE, { id: 'BIL-213', input: {} }, [200, 'Entity not found: Issue']],
    [
      'mutation A($input: CommentCreateInput!) { commentCreate(input: $input) { success } }',
      { input: { body: 'x', parentId: '1a2b3c4d-0000-4000-8000-000000000001' } },
      [
        200,
        'Argument Validation Error - Exactly one of issueId, projectUpdateId, documentContentId must be defined',
      ],
    ],
  ] as const)('refuses %s %j', async ([query, variables, expected]) => {
    const { messages } = await start()
    expect(await messages(query, variables)).toEqual(expected)
  })

  test('replaces labels where it is told to, and refuses those of others', async () => {
    const { messages } = await start()
    const update = (input: object) => messages(UPDATE, { id: 'BIL-212', input })
    const [bug, agent, pager, area] = ['Bug', 'agent', 'Pager', 'Area'].map(name =>
      server.idOf(`label:${name}`),
    )
    await update({ addedLabelIds: [bug] })
    await update({ labelIds: [agent] })
    expect(server.issues()[0]?.labelIds).toEqual([agent])
    expect(await update({ addedLabelIds: [pager] })).toEqual([200, 'LabelIds for incorrect team'])
    expect(await update({ addedLabelIds: [area] })).toEqual([
      200,
      'LabelIds contains a label group, which cannot be applied',
    ])
  })

  test('hides what is archived, and what is too new for its lists', async () => {
    const { ask } = await start({ lag: 2 })
    const find = async (more = '') => {
      const { body } = await ask(`query A { issues(first: 5${more}) { nodes { identifier } } }`)
      const { data } = body as Readonly<{ data: Readonly<{ issues: Readonly<{ nodes: readonly Json[] }> }> }>
      return data.issues.nodes.length
    }
    expect(await find()).toBe(2)
    server.archive(server.issues()[0]?.id ?? '')
    expect([await find(), await find(', includeArchived: true')]).toEqual([1, 2])
    await ask(CREATE, { input: { teamId: server.idOf('team:BIL'), title: 'new' } })
    expect(await find()).toBe(1)
    expect([await find(), await find()]).toEqual([1, 2])
    await ask(CREATE, { input: { teamId: server.idOf('team:BIL'), title: 'newer' } })
    server.catchUp()
    expect(await find()).toBe(3)
  })

  test('says what is left of the bucket, by its own clock', async () => {
    const clock = fakeClock()
    const { ask } = await start({ requests: 3, now: clock.now })
    const { headers } = await ask('query A { viewer { id name } }')
    expect(
      Object.fromEntries([...headers].filter(([name]) => name === 'date' || name.startsWith('x-'))),
    ).toEqual({
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'x-complexity': '2',
      'x-ratelimit-requests-limit': '3',
      'x-ratelimit-requests-remaining': '2',
      'x-ratelimit-requests-reset': String(clock.now() + 3_600_000),
    })
  })

  test('asks a schema where it was given one', async () => {
    const { messages } = await start({ validate: query => (query.includes('viewer') ? ['no viewers'] : []) })
    expect(await messages('query A { viewer { id } }')).toEqual([400, 'no viewers'])
  })

  test('knows no other path, and no name it does not have', async () => {
    await start()
    expect((await fetch(`${server.url}/rest`)).status).toBe(404)
    expect(() => server.idOf('state:BIL/Shipped')).toThrow('There is no state:BIL/Shipped in this Linear.')
    expect(() => server.move('BIL-212', 'HR')).toThrow('There is no team HR in this Linear.')
  })
})
