import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { toBinary } from '../patch.ts'
import { createFile, readBinary, sweep } from './write.ts'

/** Numbers of decision records: four digits, with room for more. A day at the beginning of a name is not a number. */
const NUMBERED = /^(\d{4,6})-(?!\d\d-\d\d(?!\d)).*\.md$/i

/** The mark of a record is in its front matter. */
const HEAD_BYTES = 65_536

/** Writes a record with the next number of its folder; one that has the mark already stays the only one. Gives its name. */
export const numberFile = async (
  folder: string,
  slug: string,
  mark: string,
  content: string,
): Promise<string> => {
  await mkdir(folder, { recursive: true })
  await sweep(folder)
  for (let turn = 0; turn < 200; turn++) {
    const names = (await readdir(folder)).filter(name => NUMBERED.test(name))
    for (const name of names) {
      const text = await readBinary(join(folder, name), HEAD_BYTES).catch(() => '')
      if (text?.includes(toBinary(mark)) === true) return name
    }
    const highest = names.reduce((most, name) => Math.max(most, Number(NUMBERED.exec(name)?.[1])), 0)
    const name = `${String(highest + 1).padStart(4, '0')}-${slug}.md`
    // The number, and not the name alone, must be free: another process may give it to another title.
    if (await createFile(join(folder, name), toBinary(content))) return name
  }
  throw new Error('the folder of decision records changes all the time')
}
