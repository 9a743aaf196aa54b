/** What this release writes of itself beside a member. */
export const LIBRARY = '@sessionwire/postgres 0.1.0'
