import type { Auth, HttpCall } from '../descriptor/descriptor.ts'
import { wireHeaders } from '../descriptor/fill.ts'
import type { Variables } from '../descriptor/renderer.ts'
import { addressPieces, bodyPieces, type Piece } from './pieces.ts'

/**
 * Text with `{{name}}` for its variables. A `{{` of the text itself, which would be filled as well and could send a
 * secret to where a stranger's words say, is written as JSON writes it; elsewhere braces are percent-encoded already.
 */
const fill = (pieces: readonly Piece[]): string =>
  pieces
    .map(piece => (typeof piece === 'string' ? piece.replaceAll('{{', '{\\u007b') : `{{${piece.variable}}}`))
    .join('')

const credential = (auth: Auth | undefined, { secret }: Variables): readonly string[] => {
  if (auth === undefined) return []
  if ('sign' in auth)
    return [`Authorization: ${auth.sign} {{${secret(`${auth.sign.toUpperCase()}_SIGNATURE`)}}}`]
  if ('header' in auth) return [`${auth.header}: ${auth.prefix ?? ''}{{${secret(auth.secret)}}}`]
  if ('basic' in auth)
    return [`Authorization: Basic ${auth.basic.map(name => `{{${secret(name)}}}`).join(' ')}`]
  return [`Authorization: Bearer {{${secret(`${auth.login.toUpperCase()}_TOKEN`)}}}`]
}

/** A request as REST clients of editors read it; `Basic {{user}} {{password}}` is encoded by them. */
export const http = (call: HttpCall, names: Variables): string => {
  const head = [
    `${call.method} ${fill(addressPieces(call, names))}`,
    ...credential(call.auth, names),
    ...Object.entries(wireHeaders(call)).map(([name, value]) => `${name}: ${value}`),
  ]
  if (call.payload === undefined) return head.join('\n')
  return [...head, '', fill(bodyPieces(call, names))].join('\n')
}
