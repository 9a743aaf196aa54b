import { readFileSync, rmSync } from 'node:fs'
import { places } from '../hook/places.ts'
import { changeAlone } from './lock.ts'
import { replaceFile } from './spool.ts'

/** Folders in which nothing is captured, with all below them. */
export const foldersOff = (data: string): readonly string[] => {
  try {
    return readFileSync(places(data).off, 'utf8')
      .split('\n')
      .filter(each => each !== '')
  } catch {
    return []
  }
}

/** Turns the capture off, or on again, in a folder and all below it. The path is absolute. */
export const setCapture = (data: string, folder: string, isOn: boolean): void =>
  changeAlone(data, () => {
    const others = foldersOff(data).filter(each => each !== folder)
    const list = isOn ? others : [...others, folder]
    if (list.length === 0) rmSync(places(data).off, { force: true })
    else replaceFile(places(data).off, `${list.join('\n')}\n`)
  })
