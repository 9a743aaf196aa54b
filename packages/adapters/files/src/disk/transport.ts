import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Call, Json, Reply, Sending, TransportFactory } from '@sessionwire/core/adapter'
import type { Job } from '../actions.ts'
import type { FilesConfig } from '../config.ts'
import { isSafePath } from '../names.ts'
import { findRoot, guardPath, PathError } from './guard.ts'
import { inTurn, LockedError } from './lock.ts'
import { numberFile } from './number.ts'
import { NoteError, patchFile, readBinary } from './write.ts'

const answer = (status: number, body: Json): Reply => ({ kind: 'answer', status, headers: {}, body })

/** Errors of the system that pass: a full disk, too many open files, a file that another program holds. */
const PASSING = new Set([
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'EBUSY',
  'EAGAIN',
  'EIO',
  'ETXTBSY',
  'EPERM',
  'EACCES',
  'EROFS',
  'ESTALE',
])

/** The reply to an error, without the path of the root in it where the system's message has none. */
const replyTo = (error: unknown): Reply => {
  if (error instanceof PathError) return answer(error.code === 'root' ? 403 : 400, { error: error.message })
  if (error instanceof NoteError) return answer(400, { error: error.message })
  if (error instanceof LockedError) return answer(503, { error: error.message })
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return answer(404, { error: message })
  return answer(PASSING.has(code) ? 503 : 400, { error: message })
}

const folderOf = async (root: string, folder: unknown): Promise<string> => {
  if (folder === '') return root
  // A folder is guarded as the place of a file in it is.
  if (typeof folder !== 'string' || !isSafePath(folder))
    throw new PathError('outside', `the folder ${JSON.stringify(folder)} is not allowed`)
  const inner = await guardPath(root, `${folder}/0.md`)
  return join(inner, '..')
}

const toPath = (root: string, whole: string): string => relative(root, whole).split(sep).join('/')

const JOBS: {
  readonly [K in Job['do']]: (job: Extract<Job, { do: K }>, root: string, timeoutMs: number) => Promise<Reply>
} = {
  patch: async ({ path, patch }, root, timeoutMs) => {
    const whole = await guardPath(root, path)
    const written = await inTurn(whole, timeoutMs, () => patchFile(whole, patch))
    if (written === 'missing') return answer(404, { error: `${String(path)} is not there` })
    if (written === 'linked')
      return answer(400, {
        error: `${String(path)} is a hard link: another file would be changed or parted from it; remove the other name, or copy the note over itself`,
      })
    if (written === 'busy') return answer(503, { error: `${String(path)} is written by others all the time` })
    return answer(200, { path: toPath(root, whole), written })
  },
  number: async ({ folder, slug, mark, content }, root, timeoutMs) => {
    const into = await folderOf(root, folder)
    // Two processes would give one number to two titles.
    const name = await inTurn(into, timeoutMs, () => numberFile(into, slug, mark, content))
    return answer(200, { path: toPath(root, join(into, name)) })
  },
  read: async ({ path }, root) => {
    const whole = await guardPath(root, path)
    const bytes = await readBinary(whole)
    if (bytes === undefined) return answer(404, { error: `${String(path)} is not there` })
    return answer(200, { path: toPath(root, whole), text: Buffer.from(bytes, 'latin1').toString('utf8') })
  },
  stat: async ({ path }, root) => {
    const whole = await guardPath(root, path)
    await access(whole)
    return answer(200, { path: toPath(root, whole) })
  },
  list: async ({ folder }, root) => {
    const into = await folderOf(root, folder)
    const names = await readdir(into).catch(error => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    })
    const notes = names.filter(name => name.endsWith('.md') && !name.startsWith('.')).sort()
    return answer(200, { files: notes.map(name => ({ path: toPath(root, join(into, name)) })) })
  },
  check: async (_, root) => {
    await access(root, constants.R_OK | constants.W_OK).catch(() => {
      throw new PathError('root', `the folder ${root} may not be written by this user`)
    })
    return answer(200, { root })
  },
}

/** Does the jobs of calls. A call of another root than the configured one is refused: it was planned for another place. */
export const transport =
  ({ root: configured }: FilesConfig): TransportFactory =>
  ({ http }) => ({
    ...http,
    send: async (call: Call, sending: Sending): Promise<Reply> => {
      if (call.kind !== 'custom') return http.send(call, sending)
      const { root, ...job } = call.payload as unknown as Job & Readonly<{ root: unknown }>
      if (root !== configured)
        return answer(400, { error: `planned for the folder ${String(root)}, and not for ${configured}` })
      if (sending.signal?.aborted === true)
        return { kind: 'failure', sent: 'no', code: 'aborted', reason: 'ended before it began' }
      if (!Object.hasOwn(JOBS, job.do)) return answer(400, { error: 'unknown job' })
      try {
        return await (JOBS[job.do] as (job: Job, root: string, timeoutMs: number) => Promise<Reply>)(
          job as Job,
          await findRoot(configured),
          sending.timeoutMs,
        )
      } catch (error) {
        return replyTo(error)
      }
    },
  })
