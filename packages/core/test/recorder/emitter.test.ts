import { expect, test } from 'vitest'
import { createEmitter, type RecorderEvents } from '../../src/recorder/context.ts'

const problem = { error: new Error('x'), where: 'here' }

test('tells each listener until it is off', () => {
  const emitter = createEmitter<RecorderEvents>()
  const heard: string[] = []
  const off = emitter.on('error', ({ where }) => heard.push(`a ${where}`))
  emitter.on('error', ({ where }) => heard.push(`b ${where}`))
  expect([emitter.hasListeners('error'), emitter.hasListeners('event')]).toEqual([true, false])
  emitter.emit('error', problem)
  off()
  off()
  emitter.emit('error', problem)
  expect(heard).toEqual(['a here', 'b here', 'b here'])
})

test('reports what a listener throws or rejects with, and tells the others', async () => {
  const emitter = createEmitter<RecorderEvents>()
  const errors: string[] = []
  let reached = 0
  emitter.on('planned', () => {
    throw new Error('thrown')
  })
  emitter.on('planned', () => Promise.reject(new Error('rejected')))
  emitter.on('planned', () => Promise.reject('no error'))
  emitter.on('planned', () => reached++)
  emitter.on('error', ({ error, where }) => errors.push(`${where}: ${error.message}`))
  emitter.emit('planned', {} as never)
  await Promise.resolve()
  await Promise.resolve()
  expect(reached).toBe(1)
  expect(errors).toEqual([
    'listener of "planned": thrown',
    'listener of "planned": rejected',
    'listener of "planned": no error',
  ])
})

test('lets an error listener that fails go no further than the logger', () => {
  const said: string[] = []
  const emitter = createEmitter<RecorderEvents>({
    warn: () => undefined,
    error: message => said.push(message),
  })
  emitter.on('error', () => {
    throw new Error('again')
  })
  emitter.emit('error', problem)
  expect(said).toEqual(['A listener of "error" threw.'])
})

test('survives a logger that throws, and errors nobody listens for', () => {
  const emitter = createEmitter<RecorderEvents>({
    warn: () => undefined,
    error: () => {
      throw new Error('full')
    },
  })
  expect(() => emitter.emit('error', problem)).not.toThrow()
  expect(() => createEmitter<RecorderEvents>().emit('error', problem)).not.toThrow()
})

test('a listener that ends itself, or another one, leaves the others their call', () => {
  const emitter = createEmitter<RecorderEvents>()
  const seen: string[] = []
  const stopFirst = emitter.on('error', () => {
    seen.push('first')
    stopFirst()
    stopSecond()
  })
  const stopSecond = emitter.on('error', () => seen.push('second'))
  emitter.on('error', () => seen.push('third'))
  emitter.emit('error', { error: new Error('x'), where: 'here' })
  emitter.emit('error', { error: new Error('x'), where: 'here' })
  expect(seen).toEqual(['first', 'second', 'third', 'third'])
  expect(emitter.hasListeners('error')).toBe(true)
})
