/** Whether a path is absolute on a platform, as `process.platform` names it. */
export const isAbsolute = (path: string | undefined, platform: string): path is string =>
  (platform === 'win32' ? /^(?:[a-z]:)?[\\/]/i : /^\//).test(path ?? '')

/** The error of a place that depends on the working directory, which may belong to another person. */
const placeError = (message: string): Error => Object.assign(new Error(message), { code: 'PLACE' })

/** The part of `node:os` that knows the home folder, wherever that module is loaded from. */
export type Homes = Readonly<{
  /** Gives the folder that `HOME` names, else the one that the system knows. */
  homedir: () => string
  /** Gives what the system knows of this user. It throws for a user that the system does not know. */
  userInfo: () => Readonly<{ homedir: string }>
}>

/**
 * The home folder of this user. A `HOME` that is empty or relative names none: then the one that the system knows. Throws an
 * error with the code `PLACE` where there is none.
 */
export const homeFolderIn = ({ homedir, userInfo }: Homes, platform: string): string => {
  for (const read of [homedir, () => userInfo().homedir])
    try {
      const home = read()
      if (isAbsolute(home, platform)) return home
    } catch {
      // A user without an entry in the system, as in some containers.
    }
  throw placeError('HOME: missing; expected an absolute path. Set HOME, or SESSIONWIRE_DATA_DIR.')
}

/** The surroundings that the folder of a user's data follows from. */
export type DataParts = Readonly<{
  /** Names and values of environment variables. */
  env: Readonly<Record<string, string | undefined>>
  /** The name of the platform, as in `process.platform`. */
  platform: string
  /** Joins parts of a path, as `join` of `node:path` does. */
  join: (...parts: readonly string[]) => string
  /** Gives the home folder, or throws. It is called only where no variable names a folder. */
  home: () => string
}>

/**
 * The folder of a user's data: `SESSIONWIRE_DATA_DIR`, else the platform's place for data. The hooks and `@sessionwire/agents`
 * must find the same one. Throws an error with the code `PLACE` where the variable is relative.
 */
export const dataFolderIn = ({ env, platform, join, home }: DataParts): string => {
  const { SESSIONWIRE_DATA_DIR: given } = env
  if (given) {
    if (isAbsolute(given, platform)) return given
    throw placeError(
      `SESSIONWIRE_DATA_DIR: relative path; expected an absolute path, got ${JSON.stringify(given)}.`,
    )
  }
  const [name, ...parts] =
    platform === 'win32'
      ? ['LOCALAPPDATA', 'AppData', 'Local']
      : platform === 'darwin'
        ? ['', 'Library', 'Application Support']
        : ['XDG_DATA_HOME', '.local', 'share']
  const value = env[name ?? '']
  return join(isAbsolute(value, platform) ? value : join(home(), ...parts), 'sessionwire')
}
