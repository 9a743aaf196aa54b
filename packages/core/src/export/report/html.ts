const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Controls show nothing and hide much; bidirectional overrides would reach beyond the text they came in. */
const UNSEEN = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Text as it may stand in HTML, in an element or a quoted attribute. */
export const escaped = (text: string, longest = 20_000): string => {
  const points = text.length > longest ? `${Array.from(text.slice(0, longest)).join('')}…` : text
  return points
    .toWellFormed()
    .replace(UNSEEN, '')
    .replace(/[&<>"']/g, found => ENTITIES[found] ?? found)
}

/** An address one may follow: https, http, nothing else. */
export const linked = (text: string, url: string): string =>
  /^https?:\/\/[^\s]+$/i.test(url) && URL.canParse(url)
    ? `<a href="${escaped(url, 2_000)}" rel="noopener noreferrer nofollow">${escaped(text)}</a>`
    : escaped(text)

/** Everything the page looks like: nothing is loaded from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9d9e0; --page: #fcfcfd; --card: #ffffff; --bar: #3e63dd; --good: #2b9a66; --bad: #ce2c31; --warn: #ab6400 }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #363a3f; --page: #111113; --card: #18191b; --bar: #849dff; --good: #3dd68c; --bad: #ff9592; --warn: #ffca16 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .25rem 0 } .soft { color: var(--soft) } .good { color: var(--good) } .bad { color: var(--bad) } .warn { color: var(--warn) }
section > ol, section > ul { list-style: none; margin: 0; padding: 0 }
li.item { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; margin: .5rem 0; white-space: pre-line }
li.item small { display: block; color: var(--soft); white-space: normal }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top } td.n, th.n { text-align: right }
.wide { overflow-x: auto } .wide table { min-width: 36rem } th, td { overflow-wrap: normal } td { max-width: 24rem; overflow-wrap: break-word } td.n, th.n { padding-right: 1rem; white-space: nowrap } svg { width: 100%; height: auto; display: block } a { color: var(--bar) }
details > summary { cursor: pointer; color: var(--soft); margin: .5rem 0 }
`.trim()
