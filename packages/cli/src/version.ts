/** The version of this package, as its manifest has it; a check compares the two. */
export const VERSION = '0.1.0'
