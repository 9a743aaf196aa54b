import { expect, test } from 'vitest'
import { checkDescriptor, readDescriptor, writeDescriptor } from '../src/descriptor/check.ts'
import type { Descriptor } from '../src/descriptor/descriptor.ts'
import { TrackerError } from '../src/session/errors.ts'

const read = (stored: object) => readDescriptor(JSON.stringify(stored))

const auth = { basic: ['USER', 'PASSWORD'] }
const cypher = {
  kind: 'cypher',
  uri: 'bolt://db.example.com:7687',
  database: 'graph',
  statement: 'RETURN $x',
  parameters: { x: 1 },
}

test('a statement of the first edition becomes a custom call, with its look-ups', () => {
  const lifted = read({
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

const plain: Descriptor = {
  key: 'k',
  action: 'a',
  kind: 'custom',
  target: 'bolt',
  payload: { version: 7 },
  repeat: 'safe',
}

test('a descriptor is stored with its version, and read without it', () => {
  const text = writeDescriptor(plain)
  expect(JSON.parse(text)).toEqual({ version: 2, ...plain })
  expect(readDescriptor(text)).toEqual(plain)
})

test('a descriptor of the first edition has no version', () => {
  expect(read(plain)).toEqual(plain)
})

test('a descriptor of a newer release is refused', () => {
  expect(() => read({ version: 3, ...plain })).toThrow(
    new TrackerError(
      'STORE',
      'descriptor k: written by a newer release; expected version 2 or older, got 3. Upgrade @sessionwire/core.',
    ),
  )
})
