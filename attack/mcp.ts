// The official tools of the protocol against our server:
//   pnpm mcp:check
// The Inspector's command and the conformance runner come from the registry, once, into node_modules/.cache.
import { conformAll } from './mcp/conform.ts'
import { ERAS, inspectAll } from './mcp/inspect.ts'
import { serveOpen } from './mcp/serve.ts'

const { lines, wrong } = await inspectAll(() => serveOpen())
for (const line of lines) console.log(`inspector: ${line}`)
console.log(
  `inspector: ${lines.length} questions, in ${ERAS.join(' and ')}, over stdio and HTTP: ${wrong.length} wrong`,
)
const server = await serveOpen('A session to read')
const conformed = await conformAll(server.url).finally(() => server.close())
for (const line of conformed.lines) console.log(line)
for (const each of [...wrong, ...conformed.wrong]) console.error(`\n${each}`)
process.exitCode = wrong.length + conformed.wrong.length === 0 ? 0 : 1
