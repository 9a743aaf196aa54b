/**
 * Descriptors as text a person can read, run and paste: curl, HTTP, GraphQL, Cypher. Nothing here sends.
 * @module render
 */
export type { Descriptor } from './descriptor/descriptor.ts'
export { type Mirror, renderReport } from './export/report/report.ts'
export { type RenderFormat, type RenderOptions, render } from './render/render.ts'
export type { Session } from './session/schema.ts'
