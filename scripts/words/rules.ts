/** A word or phrase that the project no longer uses, and what it writes instead. */
export type Rule = Readonly<{ name: string; pattern: RegExp; instead: string }>

/** Retired in comments, messages and documents. Every pattern is global; each match is one finding. */
export const RETIRED: readonly Rule[] = [
  { name: 'hole', pattern: /\bholes?\b/gi, instead: 'placeholder' },
  { name: 'rests', pattern: /\brests\b(?! on\b)/gi, instead: 'is paused' },
  { name: 'struck out', pattern: /\b(?:struck|strikes?|striking) (?:\w+ )?out\b/gi, instead: 'redact' },
  {
    name: 'handed over',
    pattern: /\b(?:handed|hands?|handing) (?:\w+ )?over\b/gi,
    instead: 'link, adopt, pass',
  },
  { name: 'handed in', pattern: /\b(?:handed|hands|handing) in\b/gi, instead: 'pass' },
  { name: 'given up', pattern: /\bgiven up\b/gi, instead: 'dead' },
  { name: 'believed', pattern: /\b(?:dis)?believe[sd]?\b/gi, instead: 'trust, confirm' },
  { name: 'anew', pattern: /\banew\b/gi, instead: 'again' },
  { name: 'told', pattern: /\btold\b/gi, instead: 'report' },
  { name: 'somebody', pattern: /\b(?:some|any|no)body\b/gi, instead: 'the caller, an operator, a person' },
  {
    name: 'is no',
    pattern: /(?<!\bthere )\b(?:is|are|was|were) (?:no|none)\b(?! (?:longer|more)\b)/gi,
    instead: 'is not a',
  },
  { name: 'not known', pattern: /\bnot known\b/gi, instead: 'unknown' },
  { name: 'is a text', pattern: /\b(?:is|give|be) a text\b/gi, instead: 'string' },
  { name: 'nought', pattern: /\bnought\b/gi, instead: 'zero' },
  { name: 'beside', pattern: /\bbeside\b/gi, instead: 'next to, in addition to, with' },
  { name: 'unseen', pattern: /\bunseen\b/gi, instead: 'unnoticed' },
  { name: 'mend', pattern: /\bmend(?:s|ed|ing)?\b/gi, instead: 'fix' },
  { name: 'revive', pattern: /\breviv(?:e|es|ed|ing)\b/gi, instead: 'retry' },
  {
    name: 'clause without a noun',
    // A sentence that begins with "What" or "Who" and is not a question.
    pattern: /(?:^|(?<=[.!?:] ))(?:What|Who|Whoever|Whatever)\b(?![^.!?]*\?)(?!['’]s new)/gm,
    instead: 'name the subject: the worker, the store, the adapter, the caller',
  },
]

/** Participles that do not end in "ed". */
const IRREGULAR =
  'told|shown|said|given|held|kept|known|made|done|sent|found|left|begun|taken|lost|gone|drawn|written|thrown|struck|hidden|bound|heard|seen|spent|meant|built|bought|brought|caught|chosen|driven|forgotten|fallen|grown|laid|led|lent|paid|proven|sold|spoken|stolen|sworn|taught|torn|understood|withheld|woken|worn|won|woven'
const PARTICIPLE = new RegExp(`^(?:${IRREGULAR}|[a-z]+ed)$`)
/** Verbs and nouns that only look like participles. */
const NOT_PARTICIPLES = new Set([
  'embed',
  'exceed',
  'feed',
  'need',
  'proceed',
  'seed',
  'shed',
  'speed',
  'succeed',
  'bed',
])

/** Whether a function's name begins with a participle, as `told` and `shownAs` do. */
export const isParticipleName = (name: string): boolean => {
  const first = /^[a-z]+/.exec(name)?.[0] ?? ''
  return PARTICIPLE.test(first) && !NOT_PARTICIPLES.has(first)
}
