/** A word of a command that a person copies into a shell: in quotes where it holds more than letters, digits and `./:@=_-`. */
export const quoteWord = (word: string): string =>
  /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
