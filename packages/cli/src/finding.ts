/** One line of `doctor`. */
export type Finding = Readonly<{
  about: string
  state: 'ok' | 'warning' | 'error'
  text: string
  todo?: string
}>

/** All is well. */
export const ok = (about: string, text: string): Finding => ({ about, state: 'ok', text })
/** Something may be wrong, and what to do. */
export const warn = (about: string, text: string, todo: string): Finding => ({
  about,
  state: 'warning',
  text,
  todo,
})
/** Something is wrong, and what to do. */
export const fail = (about: string, text: string, todo: string): Finding => ({
  about,
  state: 'error',
  text,
  todo,
})
