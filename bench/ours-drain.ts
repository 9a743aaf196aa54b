import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { httpOutcome } from '@sessionwire/core/adapter'
import { createWorker, httpTransport, type Transport } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { type Cost, measureCost } from './measure.ts'

const adapterOf = (name: string, concurrency: number, url: string): AnyAdapter => ({
  ...{ name, config: {}, mode: 'execute', hooks: {}, actions: {}, secrets: ['TOKEN'], origins: [url] },
  limits: { concurrency, rates: {} },
  check: { call: { kind: 'http', method: 'GET', endpoint: 'http://127.0.0.1:1/' } },
  outcome: (reply, sent) => httpOutcome(reply, sent),
})

const answerAtOnce: Transport = {
  send: () => Promise.resolve({ kind: 'answer', status: 200, headers: {}, body: { id: '1' } }),
}

/** The adapters of a case: they share the concurrency. */
export const adaptersOf = (
  url: string | undefined,
  concurrency: number,
  adapters: number,
): readonly AnyAdapter[] =>
  Array.from({ length: adapters }, (_, n) =>
    adapterOf(`bench${n}`, Math.floor((concurrency + n) / adapters), url ?? 'http://127.0.0.1:1'),
  )

/** The worker on a copy of the recorded file. Without an address its transport answers at once. */
export const drainOurs = async (
  recorded: string,
  url: string | undefined,
  concurrency: number,
  adapters: number,
): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const path = join(folder, 'drain.db')
  await copyFile(recorded, path)
  const store = sqliteStore(path)
  const named = adaptersOf(url, concurrency, adapters)
  const secrets = (): string => 'x'
  const worker = createWorker({
    ...{ store, secrets, now: Date.now, monotonic: () => performance.now(), random: Math.random },
    adapters: named,
    transports: Object.fromEntries(
      named.map(({ name }) => [name, url === undefined ? answerAtOnce : httpTransport({ secrets })]),
    ),
    concurrency,
    emit: () => undefined,
    redact: text => text,
  })
  const cost = await measureCost(async () => {
    const { done, left } = await worker.drain({ timeoutMs: 600_000 })
    if (!done) throw new Error(`not drained: ${JSON.stringify(left)}`)
  })
  await worker.stop()
  await store.close()
  await rm(folder, { recursive: true })
  return cost
}
