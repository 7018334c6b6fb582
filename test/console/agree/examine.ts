// One situation, looked at whole: all answers of its tick, and a page of every kind in both languages, as the server
// writes them and, where a browser is there, as it shows them.

import type { Answers } from './answers.js'
import { readAnswers } from './answers.js'
import type { Book } from './book.js'
import { drawPage, type Instead, type Lang } from './drawn.js'
import { compareLanguages, comparePage, compareRates, ratesMade, ratesSaid } from './pages.js'
import { compareAnswers } from './rules.js'
import type { Situation } from './situations.js'

/** A mistake that is made on purpose: in an answer of the API, or in a page. */
export interface Plant {
  readonly what: string
  readonly answers?: Instead
  page?(path: string, html: string): string
}

/** The HTML of a page as a browser shows it. */
export type Look = (path: string, lang: Lang) => Promise<string>

const LANGS = ['en', 'sw'] as const

export async function examine(one: Situation, book: Book, plant?: Plant, look?: Look): Promise<void> {
  book.about = `seed ${one.seed} (${one.what.join(', ')})`
  const answers = await readAnswers(one.api, plant?.answers)
  compareAnswers(answers, book)
  const said = ratesSaid(answers)
  ratesSaid(ratesMade(answers), said)
  for (const path of pathsOf(one, answers)) {
    const [en, sw] = await Promise.all(
      LANGS.map(async (lang) => {
        const html =
          look === undefined ? (await drawPage(one.api, path, lang, plant?.answers)).html : await look(path, lang)
        return plant?.page === undefined || lang !== 'en' ? html : plant.page(path, html)
      }),
    )
    comparePage({ path, html: en! }, answers, book)
    compareRates({ path, html: en! }, said, book)
    compareLanguages(path, en!, sw!, book)
  }
}

/** A page of each kind; of institutions the one with two gateways and two more. */
function pathsOf({ seed }: Situation, { details, edges }: Answers): string[] {
  const flows = details.flatMap(({ id, flows: own }) => own.map((flow) => ({ id, ...flow })))
  const chosen = [
    flows.find(({ parts }) => parts.length > 1),
    ...[seed, 7 * seed + 3].map((n) => flows[n % flows.length]),
  ]
  const paths = chosen.flatMap((flow) =>
    flow === undefined ? [] : [`/institutions/${flow.id}?service=${flow.service}&direction=${flow.direction}`],
  )
  return [
    ...['/', '/wall', '/links', '/links/transit', '/links/trunk', '/edges', '/in-force'],
    ...['/institutions?service=internet&direction=down', '/institutions?service=govnet&direction=up'],
    `/edges/${edges[seed % edges.length]!.id}`,
    ...new Set(paths),
  ]
}
