import type { Transport } from '@sessionwire/core/delivery'
import type { HostileServer } from '@sessionwire/core/testing'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { misbehave, sendTo } from '../stage/local.ts'

/** The adapters of a run, how they send, and the services they meet. */
export type Stage = Readonly<{
  adapters: readonly (ReturnType<typeof linear> | ReturnType<typeof slack>)[]
  transports: Readonly<Record<string, Transport>>
  secrets: (name: string) => string | undefined
  services: ReadonlyMap<string, HostileServer>
  close: () => Promise<void>
}>

/** The real services, configured by the environment. */
export const live = (): Stage => {
  const adapters = [linear.fromEnv(), slack.fromEnv()].filter(adapter => adapter !== undefined)
  if (adapters.length === 0)
    throw new Error(
      '--live needs at least one service: set LINEAR_API_KEY and LINEAR_TEAM_ID, or SLACK_BOT_TOKEN and SLACK_CHANNEL.',
    )
  return {
    adapters,
    transports: {},
    secrets: name => process.env[name],
    services: new Map(),
    close: async () => undefined,
  }
}

/** Services on this machine that behave like the real ones and then fail in many ways. Nothing leaves the machine. */
export const local = async (now: () => number): Promise<Stage> => {
  const [issues, chat] = await Promise.all([hostileLinear({ now }), hostileSlack({ now })])
  const values: Readonly<Record<string, string>> = {
    LINEAR_API_KEY: 'lin_api_test',
    SLACK_BOT_TOKEN: chat.token,
  }
  const secrets = (name: string): string | undefined => values[name]
  const services = new Map<string, HostileServer>([
    ['linear', issues],
    ['slack', chat],
  ])
  for (const service of services.values()) misbehave(service)
  return {
    adapters: [
      linear({ teamId: 'BIL', states: { start: 'In Progress', close: 'Done' } }),
      slack({ channel: 'C0123456789' }),
    ],
    transports: Object.fromEntries([...services].map(([name, service]) => [name, sendTo(service, secrets)])),
    secrets,
    services,
    close: async () => {
      for (const service of services.values()) await service.close()
    },
  }
}
