import { cleanText, isVisible, type Json, lineInput } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { ISSUE, type JiraConfig } from '../config.ts'
import { Block, SUMMARY_MAX } from '../text.ts'

const tidy = (value: Json): Json => {
  if (typeof value === 'string') return cleanText(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(tidy)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), tidy(inner)]))
}

/** Any JSON, its texts as Jira can store them. */
export const AnyJson = (z.json() as unknown as z.ZodType<Json, Json>).transform(tidy)

const PAGE = /^(?:\/[^?#]*)?\/(?:browse|issues)\/([A-Za-z]\w*-\d+)\/?$/

/**
 * An issue by its key, its number, or the address of a page of it at this Jira (`/browse/ENG-12`, `?selectedIssue=ENG-12`).
 * Behind the gateway the address of the site is unknown, and every site is taken for the right one.
 */
export const issueIn = (given: string, { baseUrl }: Pick<JiraConfig, 'baseUrl'>): string | undefined => {
  if (ISSUE.test(given)) return given
  if (!/^https?:/i.test(given) || !URL.canParse(given)) return undefined
  const { origin, pathname, searchParams } = new URL(given)
  if (baseUrl !== undefined && origin !== new URL(baseUrl).origin) return undefined
  const key = PAGE.exec(pathname)?.[1] ?? searchParams.get('selectedIssue') ?? ''
  return ISSUE.test(key) ? key : undefined
}

/** An issue by key or number. */
export const Issue = z.string().regex(ISSUE, 'expected the key of an issue, such as ENG-12, or its number')

/** An issue; left out, or by the word `session`, the issue of the session. */
export const OrSession = z
  .union(
    [z.literal('session'), Issue],
    'expected the key of an issue, such as ENG-12, its number, or session',
  )
  .optional()
  .transform(issue => (issue === 'session' ? undefined : issue))

/**
 * Rich text: a string is shown exactly as it is; blocks have headings, lists and labels around texts that are. `{ adf }`
 * (v3) and `{ wiki }` (v2) are sent as they are: for what you trust, with its links and mentions.
 */
export const Body = z.union([
  z.string().refine(isVisible, 'expected a string of which something is visible'),
  z.array(Block).min(1).max(40).readonly(),
  z.strictObject({ adf: AnyJson }),
  z.strictObject({
    wiki: z
      .string()
      .transform(cleanText)
      .refine(isVisible, 'expected a string of which something is visible'),
  }),
])
export type Body = z.output<typeof Body>

/** One line: line ends become spaces, and it is cut to 254 characters. */
export const Summary = lineInput(SUMMARY_MAX)

/** A short text without markup. */
export const Name = lineInput(255)

/** A name of ours for something captured. */
export const Keep = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,60}$/, 'expected letters, digits, ., - and _ after a letter')

/** Whether a text is a web address that a person may follow. */
export const isWeb = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.length <= 2_000 &&
  /^https?:\/\/[^\s\p{C}]+$/iu.test(text) &&
  URL.canParse(text)

/** A web address. */
export const Web = z.string().refine(isWeb, 'expected a web address')

/** A user: an account id on Cloud, a user name on Data Center. */
export const User = z.string().regex(/^[^\s\p{C}]{1,255}$/u, 'expected an account id (Cloud) or a user name')

/** A calendar day. */
export const Day = z.iso.date('expected a day, such as 2026-12-31')

/** A point in time with its zone. */
export const Time = z.iso.datetime({ offset: true, error: 'expected a time, such as 2026-11-20T07:30:00Z' })

/** Fields as Jira's API takes them, by id. */
export const Fields = z
  .record(z.string(), AnyJson)
  .refine(
    fields => Object.keys(fields).every(name => /^[A-Za-z][\w.-]{0,100}$/.test(name)),
    'expected ids of fields, such as customfield_10016',
  )

/** Text inside a query in Jira's language: quoteJql, on one line, with nothing that ends the quotation. */
export const quoteJql = (text: string): string =>
  `"${cleanText(text).replace(/\s+/g, ' ').replace(/["\\]/g, '\\$&')}"`
