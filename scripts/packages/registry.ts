import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Tarball } from './tarball.ts'

/** A registry on this machine that has our packages and no others. */
export type Registry = Readonly<{ url: string; close: () => void }>

const integrity = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

const listing = (url: string, { manifest, bytes }: Tarball) => ({
  name: manifest.name,
  'dist-tags': { latest: manifest.version },
  versions: {
    [manifest.version]: {
      ...manifest,
      dist: { tarball: `${url}${manifest.name}.tgz`, integrity: integrity(bytes) },
    },
  },
  // Long ago: managers may refuse what was published a moment before.
  time: { [manifest.version]: '2020-01-01T00:00:00.000Z' },
})

/** Serves the tarballs as a registry would, so that people's own commands can be run. */
export const serve = (tarballs: readonly Tarball[]): Promise<Registry> =>
  new Promise((resolve, reject) => {
    const server = createServer(({ url: asked = '/' }, response) => {
      const path = decodeURIComponent(asked).slice(1)
      const tarball = tarballs.find(({ manifest: { name } }) => path === name || path === `${name}.tgz`)
      if (tarball === undefined) response.writeHead(404).end('{}')
      else if (path.endsWith('.tgz')) response.end(tarball.bytes)
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(listing(url(), tarball)))
    })
    const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const close = () => {
      server.close()
      server.closeAllConnections()
    }
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve({ url: url(), close }))
  })
