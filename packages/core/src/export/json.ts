import type { Session } from '../session/session.ts'

/** Version of the JSON export; grows when a reader of an older one could misread it. */
const EXPORT_VERSION = 1

/** A session whole, with what it is and its version, as indented JSON. */
export const toJson = (session: Session): string =>
  JSON.stringify({ format: 'sessionwire/session', version: EXPORT_VERSION, session }, null, 2)
