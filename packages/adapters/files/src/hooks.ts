import { type CardContext, cardHooks, type SessionEvent, titleOf } from '@sessionwire/core/adapter'
import { createNote, createRecord, markOf, patchNote } from './actions.ts'
import type { FilesConfig } from './config.ts'
import { nameFrom, slugFrom } from './names.ts'
import {
  adrText,
  cardText,
  dailyLine,
  dailyPath,
  dayOf,
  entryLine,
  LOG,
  marksOf,
  noteText,
  propertiesOf,
} from './text.ts'

type Context = CardContext<FilesConfig>

const TITLE_UNITS = 100

/** The path of a new note: folder, day, title, and the end of the id, which no other session has. */
const newPath = ({ session, config }: Context): string => {
  const title = `${dayOf(session.startedAt, config)} ${titleOf(session, TITLE_UNITS)}`
  const name = nameFrom(title, session.id.replaceAll('-', '').slice(-8))
  return `${config.folder === '' ? '' : `${config.folder}/`}${name}.md`
}

const patchOf = ({ session, event, config, card, url }: Context) => ({
  properties: propertiesOf(session, card),
  block: { ...marksOf(session.id), text: cardText(card, { session, event }, config, url) },
})

/** A line in the daily note, where it is wanted. */
const daily = (context: Context) => {
  const { event, config, card } = context
  if (!config.daily) return []
  const path = dailyPath(event.time, config)
  return [
    patchNote('addDailyLine', path, ({ key }) => {
      const line = dailyLine(event, card, newPath(context), markOf(key), config)
      return {
        create: `## ${config.dailyHeading}\n\n${line}\n`,
        entry: { heading: config.dailyHeading, line, mark: markOf(key) },
      }
    }),
  ]
}

const record = (context: CardContext<FilesConfig, 'decision'>) => {
  const { session, event, config } = context
  const { payload } = event as SessionEvent<'decision'>
  return config.adr === undefined
    ? []
    : [
        createRecord(
          config.adr,
          slugFrom(payload.content),
          `session_decision: ${JSON.stringify(payload.decisionId)}`,
          adrText(payload, event, session, config),
        ),
      ]
}

/** The hooks: a note whose properties and card are edited in place, with entries as lines of its log. */
export const hooks = cardHooks<FilesConfig>({
  create: context => {
    const { session, card, config } = context
    const patch = patchOf(context)
    return [
      createNote(newPath(context), { create: noteText(session, card, patch.block.text, config), ...patch }),
    ]
  },
  edit: context => [patchNote('editNote', undefined, () => patchOf(context))],
  links: 'card',
  entry: (entry, { event, config }) => [
    patchNote('addEntry', undefined, ({ key }) => ({
      entry: { heading: LOG, line: entryLine(entry, event.time, markOf(key), config), mark: markOf(key) },
    })),
  ],
  more: { start: daily, close: daily, decision: record },
})
