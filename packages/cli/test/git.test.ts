import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureGrowth } from '../../core/src/testing/adapter-growth.ts'
import { isTracked, readBranch, readGitUser } from '../src/workspace/git.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cli-git-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const makePipe = (...path: readonly string[]): void => {
  execFileSync('mkfifo', [join(root, ...path)])
}

test('the branch is the one that HEAD names', () => {
  mkdirSync(join(root, '.git'))
  writeFileSync(join(root, '.git/HEAD'), 'ref: refs/heads/ada/bil-1\n')
  expect(readBranch(root)).toBe('ada/bil-1')
})

// The read of a pipe without a writer never ends, so these tests end by their time limit where the file is opened.
test.skipIf(process.platform === 'win32')('a pipe as .git is no repository', () => {
  makePipe('.git')
  expect([readBranch(root), isTracked(root, join(root, 'a'))]).toEqual([undefined, false])
})

test.skipIf(process.platform === 'win32')(
  'pipes in .git and as the configuration of git are not opened',
  () => {
    mkdirSync(join(root, '.git'))
    makePipe('.git/HEAD')
    makePipe('.git/index')
    makePipe('.gitconfig')
    expect([readBranch(root), isTracked(root, join(root, 'a')), readGitUser({ HOME: root })]).toEqual([
      undefined,
      false,
      undefined,
    ])
  },
)

test('the name of the user is that of the section user', () => {
  const read = (text: string) => {
    writeFileSync(join(root, '.gitconfig'), text)
    return readGitUser({ HOME: root })
  }
  expect(read('[core]\n\tname = x\n\n [user]\n\n\temail = a@b\n\tname = "Ada" # me\n')).toBe('Ada')
  const readLines = (count: number) => () => {
    expect(read(`[user]\n${'\n'.repeat(count)}email = a@b\n`)).toBe(undefined)
  }
  expect(measureGrowth(readLines(20_000), readLines(40_000))).toBeLessThan(2.5)
})
