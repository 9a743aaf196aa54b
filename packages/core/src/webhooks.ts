/**
 * Signatures of webhooks: verifies those that Standard Webhooks, GitHub, Slack, PagerDuty, Linear and Notion send, and signs by
 * Standard Webhooks. It receives nothing: a host verifies the raw body of a request before it trusts or parses it.
 * @module webhooks
 */
export { type SignedWebhook, signStandardWebhook } from './webhooks/sign.ts'
export {
  type VerifyOptions,
  verifyWebhook,
  type WebhookProblem,
  type WebhookRequest,
  type WebhookScheme,
  type WebhookVerdict,
} from './webhooks/verify.ts'
