import { expect, test } from 'vitest'
import { webhook } from '../packages/adapters/webhook/src/index.ts'
import { adapterSuite } from '../packages/core/src/testing.ts'
import { RUNS_ALL, thin } from './sample.ts'

const ADAPTERS = ['files', 'github', 'jira', 'linear', 'neo4j', 'opsera', 'otlp', 'slack', 'taiga', 'webhook']

test('a sample leaves no check out: each text runs with an adapter, all else with each', () => {
  const secrets = { SESSIONWIRE_WEBHOOK_URL: 'http://127.0.0.1:9/x' }
  const checks = adapterSuite({ make: options => webhook({ ...options }), secrets, wrong: [] })
  const homes = new Map(checks.map(({ name }) => [name, 0]))
  for (const adapter of ADAPTERS)
    for (const { name } of thin(checks, adapter)) homes.set(name, (homes.get(name) ?? 0) + 1)
  const texts = [...homes].filter(([name]) => /in every text of a session|^takes at most 2\.5/.test(name))
  expect(texts.length).toBeGreaterThan(40)
  expect(texts.filter(([, count]) => count === 0)).toEqual([])
  expect(texts.filter(([, count]) => count === ADAPTERS.length)).toHaveLength(RUNS_ALL ? texts.length : 0)
  const others = [...homes].filter(([name]) => !texts.some(([text]) => text === name))
  expect(others.length).toBeGreaterThan(20)
  expect(others.filter(([, count]) => count !== ADAPTERS.length)).toEqual([])
})
