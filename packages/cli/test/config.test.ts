import { expect, test } from 'vitest'
import { checkConfig, configJsonSchema } from '../src/workspace/schema.ts'

type Schema = Readonly<{
  $schema?: string
  description?: string
  type?: string
  enum?: readonly unknown[]
  minLength?: number
  maxLength?: number
  anyOf?: readonly Schema[]
  properties?: Readonly<Record<string, Schema>>
  additionalProperties?: boolean | Schema
}>

/** Configurations that are right. */
const right: readonly object[] = [
  {},
  { $schema: './config.schema.json', project: 'billing', user: 'Ada', store: '.sessionwire/a.db' },
  {
    adapters: {
      slack: { channel: 'C0123456789', mode: 'preview', secrets: { SLACK_BOT_TOKEN: 'OPS_TOKEN' } },
    },
  },
  { adapters: { 'own-one': { use: './adapter.ts', enabled: false, anything: { at: ['all'] } } } },
  { capture: { todos: 'steps', text: 'title', idleMs: 60_000 }, recall: { inject: false, from: 'team' } },
  { policy: { giveUpAttempts: 3, timeoutMs: 5_000 } },
]

/** Configurations that are wrong, with what is said of them. */
const wrong: readonly (readonly [config: unknown, message: string])[] = [
  [[], 'the file: invalid type; expected object'],
  [{ project: '' }, 'project: empty; expected a text'],
  [{ project: 'x'.repeat(257) }, 'project: too long; expected at most 256 characters'],
  [{ project: 1 }, 'project: invalid type; expected string'],
  [
    { unknown: 1 },
    'unknown: unknown option; expected one of $schema, project, user, store, adapters, capture, recall, policy',
  ],
  [{ adapters: { slack: 'C1' } }, 'adapters.slack: invalid type; expected object'],
  [{ adapters: { '1x': {} } }, 'adapters.1x: invalid name; expected letters, digits, - and _ after a letter'],
  [
    { adapters: { slack: { mode: 'send' } } },
    'adapters.slack.mode: invalid value; expected one of execute, preview, handoff',
  ],
  [{ adapters: { slack: { via: 'cli' } } }, 'adapters.slack.via: invalid value; expected mcp'],
  [{ capture: { text: 'all' } }, 'capture.text: invalid value; expected one of off, title, summary'],
  [{ capture: { todos: 'all' } }, 'capture.todos: invalid value; expected one of boolean, steps'],
  [{ capture: { idleMs: -1 } }, 'capture.idleMs: too small; expected at least 0'],
  [{ recall: { from: 'everybody' } }, 'recall.from: invalid value; expected one of me, team'],
  [{ policy: { retries: 3 } }, 'policy.retries: unknown option; expected one of backoffMs, '],
]

test.for(right)('is right: %j', config => expect(checkConfig(config, 'file')).toEqual(config))

test.for(wrong)('is wrong: %j', ([config, message]) => {
  expect(() => checkConfig(config, 'file')).toThrow(`file: ${message}`)
})

/** The part of JSON Schema that ours uses. */
const fits = (schema: Schema, value: unknown): boolean => {
  if (schema.anyOf !== undefined) return schema.anyOf.some(each => fits(each, value))
  if (schema.enum !== undefined) return schema.enum.includes(value)
  if ('const' in schema) return (schema as { const: unknown }).const === value
  if (schema.type === 'string') {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
    return typeof value === 'string' && value.length >= minLength && value.length <= maxLength
  }
  if (schema.type === 'number')
    return typeof value === 'number' && value >= ((schema as { minimum?: number }).minimum ?? value)
  if (schema.type === 'boolean') return typeof value === 'boolean'
  if (schema.type !== 'object') return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { properties = {}, additionalProperties = true } = schema
  const names = (schema as { propertyNames?: { pattern?: string } }).propertyNames?.pattern
  return Object.entries(value).every(([name, part]) => {
    if (names !== undefined && !new RegExp(names).test(name)) return false
    const own = properties[name]
    if (own !== undefined) return fits(own, part)
    return typeof additionalProperties === 'object' ? fits(additionalProperties, part) : additionalProperties
  })
}

test('the JSON Schema that is published says the same of each of them', () => {
  const schema = configJsonSchema() as Schema
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
  for (const config of right) expect([config, fits(schema, config)]).toEqual([config, true])
  for (const [config] of wrong) expect([config, fits(schema, config)]).toEqual([config, false])
})

test('the JSON Schema describes every option', () => {
  const walk = (schema: Schema, path: string): readonly string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
      ...(part.description === undefined && !path.startsWith('policy') ? [`${path}${name}`] : []),
      ...walk(part, `${path}${name}.`),
    ])
  expect(walk(configJsonSchema() as Schema, '')).toEqual([])
})
