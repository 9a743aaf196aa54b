import { sayDeliveries, sayMoved, sayPending, sayPreview } from './say.ts'
import { type Tool, toolOf } from './tool.ts'

/** Tools to look at requests before they are sent, and to send or settle them. */
export const reviewTools: readonly Tool[] = [
  toolOf('preview', { name: 'preview', say: sayPreview }),
  toolOf('release', {
    name: 'release',
    hints: { destructiveHint: false, idempotentHint: true },
    say: sayMoved,
  }),
  toolOf('deliveries', { name: 'deliveries', say: sayDeliveries }),
  toolOf('acknowledge', {
    name: 'acknowledge',
    hints: { destructiveHint: false, idempotentHint: true },
    say: ({ delivery, next }) => `${sayMoved({ deliveries: [delivery] })} ${String(next)}`,
  }),
  toolOf('pending_calls', { name: 'pending_calls', hints: { destructiveHint: false }, say: sayPending }),
]
