/** What is said, everywhere, of secrets that have no value; by their names. */
export const notSet = (...names: readonly string[]): string =>
  `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not set: set ${names.length === 1 ? 'it' : 'them'} ` +
  'for the process that delivers (its environment, or the option secrets)'
