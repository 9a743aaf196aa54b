import { type Answer, createHostileServer, type ServiceUnderTest } from '../../src/testing.ts'

type Kept = Readonly<{ id: string; kind: 'note'; key: string; text: string; under?: string }>

/** The service that keeps notes. */
export const hostileNotes = async (token: string): Promise<ServiceUnderTest> => {
  const kept = new Map<string, Kept>()
  const server = await createHostileServer({
    name: 'notes',
    handle: (request, host): Answer => {
      if (request.headers.authorization !== undefined && request.headers.authorization !== `Bearer ${token}`)
        return { status: 401, body: { error: 'who are you' } }
      if (request.method === 'GET') return { status: 200, body: { notes: [...kept.values()] } }
      const { text, key, id, under } = request.body as Readonly<Record<string, string>>
      if (text === undefined || text.length > 1_000) return { status: 422, body: { error: 'text' } }
      if (request.path === '/edits') {
        const found = kept.get(id ?? '')
        if (found === undefined) return { status: 410, body: { error: 'gone' } }
        kept.set(found.id, { ...found, text })
        return { status: 200, body: { id: found.id } }
      }
      const made: Kept = {
        id: host.id('n'),
        kind: 'note',
        key: key ?? '',
        text,
        ...(under === undefined ? {} : { under }),
      }
      kept.set(made.id, made)
      host.effect('note', key)
      return { status: 201, body: made }
    },
  })
  const all = () => [...kept.values()]
  return {
    server,
    options: { baseUrl: server.url },
    inspect: () => ({
      cards: all().filter(({ under }) => under === undefined).length,
      entries: all().filter(({ under }) => under !== undefined).length,
    }),
  }
}
