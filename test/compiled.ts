const { NODE_COMPILE_CACHE = '' } = process.env

/** For programs that get an environment of their own: what an earlier one compiled is not compiled once more. */
export const COMPILED: Readonly<Record<string, string>> =
  NODE_COMPILE_CACHE === '' ? {} : { NODE_COMPILE_CACHE }
