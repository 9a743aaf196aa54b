import { expect, test } from 'vitest'
import config from '../../../../vitest.config.ts'

const { TEST_NEO4J_URI = '' } = process.env

if (TEST_NEO4J_URI === '')
  console.info(
    'Neo4j: the tests beside a real server were left out. `scripts/neo4j-server npm test` runs them too, where there is ' +
      'a server (NEO4J_URI), a Docker engine, or Maven with Java.',
  )

test('tests beside a real server run where the environment names one, and only there', () => {
  const names = (config.test?.projects ?? []).map(each =>
    typeof each === 'object' && 'test' in each ? each.test?.name : undefined,
  )
  expect(names.includes('services')).toBe(TEST_NEO4J_URI !== '')
})
