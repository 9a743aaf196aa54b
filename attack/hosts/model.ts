import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** One tool call that the model asks for; a tool whose input is a string takes text. `namespace`: the tools it is one of, where a host groups them. */
type ToolCall = Readonly<{
  name: string
  namespace?: string
  input: Readonly<Record<string, unknown>> | string
}>
/** One answer of the model. `until`: it is given again while what the host sends does not have this text. */
export type Answer = Readonly<{ text?: string; tools?: readonly ToolCall[]; until?: string }>
/** Answers by the name that stands in a prompt as `[[name]]`. */
export type Scripts = Readonly<Record<string, readonly Answer[]>>

/** A server that speaks to all hosts as the model they expect, and answers by a script. */
export type FakeModel = Readonly<{ url: string; requests: readonly string[]; close: () => void }>

type Body = Readonly<Record<string, never>> & { readonly [name: string]: unknown }
type Turn = Readonly<{ isModel: boolean; script?: string }>

let count = 0
const newId = (kind: string): string => `${kind}_fake${String(++count).padStart(8, '0')}`

const list = (value: unknown): readonly Body[] => (Array.isArray(value) ? (value as readonly Body[]) : [])
const scriptIn = (value: unknown): string | undefined =>
  [...JSON.stringify(value ?? '').matchAll(/\[\[([a-z]+)\]\]/g)].at(-1)?.[1]

const isModel = ({ role, type }: Body): boolean =>
  role === 'assistant' ||
  role === 'model' ||
  /^(function_call|custom_tool_call|reasoning)$/.test(String(type))
/** The answer of a tool may hold the prompt's mark too. */
const isAnswer = ({ type, content, parts }: Body): boolean =>
  /_output$/.test(String(type)) ||
  list(content).some(each => each.type === 'tool_result') ||
  list(parts).some(each => 'functionResponse' in each)

const turnsOf = (body: Body): readonly Turn[] =>
  [...list(body.messages), ...list(body.input), ...list(body.contents)].map(each => {
    const script = isModel(each) || isAnswer(each) || each.role !== 'user' ? undefined : scriptIn(each)
    return { isModel: isModel(each), ...(script === undefined ? {} : { script }) }
  })

/** The answer whose turn it is: as many as the model gave since the last prompt with a mark, without those that were given again. */
const answerTo = (body: Body, text: string, scripts: Scripts, repeats: { count: number }): Answer => {
  const turns = turnsOf(body)
  const at = turns.findLastIndex(({ script }) => script !== undefined)
  const script = scripts[turns[at]?.script ?? '']
  if (script === undefined) return { text: 'nothing to do' }
  // Several items of one answer follow each other.
  const given = turns
    .slice(at + 1)
    .filter(({ isModel: is }, n, all) => is && all[n - 1]?.isModel !== true).length
  const answer = script[Math.min(given - repeats.count, script.length - 1)] ?? {}
  if (answer.until !== undefined && !text.includes(answer.until)) repeats.count++
  return answer
}

type Reply = (body: Body, answer: Answer, send: (event: string | undefined, data: object) => void) => void

const anthropic: Reply = ({ model }, { text, tools = [] }, send) => {
  const usage = { input_tokens: 10, output_tokens: 10 }
  const message = { id: newId('msg'), type: 'message', role: 'assistant', model, stop_sequence: null, usage }
  const blocks = [
    ...(text === undefined
      ? []
      : [{ block: { type: 'text', text: '' }, delta: { type: 'text_delta', text } }]),
    ...tools.map(({ name, input }) => ({
      block: { type: 'tool_use', id: newId('toolu'), name, input: {} },
      delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
    })),
  ]
  const event = (type: string, more: object) => send(type, { type, ...more })
  event('message_start', { message: { ...message, content: [], stop_reason: null } })
  for (const [index, { block, delta }] of blocks.entries()) {
    event('content_block_start', { index, content_block: block })
    event('content_block_delta', { index, delta })
    event('content_block_stop', { index })
  }
  event('message_delta', {
    delta: { stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
    usage,
  })
  event('message_stop', {})
}

const openai: Reply = ({ model }, { text, tools = [] }, send) => {
  const output = [
    ...(text === undefined
      ? []
      : [
          {
            type: 'message',
            id: newId('msg'),
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text, annotations: [] }],
          },
        ]),
    ...tools.map(({ name, namespace, input }) =>
      typeof input === 'string'
        ? {
            type: 'custom_tool_call',
            id: newId('ctc'),
            call_id: newId('call'),
            name,
            input,
            status: 'completed',
          }
        : {
            type: 'function_call',
            id: newId('fc'),
            call_id: newId('call'),
            name,
            ...(namespace === undefined ? {} : { namespace }),
            arguments: JSON.stringify(input),
            status: 'completed',
          },
    ),
  ]
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 20,
  }
  const response = { id: newId('resp'), object: 'response', status: 'completed', model, output, usage }
  let n = 0
  const event = (type: string, more: object) => send(type, { type, sequence_number: n++, ...more })
  event('response.created', { response: { ...response, status: 'in_progress', output: [] } })
  for (const [index, item] of output.entries()) {
    event('response.output_item.added', { output_index: index, item })
    event('response.output_item.done', { output_index: index, item })
  }
  event('response.completed', { response })
}

const google: Reply = (_, { text, tools = [] }, send) => {
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...tools.map(({ name, input }) => ({ functionCall: { name, args: input, id: newId('fc') } })),
  ]
  send(undefined, {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 },
    modelVersion: 'fake',
  })
}

const REPLIES: readonly (readonly [RegExp, Reply])[] = [
  [/\/messages$/, anthropic],
  [/\/responses$/, openai],
  [/:(?:stream)?generateContent$/i, google],
]

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  return text
}

const other = (path: string, response: ServerResponse): void => {
  const found = /count_?tokens$/i.test(path)
    ? { input_tokens: 10, totalTokens: 10 }
    : /\/models$/.test(path)
      ? { object: 'list', data: [], models: [] }
      : undefined
  response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(found ?? { error: { message: 'not here' } }))
}

/** Starts a model on this machine's own address. */
export const startModel = (scripts: Scripts): Promise<FakeModel> => {
  const requests: string[] = []
  const repeats = { count: 0 }
  const server: Server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    const text = await bodyOf(request)
    const reply = REPLIES.find(([pattern]) => pattern.test(path))?.[1]
    if (reply === undefined) return other(path, response)
    requests.push(text)
    const body = JSON.parse(text) as Body
    const hasTools = list(body.tools).length > 0
    const answer = hasTools ? answerTo(body, text, scripts, repeats) : { text: 'a title' }
    const isStream = body.stream === true || /stream/i.test(path)
    if (!isStream) {
      const all: object[] = []
      reply(body, answer, (_, data) => all.push(data))
      response.writeHead(200, { 'content-type': 'application/json' })
      if (reply !== anthropic) return response.end(JSON.stringify(all.at(-1)))
      const content = answer.text === undefined ? [] : [{ type: 'text', text: answer.text }]
      return response.end(
        JSON.stringify({ ...(all[0] as { message: object }).message, content, stop_reason: 'end_turn' }),
      )
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    reply(body, answer, (event, data) =>
      response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`),
    )
    response.end()
  })
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      resolve({ url: `http://127.0.0.1:${port}`, requests, close: () => server.close() })
    })
  })
}
