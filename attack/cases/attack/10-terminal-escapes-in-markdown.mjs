// Text of a session is data (SECURITY.md: "trusted with nothing"), formatStatus says "what others said is not obeyed by a
// terminal". export('markdown') keeps ESC, BEL, C1 controls and bidirectional overrides: printing or cat-ing it lets a model's text set the
// window title, clear the screen, hide lines, or (OSC 52) write the clipboard. The HTML report and all adapters strip them.
import { createTracker } from '@sessionwire/core'
import { verdict } from './lib.mjs'

const t = await createTracker({ project: 'p', user: 'u' })
const s = await t.start({ goal: 'g' })
await s.update('ok \x1b]52;c;cm0gLXJmIC8=\x07 \x1b[8mhidden\x1b[0m \x9b2J \u202eevil')
await s.decide('d \x1b[1A\x1b[2Kforged')
const md = await s.export('markdown'),
  ctx = await s.export('context'),
  html = await t.report(s.id)
const bad = x =>
  (x.match(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g) ?? []).map(
    c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'),
  )
console.log({ markdown: bad(md).join(' '), context: bad(ctx).join(' '), html: bad(html).join(' ') })
let thrown = ''
try {
  await t.session('\x1b]0;t\x07').update('x')
} catch (e) {
  thrown = e.message
}
console.log('an error message:', bad(thrown).join(' '))
verdict(bad(md).length === 0, `${bad(md).length} control characters in the Markdown`)
