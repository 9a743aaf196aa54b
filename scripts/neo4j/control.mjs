// The address at which a test kills its own Neo4j and brings it back.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

/** Serves POST /<token>/kill and /<token>/start on 127.0.0.1; each answers 204 when it is done. */
export const serveControl = async server => {
  const token = randomBytes(12).toString('hex')
  const verbs = { [`/${token}/kill`]: server.kill, [`/${token}/start`]: server.start }
  const listener = createServer((request, response) => {
    const verb = request.method === 'POST' ? verbs[request.url ?? ''] : undefined
    // A kept connection may end just as the next request comes.
    response.setHeader('connection', 'close')
    if (verb === undefined) return void response.writeHead(404).end()
    verb().then(
      () => response.writeHead(204).end(),
      error => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise(resolve => listener.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${listener.address().port}/${token}`,
    close: () => {
      listener.close()
      listener.closeAllConnections()
    },
  }
}
