const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters and tags show nothing and hide much; bidirectional ones reorder the text around them. */
const UNSEEN = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/gu

/** Escapes a text for an element or a quoted attribute, and cuts it at `longest` characters. */
export const escapeHtml = (text: string, longest = 20_000): string => {
  const points = text.length > longest ? `${Array.from(text.slice(0, longest)).join('')}…` : text
  return points
    .toWellFormed()
    .replace(UNSEEN, '')
    .replace(/[&<>"']/g, found => ENTITIES[found] ?? found)
}

/** Escapes a text and sets what stands between backticks in monospace. */
export const formatText = (text: string): string =>
  escapeHtml(text).replace(/`([^`\n]{1,500})`/g, '<code>$1</code>')

/** Makes a link of an http or https address; any other address leaves the text alone. */
export const renderLink = (text: string, url: string): string =>
  /^https?:\/\/[^\s]+$/i.test(url) && URL.canParse(url)
    ? `<a href="${escapeHtml(url, 2_000)}" rel="noopener noreferrer nofollow">${escapeHtml(text)}</a>`
    : escapeHtml(text)

/**
 * The page's whole style sheet. Every text colour has a contrast of at least 4.5 : 1 on `--page` and `--card`
 * (https://www.w3.org/TR/WCAG22/#contrast-minimum), in both themes.
 */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9d9e0; --page: #fcfcfd; --card: #ffffff; --bar: #3a5bc7; --fill: #3e63dd22; --good: #18794e; --bad: #b91c24; --orange: #a1420b; --warn: #8a5000; --shade: #ce2c3118 }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #363a3f; --page: #111113; --card: #18191b; --bar: #849dff; --fill: #849dff22; --good: #3dd68c; --bad: #ff9592; --orange: #ffa366; --warn: #ffca16; --shade: #ff959222 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem } h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.25rem 0 .5rem } h3 { font-size: .875rem; margin: 1rem 0 .25rem; color: var(--soft) }
p { margin: .25rem 0 } .soft { color: var(--soft) } .good { color: var(--good) } .bad { color: var(--bad) } .warn { color: var(--warn) } .orange { color: var(--orange) }
code { font: .9em ui-monospace, monospace; background: var(--fill); border-radius: .2rem; padding: 0 .2rem }
.pill { display: inline-block; border: 1px solid currentcolor; border-radius: 1rem; padding: 0 .6rem; font-weight: 600; font-size: .875rem }
.meter { display: flex; align-items: center; gap: .6rem; margin: .5rem 0 } .meter b { min-width: 3.2rem } .meter i { flex: 1; height: .6rem; border-radius: .3rem; background: var(--line); overflow: hidden } .meter i::before { content: ''; display: block; height: 100%; width: var(--share); background: var(--bar) }
ol, ul { list-style: none; margin: 0; padding: 0 }
li.item { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; margin: .5rem 0; white-space: pre-line }
li.critical, li.high, li.medium, li.low { border-left: .3rem solid var(--line) } li.critical { border-left-color: var(--bad) } li.high { border-left-color: var(--orange) } li.medium { border-left-color: var(--warn) }
li.resolved { color: var(--soft) }
li.item small { display: block; color: var(--soft); white-space: normal; font-size: .8125rem } li.item small b { font-weight: 600 }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: .3rem; padding: 0 .3rem; margin-right: .25rem; color: var(--soft); font-size: .8125rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top } th { font-size: .875rem; color: var(--soft) } td.n, th.n { text-align: right; white-space: nowrap } td.none { color: var(--soft) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 } dt { color: var(--soft) } dd { margin: 0 }
.chart { position: relative; height: 220px; margin: 1.2rem 0 2rem 2.6rem; font-size: 12px; color: var(--soft) } .chart svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible }
.chart span { position: absolute; line-height: 1; white-space: nowrap } .chart .y { right: 100%; margin: -.5em .5em 0 0 } .chart .x { top: 100%; margin-top: .5em; transform: translateX(-50%) } .chart .x.first { transform: none } .chart .x.last { transform: translateX(-100%) }
.legend { font-size: .8125rem; color: var(--soft) } a { color: var(--bar) }
input.fold { position: absolute; opacity: 0 } input.fold + label { display: inline-block; cursor: pointer; color: var(--bar); margin: .5rem 0 } input.fold:focus-visible + label { outline: 2px solid var(--bar) } input.fold:not(:checked) ~ .folded { display: none }
@media (max-width: 40rem) { table.stack thead { display: none } table.stack tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0 } table.stack td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .1rem 0; text-align: right } table.stack td::before { content: attr(data-label); color: var(--soft); text-align: left } table.stack td.none { display: none } dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
@media print { :root { --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #4a4a4a; --line: #bbbbbb; --bar: #3a5bc7; --good: #18794e; --bad: #b91c24; --orange: #a1420b; --warn: #8a5000 } body { max-width: none; padding: 0 } input.fold:not(:checked) ~ .folded { display: block } input.fold + label { display: none } li.item, .chart, tr { break-inside: avoid } h2, h3 { break-after: avoid } }
`.trim()
