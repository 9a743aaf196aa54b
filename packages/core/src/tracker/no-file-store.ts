import type { Store } from '../store/contract.ts'

/** Stands for `store/sqlite/file-store.ts` in bundles for platforms without files: `#file-store` in package.json. */
export const openFileStore = async (
  _path: string,
  _options: Readonly<{ now: () => number }>,
): Promise<Readonly<{ store: Store } | { reason: string }>> => ({
  reason: 'this runtime has no node:sqlite.',
})
