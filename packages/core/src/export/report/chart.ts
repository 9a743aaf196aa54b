import type { Session } from '../../session/schema.ts'
import { escaped } from './html.ts'

const WIDTH = 720
const HEIGHT = 200
const LEFT = 36
const RIGHT = 12
const TOP = 10
const BOTTOM = 24

/** More points than pixels are drawn as the last of each pixel. */
const MOST = 600

type Point = Readonly<{ x: number; y: number; title: string }>

const time = (iso: string): number => Date.parse(iso)

/** `2026-01-31 10:00`, UTC. */
export const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

const points = (session: Session): readonly Point[] => {
  const start = time(session.startedAt)
  const end = Math.max(start + 1, time(session.lastEventAt))
  const x = (at: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * (at - start)) / (end - start)
  const y = (progress: number): number => TOP + ((HEIGHT - TOP - BOTTOM) * (100 - progress)) / 100
  const told = session.updates.flatMap(({ time: at, progress, description }) =>
    progress === undefined
      ? []
      : [{ x: x(time(at)), y: y(progress), title: `${progress} %: ${description.slice(0, 120)}` }],
  )
  const all = [
    { x: x(start), y: y(session.startProgress), title: `${session.startProgress} % at the start` },
    ...told,
    { x: x(end), y: y(session.progress), title: `${session.progress} %` },
  ]
  if (all.length <= MOST) return all
  const byPixel = new Map(all.map(point => [Math.round(point.x), point]))
  return [...byPixel.values()]
}

const at = (value: number): string => value.toFixed(1)

/** Progress over time as a drawing: steps, since nothing is known between two updates. */
export const chart = (session: Session): string => {
  const all = points(session)
  const line = all.map(({ x, y }, n) => (n === 0 ? `M${at(x)} ${at(y)}` : `H${at(x)}V${at(y)}`)).join('')
  const grid = [0, 25, 50, 75, 100]
    .map(value => {
      const y = TOP + ((HEIGHT - TOP - BOTTOM) * (100 - value)) / 100
      return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y)}" y2="${at(y)}" stroke="var(--line)"/><text x="${LEFT - 6}" y="${at(y + 4)}" text-anchor="end" font-size="11" fill="var(--soft)">${value}</text>`
    })
    .join('')
  const dots =
    all.length > 80
      ? ''
      : all
          .map(
            ({ x, y, title }) =>
              `<circle cx="${at(x)}" cy="${at(y)}" r="3" fill="var(--bar)"><title>${escaped(title)}</title></circle>`,
          )
          .join('')
  const labels = [
    `<text x="${LEFT}" y="${HEIGHT - 6}" font-size="11" fill="var(--soft)">${minute(session.startedAt)}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end" font-size="11" fill="var(--soft)">${minute(session.lastEventAt)} UTC</text>`,
  ].join('')
  const told = `Progress from ${session.startProgress} to ${session.progress} % in ${session.updates.length} updates`
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${told}">${grid}<path d="${line}" fill="none" stroke="var(--bar)" stroke-width="2"/>${dots}${labels}</svg>`
}
