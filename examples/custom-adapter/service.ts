import { createHostileServer, type HostileServer } from '@sessionwire/core/testing'

/** A board that keeps notes. */
export type Board = HostileServer &
  Readonly<{ notes: readonly Readonly<{ id: string; key: string; text: string }>[] }>

/** The fictitious service of the custom adapter: small, and as hostile as any. */
export const hostileBoard = async (): Promise<Board> => {
  const notes: { id: string; key: string; text: string }[] = []
  const server = await createHostileServer({
    name: 'board',
    handle: ({ method, path, body }, host) => {
      if (method === 'GET') return { status: 200, body: { notes } }
      const given = body as { text: string; key: string }
      const edited = notes.find(each => path === `/notes/${each.id}`)
      if (method === 'PUT') {
        if (edited === undefined) return { status: 404, body: { message: 'no such note' } }
        edited.text = given.text
        return { status: 200, body: { id: edited.id } }
      }
      const id = host.id('N')
      notes.push({ ...given, id })
      host.effect('note', given.key)
      return { status: 200, body: { id } }
    },
  })
  return Object.assign(server, { notes })
}
