/** A stream of Node that bytes go into and come out of, as far as it is used here. */
interface Through {
  on(event: 'data', listener: (part: Uint8Array) => void): Through
  on(event: 'end', listener: () => void): Through
  on(event: 'error', listener: (error: unknown) => void): Through
  write(part: Uint8Array): void
  end(): void
  destroy(): void
}
/** The module `node:zlib`. */
export type Zlib = Readonly<
  Record<
    'createGunzip' | 'createInflate' | 'createInflateRaw' | 'createBrotliDecompress',
    (options: object) => Through
  > & { constants: Readonly<Record<'Z_SYNC_FLUSH' | 'BROTLI_OPERATION_FLUSH', number>> }
>

type Make = (zlib: Zlib, first: Uint8Array) => Through

/** As `fetch` does it: a stream that ends without its checksum is accepted, since HTTP says where a body ends. */
const lenient = ({ constants: { Z_SYNC_FLUSH: flush } }: Zlib): object => ({ flush, finishFlush: flush })

const gzip: Make = zlib => zlib.createGunzip(lenient(zlib))

const MAKE: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  [
    'br',
    zlib => {
      const { BROTLI_OPERATION_FLUSH: flush } = zlib.constants
      return zlib.createBrotliDecompress({ flush, finishFlush: flush })
    },
  ],
  [
    'deflate',
    // Some leave out the frame that the word stands for: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
    (zlib, [first = 0]) =>
      (first & 0x0f) === 0x08 ? zlib.createInflate(lenient(zlib)) : zlib.createInflateRaw(lenient(zlib)),
  ],
])

type Listeners = Readonly<{
  part: (bytes: Uint8Array) => void
  end: () => void
  fail: (thrown: unknown) => void
}>

/**
 * Takes the bytes of a body as they come and gives them as their sender meant them. Nothing is unpacked where
 * nothing comes: an answer without a body may still name its packing. A body of an unknown packing stays as it is.
 */
export const unpack = (
  encoding: string,
  zlib: Zlib,
  { part, end, fail }: Listeners,
): Readonly<{ add: (bytes: Uint8Array) => void; end: () => void; stop: () => void }> => {
  const make = MAKE.get(encoding.trim().toLowerCase())
  if (make === undefined) return { add: part, end, stop: () => undefined }
  let through: Through | undefined
  return {
    add: bytes => {
      through ??= make(zlib, bytes).on('data', part).on('end', end).on('error', fail)
      through.write(bytes)
    },
    end: () => (through === undefined ? end() : through.end()),
    stop: () => through?.destroy(),
  }
}
