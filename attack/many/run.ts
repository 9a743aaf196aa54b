import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from '@sessionwire/core/sqlite'
import type { ServiceEffect } from '@sessionwire/core/testing'
import { byAge, marksIn } from '../crash/script.ts'
import { compare } from '../crash/verdict.ts'
import type { Service } from '../targets/target.ts'
import { targetOf } from '../targets.ts'
import type { ManyOrders } from './child.ts'

/** How many processes, and for how long. */
export type ManyOptions = Readonly<{
  seconds: number
  recorders: number
  deliverers: number
  pauseMs: number
}>

/** The result. Times in ms. */
export type ManyReport = Readonly<{
  events: number
  deliveries: number
  /** The longest that one recording call took. */
  slowestMs: number
  /** The longest that the event loop of a recorder, and of a deliverer, stood still, for whatever reason. */
  recorderMs: number
  delivererMs: number
  /** The longest that any of their loops stood still while it did not wait for a processor. */
  blockedMs: number
  doubled: number
  problems: readonly string[]
}>

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/** Collects the effects of services as they happen: their own logs would grow too long. */
const collectEffects = (services: readonly Service[]) => {
  const times = services.map(() => new Map<string, number>())
  const take = (): void => {
    for (const [place, { server }] of services.entries()) {
      const counts = times[place] as Map<string, number>
      const all: readonly ServiceEffect[] = [...server.effects(), ...server.listRepeats()]
      server.forget()
      for (const { kind, key } of all)
        if (key !== undefined) counts.set(`${kind} ${key}`, (counts.get(`${kind} ${key}`) ?? 0) + 1)
    }
  }
  return {
    take,
    doubled: (): number => {
      take()
      return times.flatMap(counts => [...counts.values()]).reduce((sum, count) => sum + count - 1, 0)
    },
  }
}

/** Several processes record and several deliver, on one file, at the same time. */
export const runMany = async (options: ManyOptions): Promise<ManyReport> => {
  const folder = await mkdtemp(join(tmpdir(), 'many-'))
  const path = join(folder, 'sessions.db')
  const targets = ['slack', 'linear', 'taiga'].map(targetOf)
  const services = await Promise.all(targets.map(target => target.serve({ seed: 1, now: Date.now })))
  for (const { lag } of services) lag?.catchUp()
  const effects = collectEffects(services)
  const taking = setInterval(effects.take, 500)
  const problems: string[] = []
  let [events, slowestMs, recorderMs, delivererMs, blockedMs] = [0, 0, 0, 0, 0]

  const begin = (role: ManyOrders['role'], number: number) => {
    const orders: ManyOrders = {
      role,
      number,
      path,
      seconds: options.seconds,
      pauseMs: options.pauseMs,
      targets: targets.map(({ name }, place) => ({ name, options: services[place]?.options ?? {} })),
      secrets: Object.assign({}, ...services.map(({ secrets }) => secrets)) as Record<string, string>,
    }
    const words = ['--single-threaded', '--conditions=@sessionwire/source', CHILD]
    const child = spawn(process.execPath, words, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ORDERS: JSON.stringify(orders) },
    })
    createInterface({ input: child.stdout }).on('line', line => {
      const [word, first = '', second = ''] = line.split(' ')
      if (word === 'recorded') {
        events += Number(first)
        slowestMs = Math.max(slowestMs, Number(second))
      } else if (word === 'loop') {
        if (role === 'record') recorderMs = Math.max(recorderMs, Number(first))
        else delivererMs = Math.max(delivererMs, Number(first))
        blockedMs = Math.max(blockedMs, Number(second))
      } else if (word === 'error') problems.push(`${role} ${number}: ${line}`)
    })
    const end = new Promise<void>(resolve => {
      child.once('close', code => {
        if (code !== 0) problems.push(`${role} ${number} ended with ${code}`)
        resolve()
      })
    })
    return { end, finish: () => void child.stdin.write('finish\n') }
  }

  const deliverers = Array.from({ length: options.deliverers }, (_, n) => begin('deliver', 100 + n))
  const recorders = Array.from({ length: options.recorders }, (_, n) => begin('record', n))
  await Promise.all(recorders.map(({ end }) => end))
  for (const { finish } of deliverers) finish()
  await Promise.all(deliverers.map(({ end }) => end))
  clearInterval(taking)

  const store = sqliteStore(path)
  let deliveries = 0
  for (const { states } of await store.counts()) {
    for (const [state, count] of Object.entries(states))
      if (state !== 'delivered' && state !== 'replaced') problems.push(`${count} are ${state}`)
    deliveries += states.delivered ?? 0
  }
  for (const { id, goal = '', progress } of await store.sessions({ limit: 100_000 })) {
    const told = (await store.events(id)).flatMap(({ type, payload }) =>
      type === 'decision' || type === 'close' ? marksIn(JSON.stringify(payload)).slice(-1) : [],
    )
    for (const [place, service] of services.entries()) {
      const name = targets[place]?.name
      const cards = service.listCards().filter(({ card }) => card.includes(goal))
      if (cards.length !== 1) problems.push(`${name}: ${goal} has ${cards.length} cards`)
      if (cards[0]?.card.includes(`${progress} %`) !== true)
        problems.push(`${name}: the card of ${goal} is stale`)
      const found = cards.flatMap(({ entries }) => entries.flatMap(text => marksIn(text).slice(-1)))
      problems.push(...compare(`${name}: ${goal}`, told.toSorted(byAge), found).problems)
    }
  }
  await store.close()
  const doubled = effects.doubled()
  if (doubled > 0) problems.push(`asked ${doubled} times more than once for the same thing`)
  for (const { server } of services) await server.close()
  await rm(folder, { recursive: true, force: true })
  return { events, deliveries, slowestMs, recorderMs, delivererMs, blockedMs, doubled, problems }
}
