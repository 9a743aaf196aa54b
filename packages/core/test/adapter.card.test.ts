import { expect, test } from 'vitest'
import { card, entry, tellStanding } from '../src/adapter/card.ts'
import { ERASED } from '../src/session/erase.ts'
import { bench } from './recorder/tool.ts'

const play = async (...files: readonly string[]) => {
  const { recorder } = bench()
  const { id } = await recorder.start({ goal: 'Stop double charging', user: 'Ada', agent: 'fixer' })
  for (const path of files) await recorder.entity(id, { name: path, type: 'file', path })
  return { recorder, id }
}

test('a session to which nothing gave a progress has no bar, and shows the files that it wrote', async () => {
  const { recorder, id } = await play('src/lock.ts', 'src/lock.ts', ERASED)
  await recorder.entity(id, { name: 'InvoiceLock', type: 'class' })
  const closed = await recorder.close(id)
  if (!closed.recorded) throw new Error('not recorded')
  const shown = card(closed.session)
  expect([shown, tellStanding(shown)]).toEqual([
    {
      ...{ title: 'Stop double charging', standing: 'completed', progress: 0, progressText: '', bar: '' },
      rows: [
        { label: 'Files', items: ['src/lock.ts'] },
        { label: 'By', text: 'Ada with fixer' },
        { label: 'Project', text: 'billing' },
        { label: 'Took', text: '0 s' },
      ],
    },
    'completed',
  ])
  expect(entry(closed.event, closed.session)).toEqual({
    ...{ heading: 'Session completed', text: 'It took 0 s.', rows: [] },
  })
})

test('of many files the newest are shown, and any progress makes a bar, 0 % too', async () => {
  const { recorder, id } = await play(...['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  const updated = await recorder.update(id, 'Planned', { progress: 0 })
  if (!updated.recorded) throw new Error('not recorded')
  const shown = card(updated.session)
  expect([shown.bar, tellStanding(shown)]).toEqual(['░░░░░░░░░░', 'in progress, 0 %'])
  expect(shown.rows).toContainEqual({ label: 'Files', items: ['(2 earlier)', 'c', 'd', 'e', 'f', 'g'] })
  const closed = await recorder.close(id, { summary: 'Fixed', progress: 100 })
  if (!closed.recorded) throw new Error('not recorded')
  expect(tellStanding(card(closed.session))).toBe('completed, 0 → 100 %')
  expect(entry(closed.event, closed.session)).toMatchObject({
    ...{ heading: 'Session completed, 0 → 100 %', text: 'Fixed', rows: [{ label: 'Took' }] },
  })
})
