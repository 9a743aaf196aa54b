import type { Context, Result, Zod } from '../command.ts'
import { defineCommand } from '../command.ts'

type Capture = Readonly<{ folder: string; capture: boolean; off: readonly string[] }>

const captureSchema = (z: Zod) =>
  z.strictObject({ folder: z.string(), capture: z.boolean(), off: z.array(z.string()) })

const setHere = async ({ io }: Context, isOn: boolean): Promise<Result<Capture>> => {
  const { dataFolder, foldersOff, setCapture } = (await import('../engine.ts')).hosts
  const { findWorkspace, hereOf, isWithin } = (await import('../engine.ts')).finding
  const place = findWorkspace(io.cwd)
  const folder = hereOf(place)
  const data = dataFolder(io.env, process.platform)
  setCapture(data, folder, isOn)
  const off = foldersOff(data)
  const above = off.find(each => each !== folder && (isWithin(folder, each) || isWithin(place.root, each)))
  const isStillOff = isOn && above !== undefined
  return {
    data: { folder, capture: isOn && !isStillOff, off },
    text: [
      isOn ? `Agent hosts are captured in ${folder}` : `Nothing is captured in ${folder} and below`,
      ...(isStillOff ? [`It is still off, because it is off in ${above}`] : []),
    ],
  }
}

export const off = defineCommand({
  name: 'off',
  group: 'Set up',
  about: 'Stops the capture of agent hosts in this folder and below',
  uses: 'folder',
  json: captureSchema,
  run: context => setHere(context, false),
})

export const on = defineCommand({
  name: 'on',
  group: 'Set up',
  about: 'Captures agent hosts in this folder again',
  uses: 'folder',
  json: captureSchema,
  run: context => setHere(context, true),
})
