const VERSION = '0.1.0'

/** The name of this release, which a member writes with its row. */
export const LIBRARY = `@sessionwire/postgres ${VERSION}`
