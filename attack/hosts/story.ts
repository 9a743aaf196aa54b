import { readFileSync } from 'node:fs'
import { listSpool } from '@sessionwire/hosts'
import { type Driver, LONG_PROGRAM } from './drive.ts'
import { type HostPlace, ingestAll } from './place.ts'
import { listRunning, openTerminal, waitFor } from './run.ts'

/** Longest wait for a screen of a host, ms. */
const SCREEN_MS = 300_000
/** A question is a blocker after a minute. The process that a hook started sees it, and no other one looks. */
const BLOCKED_MS = 400_000
/** A session without an event for so long has ended, ms. */
const IDLE_MS = 18_000_000

/** Notes what does not hold. */
export type Expect = (holds: boolean, text: string) => void

const ASKED = 'Asked for a permission'

/** Lines that the hook wrote. */
const linesOf = ({ data }: HostPlace): readonly string[] =>
  listSpool(data).flatMap(({ path }) => readFileSync(path, 'utf8').split('\n'))

/** A headless run that works, and one that goes on with it. */
const work = async ({ host, model }: HostPlace, driver: Driver, expect: Expect): Promise<void> => {
  const first = await host(driver.words('canary-prompt [[story]]', false))
  expect(first.code === 0, `the first run ended with ${first.code}: ${first.said.slice(-400)}`)
  const asked = model.requests.length
  const second = await host(driver.words('canary-prompt go on [[later]]', true))
  expect(second.code === 0, `the second run ended with ${second.code}: ${second.said.slice(-400)}`)
  expect(
    model.requests.slice(asked).some(text => text.includes('--- notes ')),
    'the notes did not reach the model',
  )
}

/**
 * A person is asked in a terminal, is away for more than a minute and allows it; in the next command the machine goes dark.
 * Without a question where none was tried.
 */
const ask = async (place: HostPlace, driver: Driver, expect: Expect): Promise<void> => {
  const { work: cwd, env, linear, slack } = place
  const prompt = 'canary-prompt [[ask]]'
  const words = driver.asking?.(prompt) ?? driver.words(prompt, false)
  const terminal = openTerminal(driver.program, words, { cwd, env })
  const wrote = (text: string) => () => linesOf(place).some(line => line.includes(text))
  const expectSoon = async (isThere: () => boolean, limitMs: number, what: string) =>
    expect(
      await waitFor(isThere, limitMs),
      `${what} did not come; the terminal: ${terminal.readScreen().slice(-300)}`,
    )
  try {
    if (driver.asking !== undefined) {
      await expectSoon(wrote('"event":"PermissionRequest"'), SCREEN_MS, 'the question')
      const isInLinear = () => linear.comments().some(({ body }) => body.includes(ASKED))
      await expectSoon(isInLinear, BLOCKED_MS, 'the blocker in Linear')
      const isInSlack = () =>
        slack.messages().some(({ text, thread }) => thread !== undefined && text.includes(ASKED))
      await expectSoon(isInSlack, SCREEN_MS, 'the blocker in Slack')
      terminal.type('\r')
      await expectSoon(wrote('"command":"touch b.txt"'), SCREEN_MS, 'the answer of the command')
    }
    // The command itself, not the shells and sandboxes that a host starts it by: they carry its words too, earlier.
    await expectSoon(
      () => listRunning(cwd).some(each => each.startsWith(LONG_PROGRAM)),
      SCREEN_MS,
      'the next command',
    )
  } finally {
    await terminal.kill()
  }
}

/** A day of one person: what is done, resumed, asked and killed, and delivered by our own processes alone. */
export const live = async (place: HostPlace, driver: Driver, expect: Expect): Promise<void> => {
  await work(place, driver, expect)
  if (driver.asking === undefined) await place.host(driver.words('canary-prompt [[ask]]', false))
  else await ask(place, driver, expect)
  await ingestAll(place)
  await ingestAll(place, IDLE_MS)
  const { code, said } = await place.sessionwire(['drain'], IDLE_MS)
  expect(code === 0, `sessionwire drain ended with ${code}: ${said.slice(-400)}`)
}
