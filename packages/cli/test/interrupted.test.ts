import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostileLinear, hostileLinear } from '@sessionwire/linear/testing'
import { beforeEach, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { useStage } from './stage.ts'

const stage = useStage<HostileLinear>({ adapters: ['linear'], serve: hostileLinear })
const PATIENT = { timeout: 30_000 }
/** Each look is a process. */
const SELDOM = { ...PATIENT, interval: 400 }

beforeEach(async () => {
  const adapters = { linear: { teamId: 'BIL', baseUrl: stage.server.url } }
  stage.place.write('sessionwire.config.json', JSON.stringify({ project: 'billing', adapters }))
  stage.place.write('.env', 'LINEAR_API_KEY=lin_api_test\n')
  await stage.place.run(['trust'])
})

/** Runs a command, and sends it a signal once its first request has arrived; the service answers after that. */
const interrupt = async (words: readonly string[], signal: NodeJS.Signals) => {
  const { folder, home } = stage.place
  stage.server.fail({ failure: { kind: 'hang', applied: true } })
  const env = { PATH: process.env.PATH ?? '', HOME: home }
  const child = spawn(process.execPath, [stage.main, ...words], { cwd: folder, env, stdio: 'pipe' })
  let out = ''
  child.stdout.on('data', part => {
    out += part
  })
  const closed = new Promise(resolve => child.on('close', (code, by) => resolve(by ?? code)))
  await expect.poll(() => stage.server.requests().length, PATIENT).toBe(1)
  child.kill(signal)
  await new Promise(resolve => setTimeout(resolve, RUNS_ALL ? 1_000 : 500))
  stage.server.letGo()
  return [await closed, out]
}

const waits = async (): Promise<boolean> =>
  /waiting|claimed|begun/.test((await stage.place.run(['deliveries'])).out)
const isStamp = (path: string | Buffer): boolean => String(path).endsWith('drain.started')
const cards = (): number =>
  stage.server.issues().filter(({ title }) => title === 'Stop double charging').length

test('Ctrl-C while a command delivers leaves the rest to the background', async () => {
  expect(await interrupt(['start', 'Stop double charging', '--wait', '10m'], 'SIGINT')).toEqual([
    0,
    expect.stringMatching(/^Started: .*\n1 request waits and will be delivered in the background\n$/),
  ])
  await expect.poll(waits, SELDOM).toBe(false)
  expect(cards()).toBe(1)
})

test('a process in the background that has ended leaves nothing that a command promised', async () => {
  const { run, data } = stage.place
  await run(['start', 'Stop double charging', '--wait', '0s'])
  const isOver = () => cards() === 1 && !readdirSync(data, { recursive: true }).some(isStamp)
  await expect.poll(isOver, PATIENT).toBe(true)
  expect((await run(['decide', 'Lock the invoice row', '--wait', '0s'])).out).toContain(
    'will be delivered in the background',
  )
  await expect.poll(waits, SELDOM).toBe(false)
})

test('commands that follow each other start one process in the background while a service asks to wait', async () => {
  stage.server.fail({ failure: { kind: 'throttle', waitSeconds: 600 } })
  const { run, data } = stage.place
  const startedAt = performance.now()
  await run(['start', 'Stop double charging', '--wait', '0s'])
  const stamp = join(data, String(readdirSync(data, { recursive: true }).find(isStamp)))
  const pid = readFileSync(stamp, 'utf8')
  await expect.poll(() => stage.server.requests().length, PATIENT).toBe(1)
  await run(['decide', 'Lock the invoice row', '--wait', '0s'])
  // A machine that is so busy that the first process has ended may start another one.
  if (performance.now() - startedAt > 4_000) return
  expect(readFileSync(stamp, 'utf8')).toBe(pid)
  process.kill(Number(pid))
})

test.runIf(RUNS_ALL)(
  'drain ends at a signal with its request under way, and nothing is in doubt',
  async () => {
    await stage.place.run(['start', 'Stop double charging', '--no-deliver'])
    await stage.place.run(['decide', 'Lock the invoice row', '--no-deliver'])
    expect(await interrupt(['drain', '--timeout', '10m'], 'SIGTERM')).toEqual([
      4,
      expect.stringMatching(/^Left: /),
    ])
    expect((await stage.place.run(['drain', '--timeout', '1m'])).out).toBe('Everything is delivered.\n')
    expect(cards()).toBe(1)
  },
)
