import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { buildCommand } from '../../cli/test/stage.ts'
import type { Era } from './connect.ts'

/** The command built as it is published, with the server and Linear beside it. */
const build = (): string => {
  const { main, addAdapter, addServer } = buildCommand()
  addServer()
  addAdapter('linear')
  return main
}

type Environment = Readonly<Record<string, string>>

/** Nothing of this machine's user, and data and configuration of their own. */
const environmentOf = (folder: string): Record<string, string> => {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  return {
    ...{ PATH, HOME, NODE_COMPILE_CACHE },
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    MSP_USER_NAME: 'Ada',
  }
}

/** Runs the command in the folder `work` to its end, and gives what it printed; throws where it fails. */
export const runCommand = (
  folder: string,
  words: readonly string[],
  env: Environment = {},
  input = '',
): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [build(), ...words], {
    ...{ cwd: join(folder, 'work'), encoding: 'utf8', input },
    env: { ...environmentOf(folder), ...env },
  })
  if (status === 0) return stdout
  throw new Error(`sessionwire ${words.join(' ')} ended with ${status}: ${stderr}`)
}

/** `sessionwire mcp` and an official client of it. */
export type Running = Readonly<{ client: Client; transport: StdioClientTransport; stderr: () => string }>

/** Starts `sessionwire mcp` in the folder `work`, as a host does. */
export const startMcp = async (
  folder: string,
  { era, words = [], env = {} }: Readonly<{ era: Era; words?: readonly string[]; env?: Environment }>,
): Promise<Running> => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [build(), 'mcp', ...words],
    cwd: join(folder, 'work'),
    env: { ...environmentOf(folder), ...env },
    stderr: 'pipe',
  })
  let errors = ''
  transport.stderr?.on('data', text => {
    errors += text
  })
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: era } })
  await client.connect(transport)
  return { client, transport, stderr: () => errors }
}
