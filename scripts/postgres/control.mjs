import { createServer } from 'node:http'

/** Lets tests end, start and copy the server, over the loopback. */
export const serveControl = cluster => {
  const verbs = {
    '/stop': () => cluster.stop(),
    '/start': () => cluster.start(),
    '/standby': () => cluster.makeStandby(),
    '/promote': () => cluster.promote(),
  }
  const server = createServer(async (request, response) => {
    const verb = verbs[request.url ?? '']
    // A kept connection may end just as the next request comes.
    response.setHeader('connection', 'close')
    if (request.method !== 'POST' || verb === undefined) return response.writeHead(404).end()
    try {
      response.end(String((await verb()) ?? ''))
    } catch (error) {
      response.writeHead(500).end(String(error?.stderr ?? error))
    }
  })
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        close: () => {
          server.closeAllConnections()
          server.close()
        },
      }),
    ),
  )
}
