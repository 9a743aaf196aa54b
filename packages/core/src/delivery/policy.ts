/** The numbers delivery is steered by; every one an option of the worker. */
export type Policy = Readonly<{
  /** Bound of the first wait after a failure, ms: the wait is a chance below it, doubled each time. Default 1,000. */
  backoffMs: number
  /** The bound grows no further than this, ms; a wait a service asks for may be longer. Default 900,000. */
  backoffMaxMs: number
  /** A delivery is dead this long after its first attempt (since it was retried), ms, pauses not counted. Default 72 h. */
  giveUpAfterMs: number
  /** Attempts that must have failed before a delivery may be dead. Default 5. */
  giveUpAttempts: number
  /** When "not found" is confirmed, ms after the end of the attempt in doubt, unless the look-up sets it. Default 60,000. */
  afterMs: number
  /** Longest time for one call, ms. Default 30,000. */
  timeoutMs: number
  /** Longest time for each request of a read (a page of a look-up or of `before`, a check), ms. Default 30,000. */
  readTimeoutMs: number
  /** Added to the time-outs of an attempt to make its lease, ms. Default 30,000. */
  leaseMarginMs: number
  /** Failures in a row of the service as a whole that pause its adapter. Default 5. */
  downAfter: number
  /** How often a `denied` adapter is checked, ms. Default 3,600,000. */
  deniedCheckMs: number
  /** Claims without a word that make a delivery dead. Default 3. */
  unreportedMax: number
}>

/** The defaults of section "Delivery" of the guide. */
export const POLICY: Policy = {
  backoffMs: 1_000,
  backoffMaxMs: 900_000,
  giveUpAfterMs: 72 * 3_600_000,
  giveUpAttempts: 5,
  afterMs: 60_000,
  timeoutMs: 30_000,
  readTimeoutMs: 30_000,
  leaseMarginMs: 30_000,
  downAfter: 5,
  deniedCheckMs: 3_600_000,
  unreportedMax: 3,
}

/** The policy with its defaults, in whole numbers. */
export const completePolicy = (given: Partial<Policy> = {}): Policy =>
  Object.fromEntries(
    Object.entries({ ...POLICY, ...given }).map(([name, value]) => [name, Math.ceil(value)]),
  ) as Policy
