/**
 * Descriptors as text a person can read, run and paste: curl, HTTP, GraphQL, a line for people, and the
 * formats of adapters. Nothing here sends.
 * @module render
 */
export type { Descriptor } from './descriptor/descriptor.ts'
export type { Renderer, Renderers, Variables } from './descriptor/renderer.ts'
export { type Mirror, renderReport } from './export/report/report.ts'
export { type RenderFormat, type RenderOptions, render } from './render/render.ts'
export type { Describe } from './render/text.ts'
export type { Session } from './session/session.ts'
export { formatDeliveries, formatStatus } from './tracker/format.ts'
