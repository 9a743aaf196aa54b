/**
 * The input of every recording call as a schema with descriptions, for tools, forms and servers. Each is a zod schema; its
 * strict check is the one that the calls themselves run.
 * @module schema
 */
import { describeInput, toInputJson } from './session/described.ts'

/** Input schemas by the name of the call. The text that a call takes as an argument is a field here (`description`). */
export const inputs = {
  start: describeInput('start'),
  update: describeInput('update'),
  message: describeInput('message'),
  decide: describeInput('decision'),
  entity: describeInput('entity'),
  block: describeInput('blocker'),
  resolve: describeInput('resolve'),
  close: describeInput('close'),
  resume: describeInput('resume'),
  export: describeInput('export'),
} as const

/** Names of the recording calls. */
export type InputName = keyof typeof inputs

/** The JSON Schema (draft 2020-12) of a call's input, as tools of language models and OpenAPI documents take it. */
export const inputJsonSchema = (name: InputName): Readonly<Record<string, unknown>> =>
  toInputJson(inputs[name])
