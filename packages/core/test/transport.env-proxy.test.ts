import { afterEach, expect, test, vi } from 'vitest'
import { nodeCarry } from '../src/transport/node.ts'

afterEach(() => vi.unstubAllEnvs())

test.each<[string, string, boolean]>([
  ['NODE_USE_ENV_PROXY', '1', false],
  ['NODE_USE_ENV_PROXY', 'true', false],
  ['NODE_USE_ENV_PROXY', '0', true],
  ['NODE_OPTIONS', '--use-env-proxy', false],
  ['NODE_OPTIONS', '--max-old-space-size=100 --use_env_proxy', false],
  ['NODE_OPTIONS', '--use-env-proxy --no-use-env-proxy', true],
])('%s=%s: our own client is used: %s', (name, value, isOurs) => {
  vi.stubEnv(name, value)
  expect(nodeCarry(1) !== undefined).toBe(isOurs)
})
