/** Fields without those that are `undefined`: JSON has no such value. */
export const omitUndefined = <T>(
  fields: Readonly<Record<string, T | undefined>>,
): Readonly<Record<string, T>> =>
  // Most have none and are taken as they are.
  Object.values(fields).includes(undefined)
    ? Object.fromEntries(
        Object.entries(fields).filter((entry): entry is [string, T] => entry[1] !== undefined),
      )
    : (fields as Readonly<Record<string, T>>)
