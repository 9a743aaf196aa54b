import { build } from '../../tsup.base.ts'

export default build(
  ...([
    'index',
    'adapter',
    'delivery',
    'render',
    'redact',
    'schema',
    'store',
    'sqlite',
    'webhooks',
    'testing',
    'capture',
  ] as const),
  // The parts that `#diagnostics` and `#file-store` of package.json stand for.
  ...(['diagnostics/channels', 'diagnostics/no-channels'] as const),
  ...(['store/sqlite/file-store', 'tracker/no-file-store'] as const),
)
