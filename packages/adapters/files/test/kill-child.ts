// Does one job at a folder, and kills itself before its n-th operation of the disk: `kill-child.ts <root> <mode> <n>`.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [root = '', mode = '', at = '0'] = process.argv.slice(2)
let left = Number(at)

const count = (): void => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}
const counted = ['open', 'link', 'rename', 'rm', 'mkdir', 'writeFile', 'unlink'] as const
for (const name of counted) {
  const real = fs[name] as (...given: never[]) => Promise<unknown>
  Object.assign(fs, {
    [name]: async (...given: never[]) => {
      count()
      const result = await real(...given)
      if (name !== 'open') return result
      const handle = result as fs.FileHandle
      for (const method of ['write', 'sync', 'chmod'] as const) {
        const inner = handle[method].bind(handle) as (...args: never[]) => Promise<unknown>
        Object.assign(handle, {
          [method]: async (...args: never[]) => {
            count()
            return inner(...args)
          },
        })
      }
      return handle
    },
  })
}
syncBuiltinESMExports()

const { files } = await import('../src/index.ts')
const entry = { heading: 'Sessions', line: '- 10:32 **Decision** Lock per invoice ^sw-77', mark: '^sw-77' }
const JOBS: Readonly<Record<string, object>> = {
  entry: { do: 'patch', path: 'Plan.md', patch: { entry } },
  insert: { do: 'patch', path: 'Plan.md', patch: { entry } },
  block: {
    do: 'patch',
    path: 'Plan.md',
    patch: { block: { open: '<!-- begin -->', close: '<!-- end -->', text: 'new' } },
  },
  create: { do: 'patch', path: 'New.md', patch: { create: `## Sessions\n\n${entry.line}\n`, entry } },
  number: { do: 'number', folder: 'adr', slug: 'locks', mark: '^sw-77', content: 'text ^sw-77\n' },
}
const adapter = files({ root })
const http = { send: () => Promise.reject(new Error('no network')) }
const transport = adapter.transport?.({ secrets: () => undefined, http, now: Date.now })
const payload = { root, ...JOBS[mode] } as never
const reply = await transport?.send({ kind: 'custom', target: 'file', payload }, { timeoutMs: 20_000 })
if (reply?.kind !== 'answer' || reply.status !== 200) {
  console.error(JSON.stringify(reply))
  process.exit(2)
}
