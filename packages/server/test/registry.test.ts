import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VERSION } from '../src/version.ts'

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Readonly<Record<string, unknown>>

it('is described to the registry as it is published', () => {
  const server = read('../server.json')
  const own = read('../package.json')
  const command = read('../../cli/package.json')
  const [first] = server.packages as readonly Readonly<Record<string, unknown>>[]
  // The registry takes a name that the package itself names, at most 100 characters of description, and each version once.
  expect(server.name).toBe(command.mcpName)
  expect(String(server.description).length).toBeLessThanOrEqual(100)
  expect({ server: server.version, package: first?.version, own: own.version, constant: VERSION }).toEqual({
    server: command.version,
    package: command.version,
    own: command.version,
    constant: command.version,
  })
  expect(first).toMatchObject({
    registryType: 'npm',
    identifier: command.name,
    transport: { type: 'stdio' },
    packageArguments: [{ type: 'positional', value: 'mcp' }],
  })
  expect(server.repository).toMatchObject({ url: 'https://github.com/sessionwire/sessionwire' })
})
