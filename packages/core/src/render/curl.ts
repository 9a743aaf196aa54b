import type { Auth, HttpCall } from '../descriptor/descriptor.ts'
import { wireFields, wireHeaders } from '../descriptor/fill.ts'
import type { Variables } from '../descriptor/renderer.ts'
import { percentEncoded } from '../descriptor/wire.ts'
import { addressPieces, bodyPieces, fieldPieces, joinPieces, type Piece } from './pieces.ts'

/** Bytes one argument may have is 131,072 on Linux; a character is at most three. */
const LONGEST = 40_000

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** A secret is a variable of the environment; any other that has no value yet ends the command. */
const expand = ({ variable, secret }: Exclude<Piece, string>, next: Piece | undefined): string => {
  if (secret !== true) return `\${${variable}:?fill in}`
  return typeof next === 'string' && /^[\w[]/.test(next) ? `\${${variable}}` : `$${variable}`
}

/**
 * One word of a POSIX shell. Fixed text stands in single quotes, where nothing is special, not even `!`; a variable in
 * double quotes; both in double quotes only where nothing in the text could be special there.
 */
const word = (pieces: readonly Piece[]): string => {
  const special = pieces.some(piece => typeof piece === 'string' && /[$`\\"!\p{Cc}]/u.test(piece))
  const hasVariable = pieces.some(piece => typeof piece !== 'string')
  if (!hasVariable || special)
    return (
      pieces
        .map(piece => (typeof piece === 'string' ? quote(piece) : `"${expand(piece, undefined)}"`))
        .join('') || "''"
    )
  const inner = pieces.map((piece, place) =>
    typeof piece === 'string' ? piece : expand(piece, pieces[place + 1]),
  )
  return `"${inner.join('')}"`
}

const credential = (auth: Auth | undefined, { secret }: Variables): readonly string[] => {
  if (auth === undefined) return []
  if ('sign' in auth)
    return [
      `-H ${word([`Authorization: ${auth.sign} `, { variable: secret(`${auth.sign.toUpperCase()}_SIGNATURE`) }])}`,
    ]
  if ('header' in auth)
    return [
      `-H ${word([`${auth.header}: ${auth.prefix ?? ''}`, { variable: secret(auth.secret), secret: true }])}`,
    ]
  if ('basic' in auth) {
    const [user, password] = auth.basic.map(name => ({ variable: secret(name), secret: true as const }))
    return user === undefined || password === undefined ? [] : [`-u ${word([user, ':', password])}`]
  }
  return [
    `-H ${word(['Authorization: Bearer ', { variable: secret(`${auth.login.toUpperCase()}_TOKEN`), secret: true }])}`,
  ]
}

const isLong = (pieces: readonly Piece[]) =>
  pieces.reduce((length, piece) => length + (typeof piece === 'string' ? piece.length : 0), 0) > LONGEST

const fields = ({ payload }: HttpCall, names: Variables): readonly (readonly Piece[])[] =>
  wireFields(payload).map(([name, field]) =>
    joinPieces([`${percentEncoded(name)}=`, ...fieldPieces(field, names)]),
  )

type Body = Readonly<{ before: string; options: readonly string[] }>

const body = (call: HttpCall, names: Variables): Body => {
  if (call.payload === undefined) return { before: '', options: [] }
  const form = call.encoding === 'form'
  const whole = bodyPieces(call, names)
  if (isLong(whole)) return { before: `printf %s ${word(whole)} | `, options: ['--data-binary @-'] }
  return {
    before: '',
    options: form
      ? fields(call, names).map(field => `--data-urlencode ${word(field)}`)
      : [`--data-raw ${word(whole)}`],
  }
}

/** A command that sends the call from a POSIX shell: secrets and placeholders are variables, all text is only text. */
export const curl = (call: HttpCall, names: Variables): string => {
  const { before, options } = body(call, names)
  // A header without a value is written with a semicolon: with a colon curl would leave it out.
  const headers = Object.entries(wireHeaders(call)).map(([name, value]) =>
    word([value === '' ? `${name};` : `${name}: ${value}`]),
  )
  const parts = [
    // -g: brackets and braces of an address are text. The reader of the command encodes what fills it.
    `${before}curl -sSg -X ${call.method} ${word(addressPieces(call, names))}`,
    ...credential(call.auth, names),
    ...headers.map(header => `-H ${header}`),
    ...options,
  ]
  return parts.join(' \\\n  ')
}
