/**
 * Everything that commands need once they do something. It is a file of its own in the build, because help and wrong usage
 * do without it, and loading it takes longer than they do.
 */
export * as hosts from '@sessionwire/hosts'
export * as actionSchema from './action-schema.ts'
export * as hindering from './adapter-state.ts'
export * as examining from './examine.ts'
export * as hostFindings from './examine-hosts.ts'
export * as gitImport from './importers/git.ts'
export * as transcriptImport from './importers/transcripts.ts'
export * as timers from './timer.ts'
export * as loading from './workspace/adapters.ts'
export * as finding from './workspace/find.ts'
export * as git from './workspace/git.ts'
export * as opening from './workspace/open.ts'
export * as places from './workspace/places.ts'
export * as reading from './workspace/read.ts'
export * as schema from './workspace/schema.ts'
export * as settingUp from './workspace/set-up.ts'
export * as trusting from './workspace/trust.ts'
