// Small helpers of the cases in this folder.
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
export const serve = handler =>
  new Promise(r => {
    const s = createServer((q, a) => {
      let b = ''
      q.on('data', d => (b += d))
      q.on('end', () => handler(q, a, b))
    })
    s.listen(0, '127.0.0.1', () =>
      r({
        url: `http://127.0.0.1:${s.address().port}`,
        server: s,
        close: () => {
          s.closeAllConnections()
          s.close()
        },
      }),
    )
  })
export const temp = () => mkdtempSync(join(tmpdir(), 'attack-'))
export const sleep = ms => new Promise(r => setTimeout(r, ms))
/** Waits until it holds, as long as a busy machine may take; answers whether it does. */
export const until = async (holds, ms = 300_000) => {
  for (const end = Date.now() + ms; ; await sleep(20)) {
    if (await holds()) return true
    if (Date.now() > end) return false
  }
}
export const verdict = (ok, why) => {
  console.log(ok ? 'RIGHT' : 'WRONG', '-', why)
  process.exit(ok ? 0 : 1)
}
