import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { hostileLinear } from '../adapters/linear/src/testing.ts'
import { hostileSlack } from '../adapters/slack/src/testing.ts'

const SECONDS = Number(process.argv[2] ?? 60)
const root = join(import.meta.dirname, '../..')
const MAIN = join(root, 'packages/cli/dist/main.js')
const home = realpathSync(mkdtempSync(join(tmpdir(), 'chaos-')))
const work = join(home, 'repo')
mkdirSync(join(work, '.git'), { recursive: true })
writeFileSync(join(work, '.git/HEAD'), 'ref: refs/heads/main\n')
const linear = await hostileLinear(),
  slack = await hostileSlack()
writeFileSync(
  join(work, 'sessionwire.config.json'),
  JSON.stringify({
    project: 'repo',
    user: 'Ada',
    adapters: {
      linear: { teamId: 'BIL', baseUrl: linear.url },
      slack: { channel: 'C0123456789', baseUrl: slack.api },
    },
  }),
)
writeFileSync(join(work, '.env'), `LINEAR_API_KEY=lin_api_test\nSLACK_BOT_TOKEN=${slack.token}\n`)
const ends: any[] = []
for (const s of [linear, slack] as any[]) {
  ends.push(s.fail({ times: Infinity, chance: 0.02, failure: { kind: 'reset', applied: true } }))
  ends.push(s.fail({ times: Infinity, chance: 0.02, failure: { kind: 'error', applied: false, status: 503 } }))
  ends.push(s.fail({ times: Infinity, chance: 0.01, failure: { kind: 'hang', applied: true } }))
}
setInterval(() => {
  linear.letGo()
  slack.letGo()
}, 1500).unref()
const data = join(home, 'data')
const env = {
  PATH: process.env.PATH ?? '',
  HOME: home,
  SESSIONWIRE_DATA_DIR: data,
  NO_COLOR: '1',
  NODE_COMPILE_CACHE: join(home, 'cc'),
}
type R = { code: number | null; out: string; err: string }
const run = (words: string[], killMs?: number, input = '', script = MAIN): Promise<R> =>
  new Promise(resolve => {
    const c = spawn(process.execPath, [script, ...words], { cwd: work, env, stdio: ['pipe', 'pipe', 'pipe'] })
    let out = '',
      err = ''
    c.stdout.on('data', d => {
      out += d
    })
    c.stderr.on('data', d => {
      err += d
    })
    c.stdin.on('error', () => {})
    c.stdin.end(input)
    const t = killMs === undefined ? undefined : setTimeout(() => c.kill('SIGKILL'), killMs)
    c.on('close', code => {
      clearTimeout(t)
      resolve({ code, out, err })
    })
  })
const must = async (...w: string[]) => {
  const r = await run(w)
  if (r.code !== 0) throw new Error(w.join(' ') + r.err)
  return r
}
await must('trust')
await must('install', 'claude')
const hook = join(data, 'bin/hook.cjs')
await must('start', 'Chaos')
const sure = new Set<string>(),
  maybe = new Set<string>()
const odd: string[] = []
const until = Date.now() + SECONDS * 1000
let n = 0
const kills = { cli: 0, mcp: 0, drain: 0, hook: 0 }
const rnd = (m: number) => Math.floor(Math.random() * m)
const cliWriter = async () => {
  while (Date.now() < until) {
    const text = `D${++n}x cli`
    const kill = Math.random() < 0.4 ? rnd(500) : undefined
    const keyed = Math.random() < 0.5
    let r = await run(['decide', text, ...(keyed ? ['--key', `k${text}`] : []), '--wait', '0s'], kill)
    if (r.code === null) kills.cli++
    if (keyed && r.code === null) {
      r = await run(['decide', text, '--key', `k${text}`, '--wait', '0s'])
    }
    if (r.code === 0 || r.code === 4) sure.add(text)
    else {
      maybe.add(text)
      if (r.code !== null) odd.push(`decide ${r.code} ${r.err}`)
    }
    await sleep(rnd(300))
  }
}
const drainer = async () => {
  while (Date.now() < until) {
    const kill = Math.random() < 0.6 ? rnd(1500) : undefined
    const r = await run(['drain', '--timeout', '3s'], kill)
    if (r.code === null) kills.drain++
    else if (r.code !== 0 && r.code !== 4) odd.push(`drain ${r.code} ${r.err}`)
    await sleep(rnd(500))
  }
}
const hooker = async () => {
  let s = 0
  while (Date.now() < until) {
    const id = `host-${++s}`
    for (const e of ['SessionStart', 'UserPromptSubmit', 'PostToolBatch', 'Stop', 'SessionEnd']) {
      const r = await run(
        ['claude'],
        Math.random() < 0.2 ? rnd(100) : undefined,
        JSON.stringify({
          session_id: id,
          hook_event_name: e,
          cwd: work,
          source: 'startup',
          prompt: `P${s}`,
          reason: 'other',
        }),
        hook,
      )
      if (r.code === null) kills.hook++
      else if (r.code !== 0 || r.err) odd.push(`hook ${r.code} ${r.err}`)
      await sleep(rnd(200))
    }
  }
}
const mcp = async () => {
  while (Date.now() < until) {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'mcp'],
      cwd: work,
      env,
      stderr: 'pipe',
    })
    let err = ''
    transport.stderr?.on('data', d => {
      err += d
    })
    const client = new Client({ name: 'chaos', version: '1' })
    try {
      await client.connect(transport)
      const pid = transport.pid as number
      const todo = Array.from({ length: 4 }, () => `D${++n}x mcp`)
      const end = Math.random()
      if (end < 0.7)
        setTimeout(() => {
          try {
            process.kill(pid, end < 0.3 ? 'SIGKILL' : end < 0.5 ? 'SIGINT' : 'SIGTERM')
            kills.mcp++
          } catch {}
        }, rnd(1200))
      for (const t of todo) {
        maybe.add(t)
        const a = await client.callTool({ name: 'record_decision', arguments: { content: t, key: `m${t}` } })
        if (a.isError) odd.push(`mcp ${JSON.stringify(a.content)}`)
        else {
          maybe.delete(t)
          sure.add(t)
        }
        await sleep(rnd(300))
      }
    } catch (e) {
      if (!/closed|not connected|EPIPE|-32000|Not connected/i.test(String(e))) odd.push(`mcp ${e}`)
    }
    await client.close().catch(() => {})
    if (err.trim() !== '') odd.push(`mcp said ${err}`)
  }
}
await Promise.all([cliWriter(), cliWriter(), drainer(), hooker(), mcp()])
console.log('written', sure.size, 'maybe', maybe.size, 'kills', kills)
for (const e of ends) e()
for (let i = 0; i < 8; i++) {
  const r = await run(['drain', '--timeout', '320s'])
  console.log('drain', r.code, r.out.trim().slice(0, 400), r.err.slice(0, 300))
  if (r.code === 0) break
  if (/dead/.test(r.out)) console.log((await run(['deliveries', '--state', 'dead'])).out.slice(0, 1500))
}
const li = linear.comments().map(c => c.body),
  sl = (slack as any).messages().map((m: any) => JSON.stringify(m))
const count = (all: string[], t: string) =>
  all.filter(b => new RegExp(`\\b${t.split(' ')[0]}\\b`).test(b) && /Decision|:|\*/.test(b)).length
const bad: string[] = []
const dec = li.filter(b => /^\*\*Decision/.test(b))
for (const t of sure) {
  const c = dec.filter(b => b.includes(t.split(' ')[0] + ' ') || b.includes(t)).length
  if (c !== 1) bad.push(`linear ${t} ${c}`)
}
for (const t of maybe) {
  const c = dec.filter(b => b.includes(t)).length
  if (c > 1) bad.push(`linear maybe ${t} ${c}`)
}
console.log('linear decisions', dec.length, 'issues', linear.issues().length, 'slack', sl.length)
const thread = sl.filter((m: string) => /D\d+x/.test(m))
for (const t of sure) {
  const c = thread.filter((b: string) => b.includes(t) && b.includes('thread_ts')).length
  if (c !== 1) bad.push(`slack ${t} ${c}`)
}
console.log('bad', bad.length, bad.slice(0, 20))
console.log('odd', odd.length, [...new Set(odd)].slice(0, 20).join('\n---\n'))
console.log(home)
await linear.close()
await slack.close()
process.exit()
