/**
 * The workspace of a folder as the command, the server and the hooks open it.
 * @module workspace
 */
export type { Adapters, Problem } from './workspace/adapters.ts'
export type { AdapterSettings, CaptureSettings, Config, RecallSettings } from './workspace/config.ts'
export type { Current } from './workspace/current.ts'
export type { Found } from './workspace/find.ts'
export type { LayerName, Origin } from './workspace/layers.ts'
export { ingestAll, type Opened, type OpenOptions, openWorkspace } from './workspace/open.ts'
export { type Flags, type ReadWorkspace, readWorkspace } from './workspace/read.ts'
export type { PolicyOptions } from './workspace/schema.ts'
export type { Trust } from './workspace/trust.ts'
