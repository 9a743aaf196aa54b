import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Compared are digests with a key of this process: they have one length, and nothing about the secret shows in the time. */
const pepper = randomBytes(32)
const digest = (text: string): Buffer => createHmac('sha256', pepper).update(text).digest()

/** Whether two texts are the same, in a time that depends on neither. */
export const isSameSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(digest(given), digest(expected))
