import type { Draft } from './descriptor.ts'

/** The effect of a repeated call at the service; derived from the descriptor, never declared. */
export type Guarantee = 'native' | 'upsert' | 'reconcile' | 'at-most-once'

/** `safe` is `upsert`; a look-up `by: 'id'` is `native`, `by: 'mark'` is `reconcile`; `unsafe` is `at-most-once`. */
export const guarantee = (draft: Pick<Draft, 'repeat'>): Guarantee =>
  draft.repeat === 'safe'
    ? 'upsert'
    : draft.repeat === 'unsafe'
      ? 'at-most-once'
      : draft.repeat.by === 'id'
        ? 'native'
        : 'reconcile'
