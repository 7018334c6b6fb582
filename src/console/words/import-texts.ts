// What the page that takes a sheet says, step by step, and its sentences with figures.

import type { Lang } from '../page-data.js'
import type { Text } from './texts.js'

export const IMPORT = {
  title: ['Import a sheet', 'Ingiza jedwali'],
  how: [
    'A sheet (CSV) becomes one change: all of its rows, or none. Nothing is saved before.',
    'Jedwali (CSV) ni badiliko moja: safu zote au hakuna. Hakuna kinachohifadhiwa kabla.',
  ],
  kind: ['What the rows are', 'Safu ni za nini'],
  institutions: ['institutions', 'taasisi'],
  sites: ['sites', 'maeneo'],
  contracts: ['contracts', 'mikataba'],
  agreements: ['agreements', 'makubaliano'],
  file: ['Choose a sheet (CSV)', 'Chagua jedwali (CSV)'],
  paste: ['Or paste it here', 'Au libandike hapa'],
  read: ['Read it', 'Lisome'],
  again: ['Begin with another sheet', 'Anza na jedwali jingine'],
  empty: ['There is no row in it.', 'Halina safu yoyote.'],
  present: ['As they are now (CSV)', 'Kama zilivyo sasa (CSV)'],
  columns: ['What its columns mean', 'Maana ya safuwima'],
  header: ['Its header', 'Kichwa chake'],
  means: ['Means', 'Maana'],
  byItself: ['what it says; otherwise a label', 'kama kinavyosema; vinginevyo ni lebo'],
  leftOut: ['is not read', 'haisomwi'],
  first: ['First rows', 'Safu za kwanza'],
  wrong: ['Rows to be mended', 'Safu za kurekebisha'],
  line: ['Line', 'Mstari'],
  ofAll: ['Of the whole sheet', 'Za jedwali lote'],
  whoIsIt: ['Who is this?', 'Hii ni nani?'],
  itIs: ['It is', 'Ni'],
  aNewOne: ['A new one, with the id', 'Ni mpya, yenye kitambulisho'],
  take: ['That is it', 'Ndiyo hiyo'],
  forAll: ['For all rows where it is empty', 'Kwa safu zote zilizo wazi'],
  result: ['What it would change', 'Itakachobadilisha'],
  missing: ['There now, and not in the sheet', 'Zilizopo sasa, zisizo kwenye jedwali'],
  prune: ['These go', 'Hizi ziondolewe'],
  taken: ['Read as', 'Imesomwa kama'],
  label: ['label', 'lebo'],
  verdict: ['What becomes of it', 'Kitakachotokea'],
  new: ['new', 'mpya'],
  changed: ['changed', 'imebadilika'],
  same: ['same', 'ile ile'],
  closed: ['closed', 'imefungwa'],
  save: ['Save all rows', 'Hifadhi safu zote'],
  saved: ['All rows are in force.', 'Safu zote zimeanza kutumika.'],
  mayNot: ['Your account may not import sheets.', 'Akaunti yako haiwezi kuingiza majedwali.'],
} as const satisfies Record<string, Text>

interface Counts {
  readonly new: number
  readonly changed: number
  readonly same: number
  readonly closed: number
}

export function countsSaid(lang: Lang, counts: Counts): string {
  const { new: made, changed, same, closed } = counts
  return lang === 'en'
    ? `${made} new, ${changed} changed, ${closed} closed, ${same} as they are.`
    : `Mpya ${made}, zilizobadilika ${changed}, zilizofungwa ${closed}, zisizobadilika ${same}.`
}

export const wrongSaid = (lang: Lang, rows: number): string =>
  lang === 'en'
    ? `${rows} ${rows === 1 ? 'row cannot' : 'rows cannot'} be taken yet. Mend the cells; it is read again at once.`
    : `Safu ${rows} ${rows === 1 ? 'haijakubalika' : 'hazijakubalika'} bado. Rekebisha hapa; itasomwa tena mara moja.`

export const rowsSaid = (lang: Lang, rows: number): string =>
  lang === 'en' ? `${rows} ${rows === 1 ? 'row' : 'rows'} were read.` : `Safu ${rows} zimesomwa.`

/** A row that was taken, and that no gateway can enforce. UNTOLD is the one reason there is. */
export const warningSaid = (lang: Lang, line: number, site: string, _code: 'UNTOLD'): string =>
  lang === 'en'
    ? `${line}: site ${site} has neither a prefix nor a VLAN: no gateway can tell its traffic from others’ ` +
      '(only a RADIUS server, by the site’s id).'
    : `${line}: eneo ${site} halina anwani wala VLAN: hakuna lango linaloweza kutofautisha trafiki yake na ya ` +
      'wengine (seva ya RADIUS pekee, kwa kitambulisho cha eneo).'
