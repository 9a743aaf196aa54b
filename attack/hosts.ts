// Real hosts, without a way out of this machine, against a model that answers by a script, with our hooks installed by our own
// command; store, Linear and Slack must tell what happened, once each:
//   pnpm hosts [all claude codex gemini copilot]     default: claude codex
//   pnpm hosts all --latest                          … their newest versions, not those that were tried last
// They are installed from npm into the folder SESSIONWIRE_HOSTS, default one below the system's folder for temporary files.
// Linux alone: each run has a network of its own, in which only this machine's own address exists.
import type { HostName } from '@sessionwire/hosts'
import { DRIVERS, type Driver, scriptsOf } from './hosts/drive.ts'
import { runIsolated } from './hosts/isolate.ts'
import { configure, makePlace } from './hosts/place.ts'
import { live } from './hosts/story.ts'
import { examine } from './hosts/told.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

/** One host's story; answers what is wrong with it. */
const tell = async (host: HostName, driver: Driver): Promise<readonly string[]> => {
  const place = await makePlace(host, driver, work => scriptsOf(driver, work))
  const wrong: string[] = []
  const expect = (holds: boolean, text: string) => {
    if (!holds) wrong.push(text)
  }
  try {
    for (const done of [await configure(place), await place.sessionwire(['install', host])])
      expect(done.code === 0, done.said)
    await live(place, driver, expect)
    await examine(place, host, driver, expect)
  } catch (thrown) {
    wrong.push(String(thrown))
  } finally {
    await place.close(wrong.length > 0)
    if (wrong.length > 0) say(`  kept: ${place.home}`)
  }
  return wrong
}

const named = process.argv.slice(2).filter(each => !each.startsWith('-'))
const all = Object.keys(DRIVERS) as readonly HostName[]
const hosts = named.includes('all')
  ? all
  : named.length > 0
    ? (named as readonly HostName[])
    : (['claude', 'codex'] as const)

await runIsolated(import.meta.filename, hosts, async () => {
  const results = await Promise.all(
    hosts.map(async host => {
      const started = performance.now()
      const wrong = await tell(host, DRIVERS[host] as Driver)
      const seconds = ((performance.now() - started) / 1_000).toFixed(0)
      say(`${wrong.length === 0 ? 'ok    ' : 'failed'} ${host} (${seconds} s)`)
      for (const each of wrong) say(`   ${each}`)
      return wrong.length === 0
    }),
  )
  return results.every(Boolean)
})
