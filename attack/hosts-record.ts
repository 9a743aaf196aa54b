// The first day with Claude Code, as a terminal shows it, from the real program, our own command and a hostile Slack:
//   pnpm hosts:record            compares it with docs/recordings/claude.txt
//   pnpm hosts:record --write    writes that file
// Names of this run (paths, ids, times) are replaced. It is installed and run as for pnpm hosts. Linux alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DRIVERS, type Driver } from './hosts/drive.ts'
import { runIsolated } from './hosts/isolate.ts'
import type { Scripts } from './hosts/model.ts'
import { configure, type HostPlace, ingestAll, makePlace } from './hosts/place.ts'

const FILE = join(import.meta.dirname, '../docs/recordings/claude.txt')
const driver = DRIVERS.claude as Driver

/** A lock is written, the tests fail once, a decision is recorded, and all is committed. In the next session there is little to do. */
const scriptsIn = (work: string): Scripts => ({
  lock: [
    driver.write(work, 'lock.ts'),
    driver.command('npm test'),
    driver.command('sessionwire decide "Lock per invoice" --why "Two webhooks arrive within milliseconds"'),
    driver.command(
      'git add lock.ts && git -c user.name=Ada -c user.email=ada@example.com commit -m "Lock per invoice"',
    ),
    { text: 'The lock is written and committed. The tests are still missing.' },
  ],
  next: [{ text: 'Next are the tests of the lock per invoice.' }],
})

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g

/** The text without the names of this run. Every id is numbered in the order it appears. */
const createNormalize = ({ home }: HostPlace) => {
  const ids = new Map<string, string>()
  return (text: string): string =>
    text
      .replaceAll(home, '~')
      .replace(UUID, id => {
        const known = ids.get(id) ?? `<id ${ids.size + 1}>`
        ids.set(id, known)
        return known
      })
      .replace(/\b\d{4}-\d\d-\d\d( \d\d:\d\d)?/g, (_, time) =>
        time === undefined ? '<date>' : '<date> <time>',
      )
      .replace(/\b(commit {1,2})[0-9a-f]{7}\b/gi, '$1<hash>')
      .replace(/ ?\[\[[a-z]+\]\]/g, '')
      .replace(/\b\d+ (?:s|min)( {2,})?/g, (_, blanks) => (blanks === undefined ? '<n> s' : '<n> s  '))
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
      .replace(/notes [0-9a-f]{16}/g, 'notes <mark>')
      .replace(/[ \t]+$/gm, '')
      .trimEnd()
}

const record = async (): Promise<string> => {
  const place = await makePlace('claude', driver, scriptsIn)
  const { work, slack, model } = place
  const normalize = createNormalize(place)
  const lines: string[] = []
  const show = (command: string, said: string) => lines.push(`$ ${command}\n${normalize(said)}`.trimEnd(), '')
  const sessionwire = async (...words: readonly string[]) => {
    const { code, said } = await place.sessionwire(words)
    show(`sessionwire ${words.join(' ')}`, code === 0 ? said : `${said}\n(ended with ${code})`)
  }
  const claude = async (prompt: string, script: string) => {
    const { said } = await place.host(driver.words(`${prompt} [[${script}]]`, false))
    show(`claude -p "${prompt}"`, said)
    await ingestAll(place)
  }
  try {
    await sessionwire('install', 'claude')
    await configure(place, 'preview')
    show('cat sessionwire.config.json', readFileSync(join(work, 'sessionwire.config.json'), 'utf8'))
    await sessionwire('trust')
    await claude('Stop double charging', 'lock')
    await sessionwire('status')
    await sessionwire('show')
    await sessionwire('preview', 'slack')
    await sessionwire('release')
    for (const { ts, text } of slack.roots()) {
      const below = slack.replies(ts).map(reply => reply.text.replace(/^/gm, '    '))
      show('# In Slack', [text, ...below].join('\n'))
    }
    const asked = model.requests.length
    await claude('What is next?', 'next')
    show('# What Claude Code was given when this session started', notesIn(model.requests.slice(asked)))
    await sessionwire('recall')
    return `${lines.join('\n').trimEnd()}\n`
  } finally {
    await place.close(false)
  }
}

/** The notes that the hook gave the model, out of what the host sent to it. */
const notesIn = (requests: readonly string[]): string => {
  const [found] = requests.flatMap(
    text => /Notes on earlier work[\s\S]*?--- end of notes \w+ ---/.exec(text) ?? [],
  )
  return found === undefined ? 'nothing' : (JSON.parse(`"${found}"`) as string)
}

await runIsolated(import.meta.filename, ['claude'], async () => {
  const text = await record()
  const isWriting = process.argv.includes('--write')
  if (isWriting) writeFileSync(FILE, text)
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
  if (before === text) return true
  const [wanted, got] = [before.split('\n'), text.split('\n')]
  const line = got.findIndex((each, place) => each !== wanted[place])
  process.stdout.write(
    `docs/recordings/claude.txt: another text from line ${line + 1} on. pnpm hosts:record --write writes it.\n- ${wanted[line]}\n+ ${got[line]}\n`,
  )
  return false
})
