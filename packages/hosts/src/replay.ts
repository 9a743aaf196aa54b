import { lineOf } from './hook/event.ts'
import type { HostName } from './hook/line.ts'
import { createKeep } from './hook/text.ts'
import type { CapturePolicy } from './mapping/policy.ts'
import { type Replayed, replayLines } from './mapping/replay.ts'

/** Options of `replay`. */
export type ReplayOptions = Readonly<{
  /** The host of payloads that do not say it. */
  host: HostName
  /** A spool, or payloads as a host sends them, one a line. */
  text: string
  /** The capture policy; missing values are the defaults. */
  capture?: Partial<CapturePolicy>
  /** The event of payloads that do not name it. Default: such payloads are skipped. */
  event?: string
  /** When the first payload happened, epoch ms; each later one is taken to come a second after the one before. Default 0. */
  from?: number
  /** The time at the end, epoch ms, by which open questions and idle sessions are judged. Default: they stay open. */
  until?: number
}>

/** Previews a policy: gives the records that a stream would make, and records nothing. */
export const replay = ({ host, text, capture, event, from = 0, until }: ReplayOptions): Replayed =>
  replayLines(
    text,
    (payload, place) =>
      lineOf(payload, {
        hint: host,
        event,
        env: {},
        cwd: '.',
        now: from + place * 1_000,
        id: `line-${place}`,
        keep: createKeep({}),
      }),
    capture,
    until,
  )
