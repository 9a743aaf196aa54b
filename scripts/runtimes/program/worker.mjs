// The program in a runtime without processes: a request with the server's address starts it.
import { memoryStore } from '@sessionwire/core'
import { run } from './program.mjs'

export default {
  async fetch(request) {
    const url = new URL(request.url).searchParams.get('server')
    try {
      return Response.json(await run({ url, store: memoryStore() }))
    } catch (error) {
      return Response.json({ error: String(error?.stack ?? error) }, { status: 500 })
    }
  },
}
