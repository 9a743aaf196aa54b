/**
 * Types and help for the configuration file of the command `sessionwire`.
 * @module index
 */
export {
  type AdapterSettings,
  type CaptureSettings,
  type Config,
  defineConfig,
  type RecallSettings,
} from './workspace/config.ts'
export type { PolicyOptions } from './workspace/schema.ts'
