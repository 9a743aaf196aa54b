/**
 * Captures what agent hosts do as sessions: hooks append to a spool, and the ingest records it.
 * @module index
 */
export {
  HOSTS,
  type HostName,
  type Line,
  type LineUsage,
  type Task,
  type Todo,
  type ToolCall,
} from './hook/line.ts'
export { dataFolder, folderIn, homeFolder, places, recallFile, spoolFile } from './hook/places.ts'
export { CONFIG_NAMES, findHome, findPlace, isFile, type Place, realPath, rootOf } from './hook/root.ts'
export type { Recorder, StartChoice, StartExtras } from './ingest/apply.ts'
export { foldersOff, setCapture } from './ingest/capture.ts'
export { eraseSpool } from './ingest/erase.ts'
export { type Ingested, type IngestOptions, ingest, type OpenedWorkspace } from './ingest/ingest.ts'
export { changeAlone } from './ingest/lock.ts'
export { DEFAULT_RECALL, type RecallOwner, type RecallPolicy, writeRecall } from './ingest/recall.ts'
export { listSpool, replaySpool, type SpoolFile } from './ingest/spool.ts'
export { findInstalled, type Installed, type InstallOptions, install, uninstall } from './install/install.ts'
export { findOnPath, nameProgram, type Script } from './install/path.ts'
export {
  findServers,
  installServer,
  type ServerInstalled,
  type ServerOptions,
  uninstallServer,
} from './install/servers.ts'
export { quoteWord } from './install/shell.ts'
export type { Scope } from './install/targets.ts'
export { hosts } from './mapping/moments.ts'
export { type CapturePolicy, DEFAULT_CAPTURE } from './mapping/policy.ts'
export type { Replayed } from './mapping/replay.ts'
export type { Local, Recording, Step } from './mapping/step.ts'
export { type ReplayOptions, replay } from './replay.ts'
export type { TranscriptHost } from './transcript/find.ts'
export {
  type ImportedTranscripts,
  type ImportOptions,
  type ImportPlace,
  importTranscripts,
} from './transcript/import.ts'
export { findUnheard, type Unheard } from './transcript/unheard.ts'
