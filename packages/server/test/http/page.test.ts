import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../../../..', path), 'utf8')

test('the page shows the program that CI runs', () => {
  const [, shown = 'no program'] =
    /```python\n([\s\S]+?)```/.exec(read('docs/guide/record-from-python.md')) ?? []
  expect(read('examples/record-from-python/record.py')).toContain(shown)
})
