import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { inTime, type Timers } from '../src/delivery/waits.ts'

const timers = fileURLToPath(new URL('../src/delivery/waits.ts', import.meta.url))

/** No process takes so long, however busy the machine is. */
const LONG_MS = 300_000

/** A process whose only other work is a timer that nobody waits for, or one that somebody does. */
const run = (code: string): string => {
  const { stdout, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { timersOf } from ${JSON.stringify(timers)}\n${code}`],
    { encoding: 'utf8', timeout: LONG_MS },
  )
  return signal === null ? stdout : `${stdout}(${signal})`
}

it('calls soon although nothing else happens, and again from there', () => {
  const code = `const { soon, keepAlive, after } = timersOf()
    const leave = keepAlive(2 * ${LONG_MS}, () => undefined)
    const again = left => left === 0 ? (leave(), console.log('called')) : soon(() => again(left - 1))
    again(100)
    after(${LONG_MS} / 2, () => { console.log('too late'); process.exit() })`
  expect(run(code)).toBe('called\n')
})

it('lets the process end while it waits', () => {
  expect(run(`timersOf().after(${2 * LONG_MS}, () => console.log('never')); console.log('end')`)).toBe(
    'end\n',
  )
})

it.for(['Number.POSITIVE_INFINITY', '2 ** 31', '3e12'])(
  'waits longer than a timer of JavaScript can: %s',
  ms => {
    const code = `const { keepAlive, after } = timersOf()
    const cancel = keepAlive(${ms}, () => console.log('too soon'))
    after(${ms}, () => console.log('too soon'))
    setTimeout(() => { console.log('still waiting'); cancel() }, 50)`
    expect(run(code)).toBe('still waiting\n')
  },
)

it('takes a value that arrives in the turn after a late timer', async () => {
  const due: (() => void)[] = []
  const turns: (() => void)[] = []
  const add = (list: (() => void)[]) => (call: () => void) => {
    list.push(call)
  }
  const timers: Timers = {
    after: (_, call) => {
      add(due)(call)
      return () => undefined
    },
    soon: add(turns),
    keepAlive: () => () => undefined,
  }
  const late = () => new Error('late')
  const pass = (list: (() => void)[]) => {
    for (const call of list.splice(0)) call()
  }
  const { promise, resolve } = Promise.withResolvers<string>()
  const value = inTime(promise, 10, timers, late)
  pass(due)
  pass(turns)
  resolve('there')
  expect(await value).toBe('there')
  const never = inTime(new Promise<string>(() => undefined), 10, timers, late)
  pass(due)
  pass(turns)
  pass(turns)
  await expect(never).rejects.toThrow('late')
})
