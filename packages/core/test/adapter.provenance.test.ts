import { expect, test } from 'vitest'
import { provenance, provenanceText, replaceCard, uuidFrom, wrapCard } from '../src/adapter.ts'
import { VERSION } from '../src/session/version.ts'

const event = { id: '01990000-0000-7000-8000-00000000e001' }
const by = `sessionwire ${VERSION}`

test.for([
  ['01990000-0000-7000-8000-00000000a001', '01990000-0000-7000-8000-00000000a001'],
  ['build_7', 'build_7'],
  ['<@U012> *now*', uuidFrom('<@U012> *now*')],
  ['__a__', uuidFrom('__a__')],
  ['example.com', uuidFrom('example.com')],
  ['a\u202eb', uuidFrom('a\u202eb')],
  ['a'.repeat(101), uuidFrom('a'.repeat(101))],
] as const)('the id %j stands in texts as %s', ([id, shown]) => {
  const origin = { session: { id }, event }
  expect(provenanceText(origin)).toBe(`Session ${shown} · event ${event.id} · ${by}`)
  const block = `▼ Session ${shown}\n\ntext\n\nEvent ${event.id} · ${by}\n▲ Session ${shown}`
  expect(wrapCard('text', origin)).toBe(block)
  expect(replaceCard('body', 'text', origin)).toEqual({
    $ref: 'body',
    between: [`▼ Session ${shown}`, `▲ Session ${shown}`],
    put: block,
  })
})

test('data keeps the id as it is', () =>
  expect(provenance({ session: { id: '<@U012>' }, event })).toEqual({
    session: '<@U012>',
    event: event.id,
    by,
  }))
