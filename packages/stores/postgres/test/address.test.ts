import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'

test.each(['mysql://ada:secret-4f7a@host/sessions', 'https://host/sessions', 'SQLITE://sessions.db'])(
  'the address of another database is refused without its password: %s',
  url => {
    const protocol = url.slice(0, url.indexOf('//'))
    expect(() => postgresStore({ url })).toThrow(
      expect.objectContaining({
        code: 'CONFIG',
        field: 'postgresStore.url',
        message: `postgresStore.url: invalid value; expected an address that begins with postgres:// or postgresql://, got one that begins with ${protocol}//.`,
      }),
    )
  },
)

test.each(['postgres://host/sessions', 'PostgreSQL://host/sessions', 'socket:/var/run', '/var/run sessions'])(
  'an address that pg takes is taken: %s',
  async url => {
    await postgresStore({ url }).close()
  },
)

test.each(['postgres://ada:secret-4f7a@host/sessions', 7, null, { query: 'SELECT 1' }])(
  'a source in another form is refused, and not quoted: %s',
  source => {
    expect(() => postgresStore(source as never)).toThrow(
      expect.objectContaining({
        code: 'CONFIG',
        message:
          'postgresStore: invalid value; expected { pool }, { url }, or { query, transaction } as functions.',
      }),
    )
  },
)

/** Opens a store in a process where no package `pg` is found, and prints the error of the first call. */
const WITHOUT_DRIVER = `
  import { registerHooks } from 'node:module'
  const missing = () => { throw Object.assign(new Error("Cannot find package 'pg'"), { code: 'ERR_MODULE_NOT_FOUND' }) }
  registerHooks({ resolve: (name, context, next) => (name === 'pg' ? missing() : next(name, context)) })
  const { postgresStore } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)})
  const error = await postgresStore({ url: 'postgres://127.0.0.1:1/x' }).identity().catch(error => error)
  console.log(JSON.stringify({ code: error.code, message: error.message }))`

test('a driver that is not installed is named with the line that installs it', () => {
  const flags = ['--conditions=@sessionwire/source', '--input-type=module', '--eval', WITHOUT_DRIVER]
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  expect(JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: 'utf8' }))).toEqual({
    code: 'CONFIG',
    message: 'postgresStore: the package pg is not installed. Run: npm install pg',
  })
})
