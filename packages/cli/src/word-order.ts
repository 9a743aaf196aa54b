import { type Option, toFlag } from './command.ts'
import { commands, optionsOf } from './table.ts'

type Named = Readonly<Record<string, Option>>

/** The words of options, as people write them. */
const wordsOf = (options: Named): readonly string[] =>
  Object.entries(options).flatMap(([name, { short, on }]) => [
    `--${on ? 'no-' : ''}${toFlag(name)}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ])

const withValue = (options: Named): Named =>
  Object.fromEntries(Object.entries(options).filter(([, { value }]) => value !== undefined))

/** Puts options of most commands behind the command where they stand before it, as in `sessionwire -C ../other sessions`. */
export const putCommandFirst = (words: readonly string[]): readonly string[] => {
  const shared: Named = { ...optionsOf('session'), ...optionsOf('recording') }
  const [known, valued] = [wordsOf(shared), wordsOf(withValue(shared))]
  let place = 0
  for (let word = words[0]; word?.startsWith('-'); word = words[place]) {
    if (!known.includes(word.replace(/=.*$/s, ''))) return words
    place += valued.includes(word) ? 2 : 1
  }
  const command = words[place]
  return command === undefined ? words : [command, ...words.slice(0, place), ...words.slice(place + 1)]
}

/**
 * An argument with white space is taken as a text even where it begins with a dash: no option has a name like that. It is moved
 * behind `--` with all that follows it as a text; options that follow stay options.
 */
export const separateTexts = (words: readonly string[]): readonly string[] => {
  const end = words.indexOf('--')
  const open = end < 0 ? words : words.slice(0, end)
  const isText = (word: string): boolean => /^-[^=]*\s/.test(word)
  if (!open.some(isText)) return words
  const known = new Set(
    commands.flatMap(({ options = {}, uses }) => wordsOf(withValue({ ...options, ...optionsOf(uses) }))),
  )
  const options: string[] = []
  const texts: string[] = []
  for (let place = 0; place < open.length; place++) {
    const word = open[place] ?? ''
    if (place === 0 || !word.startsWith('-') || isText(word)) {
      if (place === 0 && !isText(word)) options.push(word)
      else texts.push(word)
    } else {
      options.push(word)
      const value = open[place + 1]
      if (known.has(word) && value !== undefined) {
        options.push(value)
        place++
      }
    }
  }
  return [...options, '--', ...texts, ...(end < 0 ? [] : words.slice(end + 1))]
}
