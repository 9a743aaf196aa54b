// Small helpers: a front that answers as a real service was reported to, else passes on to a hostile service.
import { createServer, request as httpRequest } from 'node:http'

export const fastClock = (speed = 60) => {
  const start = Date.now(),
    origin = performance.now()
  return {
    now: () => Math.round(start + (performance.now() - origin) * speed),
    monotonic: () => performance.now() * speed,
  }
}

/** intercept({method, path, url, headers, body, json, n}) -> undefined | {status, headers?, body?, destroy?} or async. */
export const front = async (target, intercept = () => undefined) => {
  const log = []
  const server = createServer((req, res) => {
    const parts = []
    req.on('data', c => parts.push(c))
    req.on('end', async () => {
      const raw = Buffer.concat(parts)
      const text = raw.toString('utf8')
      let json
      try {
        json = JSON.parse(text)
      } catch {}
      const seen = {
        method: req.method,
        url: req.url,
        path: req.url.replace(/\?.*$/, ''),
        headers: req.headers,
        body: text,
        json,
        n: log.length + 1,
      }
      log.push(seen)
      const forward = () =>
        new Promise((resolve, reject) => {
          const to = new URL(target)
          const out = httpRequest(
            {
              host: to.hostname,
              port: to.port,
              method: req.method,
              path: req.url,
              headers: { ...req.headers, host: to.host },
            },
            answer => {
              const got = []
              answer.on('data', c => got.push(c))
              answer.on('end', () =>
                resolve({ status: answer.statusCode, headers: answer.headers, raw: Buffer.concat(got) }),
              )
              answer.on('error', reject)
            },
          )
          out.on('error', reject)
          out.end(raw)
        })
      try {
        const own = await intercept(seen, forward)
        if (own?.destroy) {
          seen.answer = 'destroyed'
          return req.socket.destroy()
        }
        const answer = own ?? (target === undefined ? { status: 404, body: 'nothing' } : await forward())
        seen.status = answer.status
        const bytes =
          answer.raw ??
          Buffer.from(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? ''))
        const headers = {
          ...(answer.raw
            ? answer.headers
            : {
                'content-type':
                  typeof answer.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
              }),
          ...(answer.headers ?? {}),
        }
        delete headers['transfer-encoding']
        delete headers['content-length']
        seen.answer = bytes.toString('utf8').slice(0, 400)
        res.writeHead(answer.status, { ...headers, 'content-length': bytes.length })
        res.end(bytes)
      } catch (error) {
        seen.answer = String(error)
        req.socket.destroy()
      }
    })
  })
  await new Promise(r => server.listen(0, '127.0.0.1', r))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    log,
    close: () =>
      new Promise(r => {
        server.closeAllConnections()
        server.close(r)
      }),
  }
}

export const sleep = ms => new Promise(r => setTimeout(r, ms))
export const until = async (test, ms = 300_000, step = 25) => {
  const end = Date.now() + ms
  for (;;) {
    const v = await test()
    if (v) return v
    if (Date.now() > end) return v
    await sleep(step)
  }
}
export const rows = async (tracker, filter = {}) =>
  (await tracker.deliveries(filter)).map(
    d =>
      `${d.adapter} ${String(d.lane).slice(0, 8)} ${d.action} ${d.state}${d.reason ? ` (${d.reason})` : ''}`,
  )
export const collectLog = () => {
  const said = []
  const put =
    level =>
    (...a) =>
      said.push(
        `${level}: ${a.map(x => (typeof x === 'string' ? x : (x?.message ?? JSON.stringify(x)))).join(' ')}`,
      )
  return { said, warn: put('warn'), error: put('error'), info: put('info'), debug: put('debug') }
}
/** Ends with 0 when right, 1 when wrong. */
export const verdict = (right, text) => {
  console.log(right ? 'RIGHT' : 'WRONG', '-', text)
  process.exitCode = right ? 0 : 1
  setTimeout(() => process.exit(right ? 0 : 1), 300)
}
