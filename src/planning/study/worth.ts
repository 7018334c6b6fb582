// What a Mbit/s is worth for a month, where the asker says so: by the contracts of the plane at the prices of a price
// book that the asker hands in, else by the cheapest of some offers. Nobody else is asked: prices stand in no policy.

import { readFileSync } from 'node:fs'
import type { Text } from '../../model/network.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { MizaniError, usageError } from '../../runtime/errors.js'
import { unreadable } from '../../runtime/unreadable.js'
import * as z from '../../runtime/zod.js'
import { readOffers } from './offers.js'
import { MEGABIT } from './plan-report.js'

export interface Worth {
  /** Of one Mbit/s for a month. */
  readonly price: number
  readonly currency: string
  readonly from: Text
}

/** Hours of a month, of twelve that make a year. */
const MONTH_HOURS = 730.5

/** What some bit/s times hours are worth. */
export const worthOf = ({ price }: Worth, bitHours: number): number => (price * bitHours) / (MEGABIT * MONTH_HOURS)

/** As `mizani ledger prices` prints it; all else that it says is not read. */
const book = z.looseObject({
  tariffs: z.record(z.string(), z.looseObject({ currency: z.string(), monthly: z.string(), perMbps: z.string() })),
})
const priceFile = z.union([book, z.looseObject({ book }).transform((file) => file.book)])

export interface WorthFiles {
  readonly prices?: string
  readonly offers?: string
}

/** Null: nobody says. @throws MizaniError USAGE, FILE_UNREADABLE, OFFERS_INVALID */
export function readWorth({ prices, offers }: WorthFiles, document: PolicyDocument): Worth | null {
  if (prices !== undefined) return byContracts(prices, document)
  return offers === undefined ? null : byOffers(offers, document)
}

function byContracts(file: string, { contracts = {} }: PolicyDocument): Worth {
  let found: z.output<typeof book>
  try {
    found = priceFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (!(error instanceof z.ZodError) && !(error instanceof SyntaxError))
      throw new MizaniError({ code: 'FILE_UNREADABLE', message: unreadable(file, error), exitCode: 2 })
    throw usageError(`--prices ${file}: expected a price book`, '`mizani ledger prices` prints one.')
  }
  const priced = Object.entries(found.tariffs).flatMap(([id, { currency, monthly }]) => {
    const committed = (contracts[id]?.committed ?? 0) / MEGABIT
    return committed > 0 && Number(monthly) > 0 ? [{ currency, committed, monthly: Number(monthly) }] : []
  })
  const [first] = priced
  if (first === undefined)
    throw usageError(`--prices ${file}: no contract of the plane with a committed rate has a monthly price in it`)
  const other = priced.find(({ currency }) => currency !== first.currency)
  if (other !== undefined)
    throw usageError(`--prices ${file}: prices in ${first.currency} and ${other.currency}; expected one currency`)
  const sum = (of: (each: (typeof priced)[number]) => number): number => priced.reduce((all, each) => all + of(each), 0)
  return {
    ...{ price: sum((each) => each.monthly) / sum((each) => each.committed), currency: first.currency },
    from: {
      en: `the mean of ${priced.length} contracts for each committed Mbit/s a month`,
      sw: `wastani wa mikataba ${priced.length} kwa kila Mbit/s iliyoahidiwa kwa mwezi`,
    },
  }
}

/** Of upstreams, where some are offered: what lies within the plane costs another kind of money. */
function byOffers(file: string, document: PolicyDocument): Worth {
  const steps = readOffers(file, document).flatMap(({ id, link, fresh, steps, currency = '' }) =>
    steps.map(({ capacity, monthly }) => ({
      ...{ id, currency, kind: fresh?.kind ?? document.links[link]?.kind },
      price: monthly / (capacity.down / MEGABIT),
    })),
  )
  const priced = steps.filter(({ price }) => price > 0)
  const upstreams = priced.filter(({ kind }) => kind === 'upstream')
  const [first, ...others] = upstreams.length > 0 ? upstreams : priced
  if (first === undefined) throw usageError(`--offers ${file}: no offer has a monthly price`)
  const least = others.reduce((a, b) => (b.price < a.price ? b : a), first)
  return {
    ...{ price: least.price, currency: least.currency },
    from: {
      en: `the cheapest offer for each Mbit/s a month (${least.id})`,
      sw: `ofa nafuu zaidi kwa kila Mbit/s kwa mwezi (${least.id})`,
    },
  }
}
