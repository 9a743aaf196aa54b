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
  ] as const),
  // The part that `#file-store` of package.json stands for.
  ...(['store/sqlite/file-store', 'tracker/no-file-store'] as const),
)
