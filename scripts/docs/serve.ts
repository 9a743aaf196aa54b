// Shows the built site on this machine: pnpm docs:build && pnpm docs:serve [port]
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { ROOT } from './pages.ts'

const SITE = join(ROOT, 'docs/api')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.md': 'text/plain; charset=utf-8',
}

const port = Number(process.argv[2] ?? 8080)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write('docs:serve: give the number of a port, or none\n')
  process.exit(2)
}
if (!existsSync(join(SITE, 'index.html'))) {
  process.stderr.write('docs:serve: there is no site yet: run "npm run docs:build" first\n')
  process.exit(2)
}

const server = createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    // `normalize` ends every way up at the site's own folder.
    const path = join(
      SITE,
      normalize(`/${decodeURIComponent(pathname)}`),
      pathname.endsWith('/') ? 'index.html' : '',
    )
    const body = await readFile(path)
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
    response.end(body)
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' })
    response.end('There is no such page.')
  }
})
server.on('error', error => {
  process.stderr.write(`docs:serve: ${error.message}\n`)
  process.exitCode = 1
})
// This machine only.
server.listen(port, '127.0.0.1', () => {
  const address = server.address()
  const where = typeof address === 'object' && address !== null ? address.port : port
  process.stdout.write(`http://127.0.0.1:${where}/\n`)
})
