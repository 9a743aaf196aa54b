/**
 * One row per room: the files it is made of and what they may import beside each other. The first row that
 * fits a file is its row. Paths are relative to `packages/`: one that ends in `/` stands for all below it,
 * `*` for the adapter the file belongs to, `path#Name` for that type alone. A pure room touches no clock,
 * chance, environment or `node:` module, and waits for nothing, but for the globals its row names.
 */
export type Row = Readonly<{ room: string; files: readonly string[]; may: readonly string[]; pure?: true }>

const core = (...paths: readonly string[]) => paths.map(path => `core/src/${path}`)
const own = (...paths: readonly string[]) => paths.map(path => `adapters/*/src/${path}`)
const contract = ['@sessionwire/core/adapter', 'zod']

/** Core's own schemas; the whole of zod is for adapters, and core names its types alone. */
const mini = ['zod/mini']
const session = core('session/')
/** JSON is what every room speaks; its type lives with the session. */
const calls = core('descriptor/', 'session/schema.ts#Json')
const rules = core(
  ...['model', 'policy', 'place', 'target', 'lanes', 'settle', 'pause', 'move', 'transitions', 'windows'].map(
    name => `delivery/${name}.ts`,
  ),
)
/** Everything else of delivery waits: attempts, look-ups, the worker and its pieces. */
const loops = core('delivery/')
const store = core('store/contract.ts', 'store/sessions.ts', 'store/messages.ts')
/** How fast an adapter's service may be called. */
const rate = core('adapter/contract.ts#Rate')
const kept = [...store, ...rules, ...session, ...calls, ...rate]
const memory = core('store/memory.ts', 'store/memory/')
/** How calls that follow each other let the event loop go on. */
const turns = core('store/turns.ts')
const tracker = core('tracker.ts', 'tracker/')
const rooms = [
  'session',
  'descriptor',
  'adapter',
  'render',
  'export',
  'delivery',
  'transport',
  'recorder',
  'diagnostics',
]
/** Texts of a session before markup: their shape is part of the contract of adapters. */
const shown = core('adapter/card.ts')
/** The store in a file where the platform has files: `imports` of package.json says which module that is. */
const everything = [
  ...core(...rooms.map(room => `${room}/`)),
  ...store,
  ...memory,
  ...tracker,
  '#file-store',
  '#diagnostics',
]

// biome-ignore format: a table is read one line at a time
export const rows: readonly Row[] = [
  { room: 'session', files: session, may: mini, pure: true },
  { room: 'digest', files: core('descriptor/digest.ts'), may: calls, pure: true },
  { room: 'descriptor', files: core('descriptor/'), may: [...calls, ...core('session/errors.ts', 'session/words.ts', 'session/message.ts', 'session/text.ts'), ...mini], pure: true },
  { room: 'environment', files: core('adapter/environment.ts'), may: [...session, 'globalThis'], pure: true },
  { room: 'adapter', files: core('adapter/'), may: [...session, ...calls, ...core('transport/contract.ts'), 'zod', ...mini], pure: true },
  { room: 'render', files: core('render/'), may: [...calls, ...shown, ...core('session/errors.ts', 'session/words.ts', 'session/text.ts')], pure: true },
  { room: 'export', files: core('export/'), may: session, pure: true },
  { room: 'delivery (pure)', files: rules, may: [...calls, ...rate], pure: true },
  { room: 'diagnostics channels', files: core('diagnostics/channels.ts'), may: [...core('diagnostics/messages.ts'), 'node:diagnostics_channel', 'node:async_hooks'] },
  { room: 'diagnostics', files: core('diagnostics/'), may: core('diagnostics/messages.ts') },
  { room: 'delivery (waits)', files: loops, may: [...loops, ...calls, ...store, '#diagnostics', ...core('diagnostics/', 'session/errors.ts', 'session/at-once.ts', 'session/words.ts', 'session/text.ts', 'adapter/contract.ts', 'adapter/http-outcome.ts', 'transport/contract.ts')] },
  { room: 'store contract', files: store, may: [...session, ...calls, ...rate, ...core('delivery/model.ts')] },
  { room: 'store turns', files: turns, may: [] },
  { room: 'store memory', files: memory, may: [...kept, ...turns] },
  { room: 'store sqlite', files: core('store/sqlite/'), may: [...kept, ...turns, 'node:'] },
  { room: 'http', files: core('transport/http.ts'), may: [...core('transport/', 'session/at-once.ts'), ...calls, 'ky'] },
  { room: 'transport', files: core('transport/'), may: [...calls, ...core('session/version.ts', 'session/at-once.ts')] },
  { room: 'recorder', files: core('recorder/'), may: [...session, ...calls, ...store, ...core('adapter/', 'export/', 'delivery/model.ts', 'delivery/place.ts')] },
  { room: 'tracker', files: tracker, may: [...everything, ...mini] },
  { room: 'testing', files: core('testing.ts', 'testing/'), may: [...core(''), 'zod', 'node:'] },
  { room: 'webhooks', files: core('webhooks.ts', 'webhooks/'), may: [...core('webhooks/'), '@noble/hashes/'] },
  { room: 'capture', files: core('capture.ts', 'capture/'), may: core('capture/'), pure: true },
  { room: 'entry ./sqlite', files: core('sqlite.ts'), may: [...store, ...core('store/sqlite/')] },
  { room: 'entries', files: core('index.ts', 'adapter.ts', 'delivery.ts', 'redact.ts', 'render.ts', 'schema.ts', 'store.ts'), may: everything },
  { room: 'hosts hook', files: ['hosts/src/hook/'], may: ['node:', '@sessionwire/core/capture', '@sessionwire/core/redact'] },
  { room: 'hosts mapping', files: ['hosts/src/mapping/'], may: ['hosts/src/hook/line.ts', '@sessionwire/core', '@sessionwire/core/capture'], pure: true },
  { room: 'hosts', files: ['hosts/src/'], may: ['hosts/src/', 'node:', '@sessionwire/core', '@sessionwire/core/adapter', 'jsonc-parser'] },
  { room: 'agents ai-sdk', files: ['agents/src/ai-sdk.ts'], may: ['agents/src/', '@sessionwire/core', 'ai'] },
  { room: 'agents openai', files: ['agents/src/openai-agents.ts', 'agents/src/openai-events.ts'], may: ['agents/src/', '@sessionwire/core', '@openai/agents'] },
  { room: 'agents claude', files: ['agents/src/claude-agent-sdk.ts', 'agents/src/claude-sub-agents.ts'], may: ['agents/src/', '@sessionwire/core', '@anthropic-ai/claude-agent-sdk'] },
  { room: 'agents', files: ['agents/src/'], may: ['agents/src/', '@sessionwire/core', '@sessionwire/core/capture'] },
  { room: 'otel', files: ['otel/src/'], may: ['otel/src/', '@sessionwire/core', '@opentelemetry/api', 'node:diagnostics_channel', 'node:async_hooks'] },
  { room: 'cli modules', files: ['cli/src/workspace/import-module.ts'], may: ['(computed)'] },
  { room: 'cli', files: ['cli/src/'], may: ['cli/src/', 'node:', '@sessionwire/core', '@sessionwire/core/adapter', '@sessionwire/core/redact', '@sessionwire/core/schema', '@sessionwire/core/sqlite', '@sessionwire/hosts', '@clack/prompts', 'commander', 'jsonc-parser', ...mini] },
  { room: 'server', files: ['server/src/'], may: ['server/src/', 'node:', '@sessionwire/core', '@sessionwire/core/adapter', '@sessionwire/core/schema', '@modelcontextprotocol/server', '@modelcontextprotocol/server/stdio', 'jose', 'zod'] },
  { room: 'store postgres', files: ['stores/postgres/src/'], may: ['stores/postgres/src/', '@sessionwire/core/store', 'pg'] },
  { room: 'adapter testing', files: own('testing.ts', 'testing/'), may: [...own(''), ...contract, '@sessionwire/core/testing', 'node:'] },
  { room: 'adapter signer', files: ['adapters/webhook/src/index.ts'], may: [...own(''), ...contract, '@sessionwire/core/webhooks'] },
  { room: 'adapter disk', files: ['adapters/files/src/disk/'], may: [...own(''), ...contract, 'node:'] },
  { room: 'adapter bolt', files: ['adapters/neo4j/src/bolt.ts'], may: [...own(''), ...contract, 'neo4j-driver'] },
  { room: 'adapter calls', files: own('actions.ts', 'actions/', 'hooks.ts', 'text.ts', 'outcome.ts'), may: [...own(''), ...contract], pure: true },
  { room: 'adapter source', files: own(''), may: contract },
]

/** What a pure room may not name; with a dot: may not read from what it may name. */
export const impure: ReadonlySet<string> = new Set([
  ...['process', 'performance', 'crypto', 'globalThis', 'fetch', 'Buffer', 'queueMicrotask'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'Date.now', 'Math.random'],
  ...['Promise.resolve', 'Promise.all', 'Promise.race', 'Promise.allSettled'],
])

/** Words core does not know. */
export const services = /slack|linear|jira|taiga|opsera|neo4j/i
/** Names that say nothing. */
export const vagueFolder = /(^|\/)(utils|types|helpers|common|shared|lib)\//
export const maxLines = 300
