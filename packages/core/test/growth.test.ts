import { describe, expect, it } from 'vitest'
import { sample } from '../../../test/sample.ts'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import { createMarkdown } from '../src/adapter.ts'
import { publicReason } from '../src/delivery/reason.ts'
import { choose, findNamed } from '../src/descriptor/captures.ts'
import { checkDescriptor } from '../src/descriptor/check.ts'
import type { Descriptor, HttpCall } from '../src/descriptor/descriptor.ts'
import { fill } from '../src/descriptor/fill.ts'
import { nextPage } from '../src/descriptor/paging.ts'
import { at } from '../src/descriptor/pointer.ts'
import { template, wrongAddress } from '../src/descriptor/wire.ts'
import { toContext } from '../src/export/context.ts'
import { toJson } from '../src/export/json.ts'
import { toMarkdown } from '../src/export/markdown.ts'
import { render } from '../src/render/render.ts'
import { redactText } from '../src/session/redact-text.ts'
import type { Session } from '../src/session/session.ts'
import { cleanText, isVisible, LONG_BYTES, lines, oneLine, shorten, titleOf } from '../src/session/text.ts'
import { ADVERSARIAL, measureGrowth } from '../src/testing/adapter-growth.ts'
import { story } from '../src/testing/story.ts'
import { createRedactor } from '../src/transport/redact.ts'

const markdown = createMarkdown()
const code = { links: 'code', maxLength: 1_000_000 } as const
const live = { links: 'live', maxLength: 1_000_000 } as const
const redactor = createRedactor(name => `${name}-abcdefghijklmnopqrstuvwxyz-0123456789`)
await redactor.secrets('TOKEN')
await redactor.secrets('USER')

const descriptorOf = (text: string): Descriptor => ({
  key: 'k',
  action: 'post',
  kind: 'http',
  method: 'POST',
  endpoint: 'https://a.example/in',
  query: { text },
  payload: { query: text, variables: { text, list: [text] } },
  repeat: 'safe',
})
const { query: _, ...plainPost } = descriptorOf('') as HttpCall & Descriptor
const blockOf = (text: string): Descriptor => ({
  ...descriptorOf(text),
  payload: { text: { $ref: 'text', between: ['[a]', '[z]'], put: text } },
})
const SENT = { action: 'post', role: 'call' } as const
const linkOf = (link: string) =>
  nextPage(
    { kind: 'http', method: 'GET', endpoint: 'https://a.example/in' },
    { kind: 'answer', status: 200, headers: { link }, body: [] },
    { call: { kind: 'http', method: 'GET', endpoint: 'https://a.example/in' }, next: { link: 'next' } },
    { got: 1, read: 1, page: 0 },
  )
const plain = story({ hooks: ['decision', 'blocker'] }).at(-1)?.session as Session
const sessionOf = (text: string): Session => ({ ...plain, goal: text })

/** Every function of core that a text of a person, a model or a service goes through. */
const FUNCTIONS: Readonly<Record<string, (text: string) => unknown>> = {
  cleanText,
  shorten: text => shorten(text, 100_000),
  oneLine: text => oneLine(text, 1_000_000),
  lines: text => lines(text, 1_000_000),
  isVisible,
  titleOf: title => titleOf({ title, id: 's1' }, 1_000_000),
  'markdown.inline': text => markdown.inline(text, 1_000_000, 'code'),
  'markdown.block': text => markdown.block(text, 1_000_000, 'live'),
  'markdown.text': text => [markdown.text(text, code), markdown.text(text, live)],
  'markdown.text of own markup': text => markdown.text({ markdown: text }, code),
  'markdown.fence': text => markdown.fence(text, 'json', 1_000_000),
  redactText: text => redactText(text),
  'redactor.redact': redactor.redact,
  'redactor.find': redactor.find,
  publicReason: text => publicReason(text, redactor.redact),
  httpOutcome: body =>
    httpOutcome({ kind: 'answer', status: 400, headers: { 'retry-after': body }, body }, SENT),
  checkDescriptor: text => checkDescriptor(descriptorOf(text)),
  template: text => template(`https://a.example/${text}`),
  wrongAddress: text => [wrongAddress(text), wrongAddress(`https://${text}`)],
  fill: text => fill(descriptorOf(text), {}, 0),
  'fill a block': text => fill(blockOf(text), { text: `[a]${text}[z]${text}` }, 0),
  'fill an address': text =>
    fill({ kind: 'http', method: 'GET', endpoint: 'https://a.example/{a}' }, { a: text }, 0),
  'Link header': text => [linkOf(text), linkOf(`<https://a.example/>${text}`), linkOf(`<${text}`)],
  pointer: text => at({ a: text }, `/${text}`),
  findNamed: text => findNamed([{ name: text }, { name: `${text} b` }], '/name', text),
  choose: text => choose([{ name: text }], { pointer: '', contains: text }),
  toMarkdown: text => toMarkdown(sessionOf(text)),
  toContext: text => toContext(sessionOf(text), 1_000_000),
  toJson: text => toJson(sessionOf(text)),
  ...Object.fromEntries(
    ['text', 'curl', 'http', 'graphql'].map(format => [
      `render ${format}`,
      (text: string) => render({ ...plainPost, action: text, payload: { query: text } }, format),
    ]),
  ),
}

const refuses = (run: () => unknown) => {
  try {
    run()
  } catch {
    // A text may be refused: the time until then counts.
  }
}

const PIECES = [...ADVERSARIAL, '<a', '; rel', '{a', '%', '=', '-a', 'A_']
const functions = Object.entries(FUNCTIONS).map(([name, run], place) => [name, run, place] as const)

describe('takes at most 2.5 times as long for texts of twice the length:', () => {
  // In a sample each meets a third of them.
  it.each(functions)('%s', (_, run, place) => {
    const slow = sample(PIECES, 3, place).flatMap(piece => {
      const text = `${piece.repeat(LONG_BYTES / piece.length)}x`
      const growth = measureGrowth(
        () => refuses(() => run(text)),
        () => refuses(() => run(text + text)),
      )
      return growth <= 2.5 ? [] : [[piece, growth]]
    })
    expect(slow).toEqual([])
  })
})
