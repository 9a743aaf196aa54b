import { type At, type ConfigOf, invalidConfig, type OptionsOf } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { isSafePath } from './names.ts'

const ROOT = 'expected the whole path of a folder, such as /srv/vault'
const FOLDER = 'expected the path of a folder below the root, with / between its parts, such as Work/Sessions'
const DAILY = 'expected YYYY, MM and DD with - _ . or / between, such as YYYY/MM/YYYY-MM-DD'
const Folder = z.string(FOLDER).refine(path => path === '' || isSafePath(path), FOLDER)

/** Options of `files()` in addition to those that every adapter takes. */
export const options = {
  /** Whole path of the folder or Obsidian vault. Nothing is written outside of it. */
  root: z.string(ROOT).refine(path => /^(\/|[A-Za-z]:[\\/])/.test(path) && !path.includes('\0'), ROOT),
  /** Folder below the root with one note for each session; it is made where it is missing. Default `Sessions`. */
  folder: Folder.default('Sessions'),
  /** Adds a line to the daily note when a session starts and ends. Default false. */
  daily: z.boolean().default(false),
  /** Folder of the daily notes, as in Obsidian's settings. Default: the root. */
  dailyFolder: Folder.default(''),
  /** Name of the daily note: `YYYY`, `MM`, `DD`, `-`, `_`, `.`, spaces and `/`. Default `YYYY-MM-DD`. */
  dailyFormat: z
    .string()
    .regex(/^(YYYY|MM|DD|[-_. ])+(\/(YYYY|MM|DD|[-_. ])+)*$/, DAILY)
    .refine(format => /[YMD]/.test(format) && isSafePath(`${format}.md`), DAILY)
    .default('YYYY-MM-DD'),
  /** Heading of the lines in the daily note. Default `Sessions`. */
  dailyHeading: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} -]{0,59}$/u, 'expected a few words')
    .default('Sessions'),
  /** Folder below the root with one numbered decision record (MADR 4) for each decision. Default: none are written. */
  adr: Folder.refine(path => path !== '', FOLDER).optional(),
  /** Tags of the notes. Default `session`. */
  tags: z
    .array(
      z
        .string()
        .regex(/^[\p{L}\p{N}_/-]{1,60}$/u, 'expected a tag without # and without spaces')
        .refine(tag => /[^\d]/.test(tag), 'expected a tag that is not a number'),
    )
    .max(20)
    .default(['session']),
  /** Time zone of days and times, as in `Europe/Vienna`. Default: that of this machine. */
  timeZone: z.string().optional(),
  /** Web addresses in texts: `code` (default) shows them as code, `live` as links. */
  links: z.literal(['code', 'live']).default('code'),
  /** Longest card, and longest text of `createDocument`, in UTF-16 units. Default 60,000. */
  maxLength: z.int().min(1_000).max(1_000_000).default(60_000),
}

/** Files need no secret. */
export const secrets = {} as const

/** Options of `files()`. @interface */
export type FilesOptions = OptionsOf<typeof options, typeof secrets>
type Given = ConfigOf<typeof options, typeof secrets>
/** Configuration of the adapter. @interface */
export type FilesConfig = Omit<Given, 'timeZone'> &
  Readonly<{
    /** Time zone of days and times. */
    timeZone: string
  }>

/** The key of a call in the making, and the configuration. */
export type Here = At<FilesConfig>

/** Makes the configuration: it holds the time zone, so that an event belongs to the same day wherever it is planned. */
export const configure = (given: Given): FilesConfig => {
  const timeZone = given.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw invalidConfig({
      field: 'files.timeZone',
      problem: 'unknown time zone',
      expected: 'a name such as Europe/Vienna',
      got: JSON.stringify(timeZone),
    })
  }
  return { ...given, timeZone }
}
