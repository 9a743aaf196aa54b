import { expect, test } from 'vitest'
import { checkDescriptor } from '../src/descriptor/check.ts'
import { liftDescriptor } from '../src/descriptor/lift.ts'

const auth = { basic: ['USER', 'PASSWORD'] }
const cypher = {
  kind: 'cypher',
  uri: 'bolt://db.example.com:7687',
  database: 'graph',
  statement: 'RETURN $x',
  parameters: { x: 1 },
}

test('a statement of the first edition becomes a custom call, with its look-ups', () => {
  const lifted = liftDescriptor({
    key: 'e1/graph/0',
    action: 'merge',
    ...cypher,
    auth,
    before: [
      { call: { ...cypher, access: 'read' }, list: '/data', next: { cursor: '/c', into: '/parameters/x' } },
    ],
    repeat: 'safe',
  })
  const custom = { kind: 'custom', target: 'bolt', endpoint: 'bolt://db.example.com:7687' }
  const payload = { database: 'graph', statement: 'RETURN $x', parameters: { x: 1 } }
  expect(lifted).toEqual({
    key: 'e1/graph/0',
    action: 'merge',
    ...custom,
    payload,
    auth,
    before: [
      {
        call: { ...custom, payload: { ...payload, access: 'read' } },
        list: '/data',
        next: { cursor: '/c', into: '/payload/parameters/x' },
      },
    ],
    repeat: 'safe',
  })
  expect(() => checkDescriptor(lifted)).not.toThrow()
})

test('a descriptor of this version is returned as it is', () => {
  const descriptor = { key: 'k', action: 'a', kind: 'custom', target: 'bolt', payload: {}, repeat: 'safe' }
  expect(liftDescriptor(descriptor)).toBe(descriptor)
})
