import type { Session } from '../../session/session.ts'
import { formatDuration } from '../../session/text.ts'
import { escapeHtml } from './html.ts'
import { type Clock, findLastAt, parseTime } from './time.ts'

/** The drawing's own units; the page stretches them to its width, and texts stand outside as HTML in real pixels. */
const WIDTH = 1_000
const HEIGHT = 200

/** A session with more points is drawn as the last point of each unit of width. */
const MOST = 600
/** Above this many points, dots would touch. */
const MOST_DOTS = 80
/** A pause longer than this many times the mean of the shorter ones is drawn shorter. */
const LONG = 8

/** Maps times to the width, with long idle spans shortened. */
type Scale = Readonly<{
  x: (iso: string) => number
  /** Where spans were shortened, and how long they really are. */
  breaks: readonly Readonly<{ x: number; ms: number }>[]
}>

const createScale = (times: readonly number[]): Scale => {
  const all = [...new Set(times)].sort((a, b) => a - b)
  const gaps = all.slice(1).map((time, n) => time - (all[n] ?? time))
  const sorted = [...gaps].sort((a, b) => a - b)
  const usual = sorted.slice(0, Math.max(1, Math.ceil(sorted.length * 0.8)))
  const mean = usual.reduce((sum, gap) => sum + gap, 0) / usual.length
  const longest = gaps.length < 4 ? Number.POSITIVE_INFINITY : Math.max(60_000, LONG * mean)
  const widths = gaps.map(gap => Math.min(gap, longest))
  const total = widths.reduce((sum, width) => sum + width, 0) || 1
  const places = new Map<number, number>()
  let place = 0
  for (const [n, time] of all.entries()) {
    places.set(time, (WIDTH * place) / total)
    place += widths[n] ?? 0
  }
  return {
    x: iso => places.get(parseTime(iso)) ?? 0,
    breaks: gaps.flatMap((ms, n) => {
      const [from, to] = [places.get(all[n] ?? 0) ?? 0, places.get(all[n + 1] ?? 0) ?? 0]
      return ms > longest ? [{ x: (from + to) / 2, ms }] : []
    }),
  }
}

type Point = Readonly<{ x: number; y: number; title: string }>

const findPoints = (session: Session, { x }: Scale): readonly Point[] => {
  const y = (progress: number): number => (HEIGHT * (100 - progress)) / 100
  const steps = session.updates.flatMap(({ at: time, progress, description }) =>
    progress === undefined
      ? []
      : [{ x: x(time), y: y(progress), title: `${progress} %: ${description.slice(0, 120)}` }],
  )
  const all = [
    {
      x: x(session.startedAt),
      y: y(session.startProgress),
      title: `${session.startProgress} % at the start`,
    },
    ...steps,
    { x: x(findLastAt(session)), y: y(session.progress), title: `${session.progress} %` },
  ]
  return all.length <= MOST ? all : [...new Map(all.map(point => [Math.round(point.x), point])).values()]
}

const at = (value: number): string => value.toFixed(1)
const percent = (x: number): string => `${((100 * x) / WIDTH).toFixed(2)}%`

/** Renders a mark that keeps its shape however the drawing is stretched: the round end of a line without length. */
const renderMark = ({ x, y, title }: Point, color: string, size: number): string =>
  `<path d="M${at(x)} ${at(y)}h.01" stroke="var(--${color})" stroke-width="${size}" stroke-linecap="round" vector-effect="non-scaling-stroke"><title>${escapeHtml(title)}</title></path>`

/** Renders the two times below the drawing, in the coarsest unit that tells them apart. */
const renderEnds = (session: Session, clock: Clock): string => {
  const [from, to] = [session.startedAt, findLastAt(session)]
  const sameDay = clock.day(from) === clock.day(to)
  const sameMinute = sameDay && clock.minute(from) === clock.minute(to)
  const show = (iso: string): string => {
    if (sameMinute) return clock.second(iso)
    return sameDay ? clock.minute(iso) : `${clock.day(iso)} ${clock.minute(iso)}`
  }
  return `<span class="x first">${show(from)}</span><span class="x last" style="left:100%">${show(to)}</span>`
}

/**
 * Renders progress over time: steps, because progress between two updates is unknown; spans with an open blocker are
 * shaded, decisions are marked. Empty when progress never changed: a flat line shows nothing.
 */
export const renderChart = (session: Session, clock: Clock): string => {
  const values = session.updates.flatMap(({ progress }) => (progress === undefined ? [] : [progress]))
  if (new Set([session.startProgress, ...values, session.progress]).size < 2) return ''
  const lastAt = findLastAt(session)
  const ends = session.blockers.flatMap(({ at: time, resolvedAt }) => [time, resolvedAt ?? lastAt])
  const times = [session.startedAt, ...session.updates.map(each => each.at), ...ends, lastAt]
  const scale = createScale([...times, ...session.decisions.map(each => each.at)].map(parseTime))
  const points = findPoints(session, scale)
  const line = points.map(({ x, y }, n) => (n === 0 ? `M${at(x)} ${at(y)}` : `H${at(x)}V${at(y)}`)).join('')
  const [first, last] = [points[0]?.x ?? 0, points.at(-1)?.x ?? WIDTH]
  const grid = [0, 25, 50, 75, 100]
    .map(value => {
      const y = HEIGHT - (HEIGHT * value) / 100
      return `<line x1="0" x2="${WIDTH}" y1="${at(y)}" y2="${at(y)}" stroke="var(--line)" vector-effect="non-scaling-stroke"/>`
    })
    .join('')
  const shades = session.blockers
    .map(({ at: time, resolvedAt, description }) => {
      const [from, to] = [scale.x(time), scale.x(resolvedAt ?? lastAt)]
      return `<rect x="${at(from)}" y="0" width="${at(Math.max(2, to - from))}" height="${HEIGHT}" fill="var(--shade)"><title>${escapeHtml(`Blocked: ${description.slice(0, 120)}`)}</title></rect>`
    })
    .join('')
  const dots = points.length > MOST_DOTS ? '' : points.map(each => renderMark(each, 'bar', 7)).join('')
  const decisions = session.decisions
    .slice(-MOST_DOTS)
    .map(({ at: time, content }) =>
      renderMark({ x: scale.x(time), y: 0, title: `Decided: ${content.slice(0, 120)}` }, 'good', 9),
    )
    .join('')
  const breaks = scale.breaks
    .slice(0, 6)
    .map(({ x, ms }) => `<span class="x" style="left:${percent(x)}">⋯ ${formatDuration(ms)} ⋯</span>`)
    .join('')
  const labels = [0, 50, 100]
    .map(value => `<span class="y" style="top:${100 - value}%">${value} %</span>`)
    .join('')
  const about = `Progress from ${session.startProgress} to ${session.progress} % in ${session.updates.length} updates`
  const legend = [
    session.blockers.length > 0 ? 'shaded: blocked' : '',
    session.decisions.length > 0 ? 'green dots at the top: decisions' : '',
    scale.breaks.length > 0 ? '⋯: idle time, drawn shorter' : '',
  ].filter(part => part !== '')
  return [
    `<div class="chart"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${about}">${grid}${shades}`,
    `<path d="${line}V${HEIGHT}H${at(first)}Z" fill="var(--fill)"/><path d="${line}H${at(last)}" fill="none" stroke="var(--bar)" stroke-width="2" vector-effect="non-scaling-stroke"/>${dots}${decisions}</svg>`,
    `${labels}${breaks}${renderEnds(session, clock)}</div>`,
    legend.length === 0 ? '' : `<p class="legend">${legend.join(' · ')}</p>`,
  ].join('')
}
