import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHostileServer } from '@sessionwire/core/testing'
import { type FilesOptions, files } from '@sessionwire/files'
import { linksIn, type Target } from './target.ts'

const listNotes = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.md'))
      .map(name => readFileSync(join(folder, name), 'utf8'))
  } catch {
    return []
  }
}

/** Markdown files: no service at all, and writes that a kill may cut anywhere. */
export const filesTarget: Target = {
  name: 'files',
  secrets: {},
  make: options => files({ timeZone: 'UTC', ...options } as FilesOptions),
  serve: async ({ seed, now }) => {
    const root = mkdtempSync(join(tmpdir(), 'attack-files-'))
    // It is asked nothing; the attack counts by it.
    const server = await createHostileServer({
      name: 'nobody',
      seed,
      now,
      handle: () => ({ status: 404, body: {} }),
    })
    return {
      server,
      options: { root },
      secrets: {},
      listCards: () =>
        listNotes(join(root, 'Sessions')).map(text => ({
          card: text.slice(0, text.indexOf('\n## Log')),
          entries: text
            .slice(text.indexOf('\n## Log'))
            .split('\n')
            .filter(line => line.startsWith('- ')),
          links: linksIn(text),
        })),
      listMade: () => listNotes(join(root, 'Apart')),
    }
  },
  // Nothing is looked up before an entry is written again, so three kills make it dead; its time says where it belongs.
  unordered: true,
  below: [n => ({ action: 'createComment', input: { body: `below ${n}` } })],
  apart: [
    n => ({
      action: 'createDocument',
      input: { title: `apart ${n}`, body: 'text', folder: 'Apart' },
    }),
  ],
  isWrite: () => false,
}
