import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import { type Looked, look, type Send } from '../src/delivery/look.ts'
import type { Lookup, Next } from '../src/descriptor/descriptor.ts'
import type { Json } from '../src/session/schema.ts'
import { httpTransport } from '../src/transport/http.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

type Page = Readonly<{ items: readonly string[]; link?: string; more?: Readonly<Record<string, Json>> }>

/** A service on this machine whose pages `answer` makes, and the look-up that reads it over HTTP. */
const serve = async (answer: (url: URL, origin: string) => Page) => {
  const asked: string[] = []
  let origin = ''
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { items, link, more = {} } = answer(new URL(request.url ?? '', origin), origin)
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(link === undefined ? {} : { link }),
    })
    response.end(JSON.stringify({ items: items.map(name => ({ name, id: `id-${name}` })), ...more }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  open.push(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  const transport = httpTransport({ secrets: () => undefined })
  const send: Send = async (call, role) => {
    const reply = await transport.send(call, { timeoutMs: 5_000 })
    return { reply, outcome: httpOutcome(reply, { role }) }
  }
  const read = async (next: Next, query: Json = { size: 2 }): Promise<Looked> => {
    const lookup: Lookup = {
      call: { kind: 'http', method: 'GET', endpoint: `${origin}/items`, query },
      list: '/items',
      where: { pointer: '/name', equals: 'ours' },
      captures: { id: '/id' },
      next,
    }
    const { read: _, ...looked } = (await look(lookup, {}, 0, send)) as Looked & { read?: unknown }
    return looked as Looked
  }
  return { asked, read, origin }
}

const ours = { kind: 'item', item: { name: 'ours', id: 'id-ours' }, captures: { id: 'id-ours' } }
const none = (...names: readonly string[]) => ({
  kind: 'none',
  items: names.map(name => ({ name, id: `id-${name}` })),
})
const odd = (reason: string) => ({ kind: 'failed', outcome: { kind: 'unknown', reason } })

describe('pages by Link header', () => {
  const next: Next = { link: 'next' }

  it('are read to the one that has no next page', async () => {
    const { asked, read } = await serve(({ searchParams }) => {
      const page = Number(searchParams.get('page') ?? 1)
      return page === 3
        ? { items: ['ours'], link: '</items?page=1>; rel="first"' }
        : {
            items: [`a${page}`],
            link: `</items?page=1>; rel=first, </items?size=2&page=${page + 1}>; rel="last next"`,
          }
    })
    expect(await read(next)).toEqual(ours)
    expect(asked).toEqual(['/items?size=2', '/items?size=2&page=2', '/items?size=2&page=3'])
  })

  it('end without the header: nothing is there', async () => {
    const { read } = await serve(() => ({ items: ['a', 'b'] }))
    expect(await read(next)).toEqual(none('a', 'b'))
  })

  it('may have braces in their address, as cursors of JSON do', async () => {
    const { asked, read } = await serve(({ searchParams }) =>
      searchParams.get('after') === '{"id":1}'
        ? { items: ['ours'] }
        : { items: ['a'], link: '</items?after={%22id%22:1}>; rel="next"' },
    )
    expect(await read(next)).toEqual(ours)
    expect(asked).toEqual(['/items?size=2', '/items?after=%7B%22id%22:1%7D'])
  })

  it('are not followed to another origin, where a credential could be read', async () => {
    const other = await serve(() => ({ items: ['ours'] }))
    const { read, origin, asked } = await serve(() => ({
      items: ['a'],
      link: `<${other.origin}/items>; rel="next"`,
    }))
    expect(await read(next)).toEqual(odd(`the next page is at ${other.origin}, not at ${origin}`))
    expect([asked.length, other.asked]).toEqual([1, []])
  })

  it('are not followed to what is not an address', async () => {
    const { read } = await serve(() => ({ items: ['a'], link: '<http://[>; rel="next"' }))
    expect(await read(next)).toEqual(odd('the Link header holds no address for "next"'))
  })

  it('that name themselves end with an error', async () => {
    const { asked, read } = await serve(() => ({ items: ['a'], link: '</items?page=2>; rel="next"' }))
    expect(await read(next)).toEqual(
      odd('the list does not go on: page 2 names itself or an earlier page as the next one'),
    )
    expect(asked).toEqual(['/items?size=2', '/items?page=2'])
  })
})

describe('pages by number', () => {
  const names = ['a', 'b', 'c', 'd', 'ours']
  const numbered = (first: number) =>
    serve(({ searchParams }) => {
      const page = Number(searchParams.get('page') ?? first) - first
      return { items: names.slice(page * 2, page * 2 + 2), more: { last: first + 2 } }
    })

  it('are counted from 1, and an empty page is the last', async () => {
    const { asked, read } = await numbered(1)
    expect(await read({ page: '/query/page' }, { size: 2 })).toEqual(ours)
    expect(asked).toEqual(['/items?size=2', '/items?size=2&page=2', '/items?size=2&page=3'])
  })

  it('are counted from what the service calls the first', async () => {
    const { asked, read } = await numbered(0)
    expect(await read({ page: '/query/page', first: 0 }, { page: 0 })).toEqual(ours)
    expect(asked).toEqual(['/items?page=0', '/items?page=1', '/items?page=2'])
  })

  it('end at a page that is shorter than the others', async () => {
    const { asked, read } = await serve(({ searchParams }) => ({
      items: searchParams.get('page') === '2' ? ['c'] : ['a', 'b'],
    }))
    expect(await read({ page: '/query/page', size: 2 })).toEqual(none('a', 'b', 'c'))
    expect(asked).toEqual(['/items?size=2', '/items?size=2&page=2'])
  })

  it('end at the number that the reply gives', async () => {
    const { asked, read } = await serve(({ searchParams }) => ({
      items: [`a${searchParams.get('page') ?? 1}`],
      more: { last: 2 },
    }))
    expect(await read({ page: '/query/page', last: '/last' })).toEqual(none('a1', 'a2'))
    expect(asked).toEqual(['/items?size=2', '/items?size=2&page=2'])
  })

  it('that never end are no answer', async () => {
    const { asked, read } = await serve(({ searchParams }) => ({ items: [`a${searchParams.get('page')}`] }))
    expect(await read({ page: '/query/page' })).toEqual(
      odd('the list has more than 20 pages (20 items read)'),
    )
    expect(asked).toHaveLength(20)
  })
})

describe('pages by cursor', () => {
  it('that stand still end with an error after the second page', async () => {
    const { asked, read } = await serve(() => ({ items: ['a'], more: { cursor: 'c1' } }))
    expect(await read({ cursor: '/cursor', into: '/query/cursor' })).toEqual(
      odd('the list does not go on: page 2 names itself or an earlier page as the next one'),
    )
    expect(asked).toEqual(['/items?size=2', '/items?size=2&cursor=c1'])
  })

  it('that go in a circle end with an error when the circle is closed', async () => {
    const circle: Readonly<Record<string, string>> = { '': 'c1', c1: 'c2', c2: 'c1' }
    const { asked, read } = await serve(({ searchParams }) => ({
      items: ['a'],
      more: { cursor: circle[searchParams.get('cursor') ?? ''] ?? '' },
    }))
    expect(await read({ cursor: '/cursor', into: '/query/cursor' })).toEqual(
      odd('the list does not go on: page 3 names itself or an earlier page as the next one'),
    )
    expect(asked).toHaveLength(3)
  })
})
