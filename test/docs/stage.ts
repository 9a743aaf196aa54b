// Loaded by a block of a page in place of `@sessionwire/core`: its adapters speak to services on this machine, and when the
// block closes its tracker, what the services applied is printed.

import { readdirSync, readFileSync } from 'node:fs'
import type { AnyAdapter } from '../../packages/core/src/adapter.ts'
import { httpTransport } from '../../packages/core/src/delivery.ts'
import { createTracker as create, type Tracker, type TrackerOptions } from '../../packages/core/src/index.ts'
import type { HostileServer } from '../../packages/core/src/testing.ts'

export * from '../../packages/core/src/index.ts'

const SECRETS: Readonly<Record<string, string>> = {
  GITHUB_TOKEN: 'ghp_test',
  LINEAR_API_KEY: 'lin_api_test',
  SLACK_BOT_TOKEN: 'xoxb-test',
  JIRA_EMAIL: 'mia@example.com',
  JIRA_API_TOKEN: 'api-token',
  TAIGA_TOKEN: 'app-token',
  OPSERA_API_KEY: 'opsera-key',
}

type Service = HostileServer &
  Readonly<{ address?: string; secret?: string; token?: string; username?: string; password?: string }>

const serve = async (name: string): Promise<Service> => {
  const module = (await import(`../../packages/adapters/${name}/src/testing.ts`)) as Readonly<
    Record<string, unknown>
  >
  const make = Object.entries(module).find(([key]) => /^hostile/.test(key))?.[1] as () => Promise<Service>
  return make()
}

const isAdapter = (each: unknown): each is AnyAdapter => typeof each === 'object' && each !== null

/** `createTracker` with its adapters before services of their own; `print` is where the end of it is told. */
export const createTracker = async (
  options: TrackerOptions,
  print: (line: string) => void = console.log,
): Promise<Tracker> => {
  const adapters = ((options.adapters ?? []) as readonly unknown[]).filter(isAdapter)
  const services = new Map<string, Service>()
  // Files go to the working folder, and to no service.
  for (const { name } of adapters) if (name !== 'files') services.set(name, await serve(name))
  const tokens = new Map(
    adapters.map(({ name, secrets: [secret = ''] }) => [secret, services.get(name)?.token] as const),
  )
  const graph = services.get('neo4j')
  const receiver = services.get('webhook')
  const known = {
    NEO4J_USERNAME: graph?.username,
    NEO4J_PASSWORD: graph?.password,
    SESSIONWIRE_WEBHOOK_URL: receiver?.address,
    SESSIONWIRE_WEBHOOK_SECRET: receiver?.secret,
  }
  const secrets = (name: string) => known[name as keyof typeof known] ?? tokens.get(name) ?? SECRETS[name]
  const signers = Object.assign({}, ...adapters.map(each => each.signers))
  const http = httpTransport({ secrets, signers })
  const transports = adapters.map(({ name, transport }) => {
    const moved = {
      send: (...[call, sending]: Parameters<typeof http.send>) => {
        if (call.kind !== 'http' || typeof call.endpoint !== 'string') return http.send(call, sending)
        const { pathname, search } = new URL(call.endpoint)
        return http.send({ ...call, endpoint: `${services.get(name)?.url}${pathname}${search}` }, sending)
      },
    }
    return [name, transport?.({ secrets, http: moved, now: Date.now }) ?? moved] as const
  })
  const tracker = await create({ ...options, secrets, transports: Object.fromEntries(transports) } as never)
  const close = async (): Promise<void> => {
    await (tracker as Tracker).close()
    for (const each of readdirSync('.', { recursive: true, encoding: 'utf8' }).filter(path =>
      path.endsWith('.md'),
    ))
      print(`written: ${readFileSync(each, 'utf8')}`)
    for (const [name, service] of services) {
      const applied = service.requests().filter(({ answer }) => (answer?.status ?? 500) < 300)
      print(`applied by ${name}: ${JSON.stringify(applied)}`)
      await service.close()
    }
  }
  return { ...(tracker as Tracker), close }
}
