import type { Author, End, MessageInput, MessageRole, SessionHandle, Usage } from '@sessionwire/core'
import { listWritten, nameFile } from './files.ts'
import { listCommits } from './landed.ts'
import type { RecordOptions, ToolUse } from './options.ts'
import type { Queue } from './queue.ts'
import { createTodos, isPlanning } from './todos.ts'

/** Failures in a row that make a blocker. */
const FAILURES = 3
/** Longest text that is kept; a longer one is replaced by its length, because a cut could hide a secret from redaction. */
const TEXT_MAX = 262_144
const KEY_MAX = 256
const FILES_MAX = 2_000
const FAILING_MAX = 500

/** Tokens as a framework counts them; other values are left out. */
export type Counts = { readonly [K in keyof Usage]?: number | undefined }

/** A message of the conversation. */
type Said = Pick<MessageInput, 'key' | 'model' | 'name'> &
  Readonly<{
    usage?: Counts | undefined
    role: MessageRole
    content: unknown
    /** The model goes on after it: no turn ends here. */
    isStep?: boolean
  }>

/** A tool call that has ended. */
type Used = ToolUse &
  Readonly<{
    isFailed: boolean
    /** The answer of the tool; only the lines in which git reports a commit are looked at. */
    output?: unknown
    key?: string | undefined
    /** Where it happened, if the framework says it. */
    workspace?: string | undefined
  }>

/** How a run ended; with a key, it ends once. */
export type Ended = Readonly<{ end: End; key?: string; usage?: Counts }>

/** The session of one run, or of all runs where the caller gave a session. Nothing here throws or waits. */
export interface Work {
  /** Keeps a message; blank ones, and values of other types than string, are left out. */
  say(said: Said): void
  /** Records the files that a call wrote, its commits and the to-do list that it sets, and counts failures. */
  record(call: Used): void
  /** Notes a sub-agent that works in the session, once for each name. */
  join(name: string): void
  /** Reopens a session that was left. */
  resume(reason: string): void
  /** Ends a session that was started here. */
  end(ended: Ended): void
  /** Waits for the store as long as the framework can bear. */
  wait(): Promise<void>
  /** Waits until everything is recorded. */
  flush(): Promise<void>
}

/** How a session begins and what it may do. */
export type WorkParts = Readonly<{
  queue: Queue
  options: RecordOptions
  /** The agent's name, the author of what is recorded. */
  agent?: string | undefined
  /** Starts the session, or answers the caller's. `prompt` is the first one. */
  begin: (prompt: string | undefined) => Promise<SessionHandle>
  /** Whether it was started here: then it is mirrored and ended here too. */
  isOwn: boolean
}>

/** An event that the framework repeats is recorded once. */
export const once = (key: string | undefined) =>
  key === undefined || key.length > KEY_MAX ? {} : { key, onRepeat: 'skip' as const }

const firstSentence = (text: string): string => {
  const [line = ''] = text.trim().split('\n', 1)
  const end = line.search(/[.!?](?:\s|$)/)
  return end < 0 ? line : line.slice(0, end + 1)
}

/** A name; `undefined` for any other value, which would cost the record that it stands in. */
export const nameOr = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

/** Counts alone: a provider that counts nothing answers `undefined`, null or NaN, which would cost the message or the end. */
const countsOf = (usage: Counts | undefined): { usage?: Usage } => {
  const counts = Object.entries(usage ?? {}).filter(
    ([name, count]) =>
      (name === 'costUsd' ? Number.isFinite(count) : Number.isSafeInteger(count)) && Number(count) >= 0,
  )
  return counts.length === 0 ? {} : { usage: Object.fromEntries(counts) }
}

const keep = (text: string): string =>
  text.length > TEXT_MAX ? `[${text.length} characters, left out]` : text

/** Makes the session of one run. It starts with the first thing that is recorded. */
export const createWork = ({ queue, options, agent, begin, isOwn }: WorkParts): Work => {
  const { messages = 'local', text = 'off', files = listWritten, failures = true, mirror = 'shown' } = options
  const { commits = true, todos = true } = options
  const byName = nameOr(agent)
  const author: Author = { kind: 'model', ...(byName === undefined ? {} : { name: byName }) }
  const list = createTodos()
  /** The key of the last change of the list that is not recorded yet. */
  let planned: Readonly<{ key?: string | undefined }> | undefined
  const seen = new Set<string>()
  let share = ''
  const failing = new Map<string, Readonly<{ count: number; blocker?: string }>>()
  let prompt: string | undefined
  let answer: string | undefined
  let session: SessionHandle | undefined
  let isShown = false
  let isEnded = false
  let hasFailed = false

  /** `isLast`: it is added however many wait, once for a session. */
  const add = (step: (session: SessionHandle) => Promise<unknown>, isLast = false) =>
    queue.add(async () => {
      // A start that failed is tried again by the next step.
      session ??= await begin(text === 'off' ? undefined : prompt)
      return step(session)
    }, isLast)
  const show = async (to: SessionHandle) => {
    if (!isOwn || isShown || mirror !== 'shown') return
    isShown = true
    await to.mirror()
  }
  const countFailure = async (
    to: SessionHandle,
    { tool, isFailed, key }: Pick<Used, 'tool' | 'isFailed' | 'key'>,
  ) => {
    const before = failing.get(tool)
    if (!isFailed) {
      failing.delete(tool)
      if (before?.blocker !== undefined) await to.resolve(before.blocker, `${tool} works again.`)
      return
    }
    if (before === undefined && failing.size >= FAILING_MAX) return
    const count = (before?.count ?? 0) + 1
    failing.set(tool, { ...before, count })
    if (count !== FAILURES) return
    const description = `${tool} failed ${FAILURES} times in a row.`
    const receipt = await to.block(description, { category: 'tool', author, ...once(key) })
    if (receipt.recorded) failing.set(tool, { count, blocker: receipt.id })
    await show(to)
  }

  /** Records the list as it is now: a list that grows item by item is one step. */
  const settle = () => {
    const now = planned === undefined ? undefined : list.share()
    const key = planned?.key
    planned = undefined
    if (now === undefined || share === `${now.done}/${now.all}`) return
    share = `${now.done}/${now.all}`
    const progress = Math.round((100 * now.done) / now.all)
    const about = `${now.done} of ${now.all} to-do items done.`
    add(to => to.update(about, { progress, author, ...once(key === undefined ? undefined : `${key}/todos`) }))
  }
  const note = (type: 'file' | 'agent', name: string) => {
    if (seen.has(`${type}/${name}`) || seen.size >= FILES_MAX) return
    seen.add(`${type}/${name}`)
    const path = type === 'file' ? { path: name } : {}
    add(async to => {
      await to.entity({ name, type, author, ...path, ...once(`${type}/${name}`) })
      if (type === 'file') await show(to)
    })
  }

  return {
    say: ({ role, content, key, isStep = false, model, name, usage }) => {
      if (!isStep) settle()
      if (messages === 'off' || typeof content !== 'string' || content.trim() === '') return
      if (role === 'user') prompt ??= content
      // Cut now: a thousand steps may wait for the store.
      const kept = keep(content)
      const [byModel, byName] = [nameOr(model), nameOr(name)]
      const more = {
        ...(byModel === undefined ? {} : { model: byModel }),
        ...(byName === undefined ? {} : { name: byName }),
        ...countsOf(usage),
      }
      add(async to => {
        const receipt = await to.message(role, kept, { ...more, ...once(key) })
        // Taken from what was stored: there secrets are redacted in the whole text, before it is cut.
        if (role === 'assistant' && receipt.recorded) answer = receipt.event.payload.content
      })
    },
    record: call => {
      const { isFailed } = call
      if (!isPlanning(call)) settle()
      const written = isFailed || files === false ? [] : files(call)
      for (const path of written) note('file', nameFile(String(path), options.workspace ?? call.workspace))
      for (const { hash, subject } of isFailed || !commits ? [] : listCommits(call, call.output))
        add(async to => {
          await show(to)
          const update = { author, ...once(`commit/${hash}/update`) }
          await to.update(`Commit ${hash}: ${subject}`, update)
          const entity = { name: hash, type: 'commit', description: subject, author }
          await to.entity({ ...entity, ...once(`commit/${hash}`) })
        })
      if (!isFailed && todos && list.take(call, call.output)) planned = { key: call.key }
      hasFailed ||= isFailed
      const { tool, key } = call
      if (failures && hasFailed) add(to => countFailure(to, { tool, isFailed, key }))
    },
    join: name => note('agent', name),
    resume: reason => add(to => to.resume(reason)),
    end: ({ end, key, usage }) => {
      if (isEnded) return
      settle()
      isEnded = isOwn
      // The answer is known when the steps before this one are done.
      const summary = () => (text === 'summary' && answer !== undefined ? firstSentence(answer) : undefined)
      if (isOwn) add(to => to.close({ end, summary: summary(), ...countsOf(usage), ...once(key) }), true)
      else if (text === 'summary')
        add(async to => {
          const told = summary()
          answer = undefined
          if (told !== undefined) await to.update(told, { author })
        })
    },
    wait: queue.wait,
    flush: () => {
      settle()
      return queue.flush()
    },
  }
}
