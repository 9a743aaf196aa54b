/** The name of this release, which a member writes with its row. */
export const LIBRARY = '@sessionwire/postgres 0.1.0'
