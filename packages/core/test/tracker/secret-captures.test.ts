import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Renderer } from '../../src/descriptor/renderer.ts'
import { createTracker } from '../../src/tracker.ts'
import { tool } from '../recorder/tool.ts'

const TOKEN = 'tool-token-4f9c1d7be2a8'

test('a value that holds a whole secret is not captured: nothing of it is stored, sent on or told', async () => {
  const received: string[] = []
  const server = createServer((request, response) => {
    received.push(`${request.method} ${request.url}`)
    // A debugging proxy that repeats the credential in what it answers.
    response.end(JSON.stringify({ id: `C1?auth=${encodeURIComponent(request.headers.authorization ?? '')}` }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const plain = tool({ config: { base } })
  const adapter = {
    ...plain,
    secrets: ['TOOL_TOKEN'],
    origins: [base],
    hooks: {
      ...plain.hooks,
      start: () => [
        (at: Parameters<ReturnType<typeof plain.actions.make>>[0]) => ({
          ...plain.actions.make({ text: 'a' })(at),
          auth: { header: 'authorization', prefix: 'Bearer ', secret: 'TOOL_TOKEN' },
        }),
      ],
    },
  }
  await using tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    adapters: [adapter],
    secrets: () => TOKEN,
  })
  const heard: unknown[] = []
  tracker.on('error', event => heard.push(event))
  const session = await tracker.start({ goal: 'Fix it' })
  await tracker.drain({ timeoutMs: 60_000 })
  const [delivery] = await tracker.deliveries({ lane: session.id })
  expect(delivery).toMatchObject({
    state: 'dead',
    reason: 'the value captured as "card" holds the secret TOOL_TOKEN and is not kept',
  })
  expect(JSON.stringify([await tracker.deliveries(), await session.cards(), heard])).not.toContain(TOKEN)
  expect(received).toEqual(['POST /cards'])
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const renderer: Renderer = {
  format: 'notes',
  write: ({ payload, endpoint }) => `WRITE ${JSON.stringify(payload)} TO ${endpoint ?? ''}`,
  comment: text => `; ${text}`,
}

test('a tracker renders previews with the renderers and lines of its adapters', async () => {
  const plain = tool({ mode: 'preview' })
  const note = {
    ...tool({ name: 'note', mode: 'preview' }),
    renderers: { notes: renderer },
    describe: { make: () => 'Note: written for people' },
    hooks: {
      start: () => [
        ({ key }: Readonly<{ key: string }>) => ({
          key,
          action: 'make',
          kind: 'custom' as const,
          target: 'notes',
          endpoint: 'file://notes',
          payload: { text: 'a' },
          repeat: 'safe' as const,
        }),
      ],
    },
  }
  await using tracker = await createTracker({ project: 'billing', user: 'fixer', adapters: [plain, note] })
  const session = await tracker.start({ goal: 'Fix it' })
  const previews = await tracker.preview(session.id)
  const quiet = { comments: false }
  expect(tracker.render(previews, 'text')).toBe(
    'note: Note: written for people\ntool: make: POST tool.test/cards\n',
  )
  expect(tracker.render(previews.slice(0, 1), 'notes', quiet)).toBe('WRITE {"text":"a"} TO file://notes\n')
  expect(tracker.render(previews, 'notes', quiet)).toBe(
    [
      'WRITE {"text":"a"} TO file://notes',
      '',
      '; cannot be written as notes; as curl:',
      "; curl -sSg -X POST 'https://tool.test/cards' \\",
      ";   -H 'accept: application/json' \\",
      ";   -H 'content-type: application/json' \\",
      `;   --data-raw '{`,
      `;   "text": "Fix it | active 0 | "`,
      `; }'`,
      '',
    ].join('\n'),
  )
  expect(() => tracker.render(previews, 'cypher')).toThrow('render.format: unknown format "cypher"')
})
