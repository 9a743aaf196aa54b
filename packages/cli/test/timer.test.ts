import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findTimer, timerOf, writeTimer } from '../src/timer.ts'
import { makePlace, type Place } from './stage.ts'

let place: Place
beforeEach(() => {
  place = makePlace('')
})
afterEach(() => place.remove())

const ROOT = '/home/ada/a "b" %h $HOME <c>'
const PROGRAM = ['/usr/bin/node', '/opt/session wire/main.js']

test('a timer of systemd runs the command as it is, for this user', () => {
  const around = { root: ROOT, env: { HOME: place.home }, platform: 'linux' }
  const timer = timerOf(PROGRAM, around)
  const folder = join(place.home, '.config/systemd/user')
  const [service = '', file = ''] = Object.keys(timer.files)
  expect(Object.keys(timer.files)).toEqual([service, file])
  expect(basename(file).replace('.timer', '.service')).toBe(basename(service))
  expect(timer.files[service]).toBe(
    [
      '[Unit]',
      'Description=Deliver what sessionwire has planned in /home/ada/a "b"  h $HOME <c>',
      '',
      '[Service]',
      'Type=oneshot',
      'ExecStart="/usr/bin/node" "/opt/session wire/main.js" "drain" "--background" "--cwd" "/home/ada/a \\"b\\" %%h $$HOME <c>"',
      '',
    ].join('\n'),
  )
  expect(timer.files[file]).toContain('OnUnitInactiveSec=5min\n')
  expect([timer.start, timer.isVerified]).toEqual([
    `systemctl --user daemon-reload && systemctl --user enable --now ${basename(file)}`,
    true,
  ])
  expect(findTimer(around)).toBeUndefined()
  writeTimer(timer)
  expect(findTimer(around)).toBe(file)
  expect(file.startsWith(folder)).toBe(true)
  expect([readFileSync(service, 'utf8'), statSync(service).mode & 0o777]).toEqual([
    timer.files[service],
    0o600,
  ])
})

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

test.runIf(hasSystemd)('systemd takes the files', () => {
  const timer = timerOf([process.execPath, '/opt/main.js'], {
    ...{ root: ROOT, env: { HOME: place.home }, platform: 'linux' },
  })
  writeTimer(timer)
  const { stderr, status } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', ...Object.keys(timer.files)],
    {
      encoding: 'utf8',
    },
  )
  expect([status, stderr]).toEqual([0, ''])
})

describe('on other systems', () => {
  test('launchd has a file, whose texts are escaped', () => {
    const timer = timerOf(PROGRAM, { root: ROOT, env: { HOME: '/Users/ada' }, platform: 'darwin' })
    const [[file = '', text = ''] = []] = Object.entries(timer.files)
    expect(file).toMatch(/^\/Users\/ada\/Library\/LaunchAgents\/io\.github\.sessionwire-[0-9a-f]{12}\.plist$/)
    expect(text).toContain('<string>/home/ada/a "b" %h $HOME &lt;c&gt;</string>')
    expect(timer.isVerified).toBe(false)
  })

  test('the Task Scheduler has a command', () => {
    const timer = timerOf(['C:\\node.exe', 'C:\\main.js'], { root: 'C:\\repo', env: {}, platform: 'win32' })
    expect([timer.files, timer.isVerified]).toEqual([{}, false])
    expect(timer.start).toMatch(
      /^schtasks \/Create \/SC MINUTE \/MO 5 \/TN sessionwire-[0-9a-f]{12} \/TR "\\"C:\\node\.exe\\" \\"C:\\main\.js\\" \\"drain\\"/,
    )
  })
})
