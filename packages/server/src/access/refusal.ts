/** The answer to a request that is not served. */
export type Refusal = Readonly<{
  /** Status of HTTP. */
  status: number
  /** A word that a program can compare. */
  code: string
  /** For people: what happened and what to do. It never repeats a credential. */
  message: string
  /** Further headers of the answer. */
  headers?: Readonly<Record<string, string>>
}>

/** Makes a refusal. */
export const refuse = (
  status: number,
  code: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Refusal => ({ status, code, message, ...(headers === undefined ? {} : { headers }) })

/** Ends the handling of a request that is refused. */
export class Refused extends Error {
  /** The answer to the caller. */
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

/** Throws `Refused` where there is a refusal. */
export const demand = (refusal: Refusal | undefined): void => {
  if (refusal !== undefined) throw new Refused(refusal)
}
